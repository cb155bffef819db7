"""Triggers: what starts a flow, beside people and other flows' tasks."""
