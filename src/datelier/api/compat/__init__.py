"""Doors for clients of earlier systems: their paths and shapes, our verbs."""
