"""The dates of a schedule, for whoever writes one and wants to see what it means."""

from kapell.services.scheduler.dates import next_dates

__all__ = ["next_dates"]
