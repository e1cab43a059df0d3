"""The schema's history, and how a process brings a database up to date."""

from datelier.migrations.upgrade import current_revision, upgrade

__all__ = ["current_revision", "upgrade"]
