"""Regular expressions as flows write them, in Java's syntax."""

from kapell.expr.regexp import pattern as java_pattern

__all__ = ["java_pattern"]
