"""Writing to the execution log."""
