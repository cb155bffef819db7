"""What the server itself holds: executions and logs."""
