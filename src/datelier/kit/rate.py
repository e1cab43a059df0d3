"""Token buckets: how often somebody may do something, with room for bursts."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Final

_KEPT: Final = 100_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_minute` on average, and `burst` at once."""

    per_minute: float
    burst: float


class Buckets:
    """The buckets of one process, each full at first.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable, rate: Rate) -> float:
        """Take one token from a bucket.

        Returns:
            0 when there was one, else the seconds until there is; nothing is taken then.
        """
        at = self._clock()
        level, since = self._levels.pop(key, (rate.burst, at))
        speed = rate.per_minute / 60
        level = min(rate.burst, level + (at - since) * speed)
        wait = 0.0 if level >= 1 else (1 - level) / speed
        self._levels[key] = (level if wait else level - 1, at)
        while len(self._levels) > _KEPT:
            # The bucket untouched for longest is full again, or as good as.
            self._levels.popitem(last=False)
        return wait
