"""Frozen values: what a flow, an execution, an event is. Nothing here opens anything or reads a clock."""
