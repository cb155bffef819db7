"""Files that belong to a namespace."""
