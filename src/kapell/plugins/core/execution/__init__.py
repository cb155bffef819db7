"""Tasks about the execution they run in."""
