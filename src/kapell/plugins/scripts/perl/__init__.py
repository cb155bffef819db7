"""Perl scripts and commands."""
