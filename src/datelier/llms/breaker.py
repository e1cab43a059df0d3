"""Circuit breakers: an endpoint that keeps failing is left alone for a while.

One per organization and model configuration in each process. After five failures within 30 s
nothing is sent for 30 s; then one call is let through to see, and two that succeed close it.
Only failures of the endpoint count: a refused key or a question that is too long says nothing
about whether the next call would fail.
"""

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final
from uuid import UUID

from datelier.kit.context import Resources
from datelier.kit.errors import DatelierError, Unavailable
from datelier.llms.config import ModelConfig
from datelier.llms.errors import (
    ModelBadAnswer,
    ModelFailed,
    ModelRateLimited,
    ModelTimeout,
    ModelUnreachable,
)

FAILURES: Final = 5
WITHIN_S: Final = 30.0
OPEN_S: Final = 30.0
SUCCESSES: Final = 2
_COUNTED = (ModelBadAnswer, ModelFailed, ModelRateLimited, ModelTimeout, ModelUnreachable)


class ModelResting(Unavailable):
    """The endpoint failed repeatedly a moment ago; nothing is sent to it for now."""

    code, title = "model_resting", "Model not asked"


class Breaker:
    """The state of one endpoint.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._open_until: float | None = None
        self._probing = False
        self._successes = 0

    def admit(self) -> float | None:
        """Let a call through, or return the seconds until one may try.

        Every admitted call must be followed by one of :meth:`succeeded`, :meth:`failed` and
        :meth:`dropped`.
        """
        if self._open_until is None:
            return None
        left = self._open_until - self._clock()
        if left > 0:
            return left
        if self._probing:
            return 1.0
        self._probing = True
        return None

    def succeeded(self) -> None:
        """Count a call that was answered."""
        self._probing = False
        if self._open_until is None:
            return
        self._successes += 1
        if self._successes >= SUCCESSES:
            self._open_until = None
            self._failures.clear()

    def failed(self) -> None:
        """Count a call that the endpoint did not answer."""
        at = self._clock()
        self._successes = 0
        self._failures.append(at)
        many = len(self._failures) == FAILURES and at - self._failures[0] <= WITHIN_S
        if self._probing or many:
            self._open_until = at + OPEN_S
        self._probing = False

    def dropped(self) -> None:
        """Forget a call that ended for another reason, such as Stop."""
        self._probing = False


class Breakers:
    """The breakers of one process.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._by_model: dict[tuple[UUID, UUID], Breaker] = {}

    def admit(self, config: ModelConfig) -> Breaker:
        """Return the breaker of a model, through which one call was let.

        Raises:
            ModelResting: The endpoint is left alone just now.
        """
        key = (config.org_id, config.id)
        breaker = self._by_model.get(key)
        if breaker is None:
            breaker = self._by_model[key] = Breaker(self._clock)
        wait = breaker.admit()
        if wait is not None:
            raise ModelResting(
                f"{config.name} failed {FAILURES} times within a short time and is not asked just now.",
                hint="Wait a moment and retry, or use another model.",
                service=config.provider,
                retry_after=max(1, round(wait)),
            )
        return breaker


def breakers(resources: Resources) -> Breakers:
    """Return the process's breakers, made on first use."""
    try:
        return resources.get(Breakers)
    except LookupError:
        made = Breakers()
        resources.register(Breakers, made)
        return made


def counts(error: DatelierError) -> bool:
    """Return whether an error says that the endpoint itself is in trouble."""
    return isinstance(error, _COUNTED)
