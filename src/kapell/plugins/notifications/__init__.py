"""What the tasks that tell people and services something have in common."""
