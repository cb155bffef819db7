"""SQL databases: one implementation, a driver for each."""
