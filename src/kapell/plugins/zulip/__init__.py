"""Messages to Zulip."""
