"""Alerts in PagerDuty."""
