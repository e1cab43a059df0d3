"""Datelier: a self-hosted agent studio for data teams."""

__version__ = "0.1.0"
