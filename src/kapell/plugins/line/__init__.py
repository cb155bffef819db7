"""Messages to LINE."""
