"""Executions: finding, counting, resuming, killing, deleting them."""
