"""Notifications by Twilio."""
