"""Kestra's REST API, and the JSON it speaks."""
