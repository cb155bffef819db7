"""The store of one machine: a SQLite file, one writer thread that commits whatever waits together."""
