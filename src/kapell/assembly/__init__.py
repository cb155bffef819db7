"""Where adapters and roles are put together: the only code that names concrete ones."""
