"""Alerts in Opsgenie."""
