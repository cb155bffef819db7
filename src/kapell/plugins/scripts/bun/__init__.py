"""Bun scripts and commands."""
