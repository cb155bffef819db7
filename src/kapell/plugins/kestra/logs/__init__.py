"""Logs of executions."""
