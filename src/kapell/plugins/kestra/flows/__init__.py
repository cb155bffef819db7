"""Flows: listing them, and packing their texts."""
