"""Regular expressions as flows write them, in Java's syntax."""

from kapell.expr.regexp import pattern as java_pattern

MATCH_SECONDS = 1.0
"""What one text may take to match: given as `timeout`, it ends a pattern that backtracks with a TimeoutError."""

__all__ = ["MATCH_SECONDS", "java_pattern"]
