"""Messages to Slack through incoming webhooks."""
