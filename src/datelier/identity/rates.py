"""How fast callers may ask: per member, per organization, and per member and costly route."""

import math
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Final

from datelier.identity.errors import TooFast
from datelier.kit.context import Context
from datelier.kit.rate import Buckets, Rate
from datelier.kit.settings import Settings

_ORGANIZATION: Final = 4  # times what one member may


class Rates:
    """The token buckets of one process, which keep a runaway script from starving the others.

    Args:
        settings: The rates.
        clock: Seconds that only grow.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = monotonic) -> None:
        self._buckets = Buckets(clock)
        self._member = _rate(settings.rate_per_minute)
        self._organization = _rate(settings.rate_per_minute * _ORGANIZATION)
        self._costly = _rate(settings.costly_per_minute)

    def admit(self, ctx: Context, costly: str | None = None) -> None:
        """Count one request.

        Args:
            ctx: Who asks.
            costly: Path of the route, where it has a rate of its own.

        Raises:
            TooFast: One of the rates is used up; carries the seconds to wait.
        """
        who = (ctx.org_id, ctx.actor.kind, ctx.actor.id)
        self._take("This account", who, self._member)
        self._take("Your organization", ctx.org_id, self._organization)
        if costly is not None:
            self._take("This account", (*who, costly), self._costly)

    def _take(self, whose: str, key: Hashable, rate: Rate) -> None:
        wait = self._buckets.take(key, rate)
        if wait:
            raise TooFast(whose, math.ceil(wait))


def _rate(per_minute: int) -> Rate:
    return Rate(per_minute, max(1, per_minute / 3))
