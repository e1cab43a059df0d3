"""Token buckets: bursts, refilling, and who is told to wait."""

import pytest

from datelier.kit.rate import Buckets, Rate


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.mark.contract("X35")
def test_a_burst_passes_and_the_next_request_is_told_how_long_to_wait() -> None:
    clock = Clock()
    buckets = Buckets(clock)
    rate = Rate(per_minute=60, burst=3)
    assert [buckets.take("ada", rate) for _ in range(3)] == [0, 0, 0]
    assert buckets.take("ada", rate) == pytest.approx(1.0)
    clock.at = 0.75
    assert buckets.take("ada", rate) == pytest.approx(0.25)
    clock.at = 1.0
    assert buckets.take("ada", rate) == 0
    assert buckets.take("ada", rate) > 0


def test_one_callers_burst_leaves_the_others_alone() -> None:
    buckets = Buckets(Clock())
    rate = Rate(per_minute=60, burst=1)
    assert buckets.take("ada", rate) == 0
    assert buckets.take("ada", rate) > 0
    assert buckets.take("ben", rate) == 0


def test_a_pause_fills_the_bucket_to_its_burst_and_no_further() -> None:
    clock = Clock()
    buckets = Buckets(clock)
    rate = Rate(per_minute=60, burst=2)
    clock.at = 3600
    assert [buckets.take("ada", rate) for _ in range(2)] == [0, 0]
    clock.at = 7200
    assert [buckets.take("ada", rate) for _ in range(2)] == [0, 0]
    assert buckets.take("ada", rate) > 0
