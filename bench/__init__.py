"""What kapell costs, measured beside what this very machine can do."""
