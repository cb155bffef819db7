"""Values kept by namespace and key."""
