"""Executors and workers over memory, under a seeded scheduler that delays, doubles, reorders, loses and kills."""
