"""Faults against real processes, until a promise breaks: `make chaos`."""
