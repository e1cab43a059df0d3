"""Agents: who answers, and how it was told to work."""
