"""Values to hand on."""
