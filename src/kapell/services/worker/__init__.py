"""The working side: claims attempts, runs them in threads, tells how they ended."""
