"""PowerShell scripts and commands."""
