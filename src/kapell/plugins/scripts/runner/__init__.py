"""Where the commands of scripts run."""
