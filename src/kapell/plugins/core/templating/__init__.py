"""Tasks that are themselves the result of an expression."""
