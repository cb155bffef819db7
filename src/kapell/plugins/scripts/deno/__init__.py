"""Deno scripts and commands."""
