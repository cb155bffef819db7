"""Python scripts and commands."""
