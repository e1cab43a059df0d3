"""Requests that wait for a person, and the decisions people make."""
