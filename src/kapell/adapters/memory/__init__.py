"""Stores that live as long as their process: for `kapell run`, tests and the simulation."""
