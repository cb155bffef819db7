"""PHP scripts and commands."""
