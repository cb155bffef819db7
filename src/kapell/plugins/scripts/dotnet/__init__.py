""".NET scripts and commands."""
