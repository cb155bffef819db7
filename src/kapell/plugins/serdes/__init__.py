"""Files of other formats from and to tables of Ion."""
