"""Times as they stand in parts."""

from datetime import datetime


def stamp(value: datetime) -> str:
    """Return ISO 8601 in UTC with milliseconds, such as ``2026-11-20T14:02:01.000Z``."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
