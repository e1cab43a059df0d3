"""When a delivery that failed is tried again, and whose clock is read."""

import random
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Seconds before each attempt, as Standard Webhooks recommends; after the last it is given up.
DELAYS: Final = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
_JITTER: Final = 0.1


def next_delay(attempts: int, asked: float = 0, chance: float | None = None) -> float | None:
    """Return the seconds until the next attempt; None when there is none.

    Args:
        attempts: How many were made.
        asked: Seconds that the receiver asked for; never less than that.
        chance: From 0 to 1, spreads attempts that failed together; drawn when left out.
    """
    if attempts >= len(DELAYS):
        return None
    drawn = random.random() if chance is None else chance  # noqa: S311  # not a secret
    return max(DELAYS[attempts] * (1 + _JITTER * (2 * drawn - 1)), asked)


def zone_of(name: str | None) -> tzinfo:
    """Return a person's time zone; UTC without one.

    One that is not known here, as after a move to another machine, is taken for UTC, too.
    """
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
