"""The loops: what waits for something outside, does it, and tells the engine. They know ports, never adapters."""
