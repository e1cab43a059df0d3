"""Queries, their versions and immutable results, and the tools that make them."""
