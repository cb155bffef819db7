"""All filters, a module per family; importing this package registers them."""

from kapell.expr.filters import collection, data, date, number, text

__all__ = ["collection", "data", "date", "number", "text"]
