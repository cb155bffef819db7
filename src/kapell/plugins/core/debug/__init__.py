"""Tasks that help to find out what a flow does."""
