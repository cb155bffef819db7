"""Conditions that a trigger is held to; `when` with an expression does the same."""
