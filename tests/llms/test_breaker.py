"""Circuit breakers: when an endpoint is left alone, and when it is asked again."""

import pytest

from datelier.kit.clock import now
from datelier.kit.ids import uuid7
from datelier.llms.breaker import (
    FAILURES,
    OPEN_S,
    SUCCESSES,
    WITHIN_S,
    Breakers,
    ModelResting,
    counts,
)
from datelier.llms.config import ModelConfig
from datelier.llms.errors import ContextTooLong, ModelFailed, ModelKeyRefused, ModelTimeout


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def a_model() -> ModelConfig:
    return ModelConfig(
        id=uuid7(), org_id=uuid7(), number=1, name="Model", provider="generic", model_name="m",
        endpoint_url=None, sealed_key=None, price_input=None, price_output=None,
        context_window=None, parameters={}, updated_at=now(),
    )  # fmt: skip


def fail(breakers: Breakers, model: ModelConfig, times: int) -> None:
    for _ in range(times):
        breakers.admit(model).failed()


@pytest.mark.contract("C89", "S46")
def test_five_failures_open_it_and_a_caller_is_told_how_long_to_wait() -> None:
    breakers, model = Breakers(Clock()), a_model()
    fail(breakers, model, FAILURES - 1)
    breakers.admit(model).failed()
    with pytest.raises(ModelResting) as refused:
        breakers.admit(model)
    assert refused.value.retry_after == OPEN_S
    assert refused.value.status == 503


def test_failures_far_apart_do_not_open_it() -> None:
    clock = Clock()
    breakers, model = Breakers(clock), a_model()
    for _ in range(FAILURES * 3):
        breakers.admit(model).failed()
        clock.at += WITHIN_S / (FAILURES - 2)
    breakers.admit(model)


def test_after_the_rest_one_call_probes_and_two_that_succeed_close_it() -> None:
    clock = Clock()
    breakers, model = Breakers(clock), a_model()
    fail(breakers, model, FAILURES)
    clock.at += OPEN_S
    probe = breakers.admit(model)
    with pytest.raises(ModelResting):
        breakers.admit(model)
    probe.succeeded()
    for _ in range(SUCCESSES - 1):
        breakers.admit(model).succeeded()
    for _ in range(FAILURES - 1):
        breakers.admit(model).failed()
    breakers.admit(model)


def test_one_call_that_succeeds_does_not_close_it_yet() -> None:
    clock = Clock()
    breakers, model = Breakers(clock), a_model()
    fail(breakers, model, FAILURES)
    clock.at += max(OPEN_S, WITHIN_S) + 1
    breakers.admit(model).succeeded()
    breakers.admit(model).failed()  # alone it would open nothing
    with pytest.raises(ModelResting):
        breakers.admit(model)


def test_a_probe_that_fails_opens_it_again() -> None:
    clock = Clock()
    breakers, model = Breakers(clock), a_model()
    fail(breakers, model, FAILURES)
    clock.at += OPEN_S
    breakers.admit(model).failed()
    with pytest.raises(ModelResting):
        breakers.admit(model)


def test_a_probe_that_was_stopped_lets_the_next_one_try() -> None:
    clock = Clock()
    breakers, model = Breakers(clock), a_model()
    fail(breakers, model, FAILURES)
    clock.at += OPEN_S
    breakers.admit(model).dropped()
    breakers.admit(model)


def test_one_organizations_failing_endpoint_rests_for_it_alone() -> None:
    breakers = Breakers(Clock())
    fail(breakers, a_model(), FAILURES)
    breakers.admit(a_model())


@pytest.mark.parametrize(
    ("error", "counted"),
    [(ModelFailed, True), (ModelTimeout, True), (ModelKeyRefused, False), (ContextTooLong, False)],
)
def test_only_trouble_of_the_endpoint_counts(error: type[ModelFailed], counted: bool) -> None:
    assert counts(error("It failed.")) is counted
