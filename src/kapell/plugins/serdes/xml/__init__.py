"""XML files."""
