"""All functions, a module per family; importing this package registers them."""

from kapell.expr.functions import calendar, chance, context, crypto, outside, value

__all__ = ["calendar", "chance", "context", "crypto", "outside", "value"]
