"""The outside, as ports promise it: stores in memory and in SQLite, files on a disk."""
