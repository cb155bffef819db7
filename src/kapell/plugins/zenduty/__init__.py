"""Alerts in Zenduty."""
