"""Julia scripts and commands."""
