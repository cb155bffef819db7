"""Messages to Google Chat."""
