"""Files of internal storage."""
