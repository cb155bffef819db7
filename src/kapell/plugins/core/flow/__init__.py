"""Flowable tasks: they order other tasks."""
