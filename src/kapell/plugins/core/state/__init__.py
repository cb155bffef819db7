"""States kept from one execution to the next; the key-value store has taken their place."""
