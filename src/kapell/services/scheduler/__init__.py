"""What fires without being asked: schedules."""
