"""Events in Sentry."""
