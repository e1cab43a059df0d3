"""How fast callers may ask: a runaway script is told to wait, and nobody else is."""

from dataclasses import replace

import pytest

from datelier.identity.errors import TooFast
from datelier.identity.rates import Rates
from datelier.kit.context import Actor, Context
from datelier.kit.ids import uuid7
from datelier.kit.settings import Settings


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def rates(clock: Clock) -> Rates:
    return Rates(Settings(rate_per_minute=60, costly_per_minute=6), clock)


def member(ctx: Context) -> Context:
    return replace(ctx, actor=Actor("user", uuid7(), "Ada"))


@pytest.mark.contract("X35")
async def test_a_member_who_asks_too_fast_waits_and_the_others_do_not(ctx: Context) -> None:
    clock = Clock()
    limits, ada, ben = rates(clock), member(ctx), member(ctx)
    for _ in range(20):
        limits.admit(ada)
    with pytest.raises(TooFast) as refused:
        limits.admit(ada)
    assert (refused.value.status, refused.value.retry_after) == (429, 1)
    limits.admit(ben)
    clock.at += 1
    limits.admit(ada)


async def test_many_members_of_one_organization_share_its_rate(ctx: Context) -> None:
    limits = rates(Clock())
    for _ in range(80):
        limits.admit(member(ctx))
    with pytest.raises(TooFast, match="organization"):
        limits.admit(member(ctx))
    limits.admit(replace(member(ctx), org_id=uuid7()))


async def test_a_costly_route_has_a_rate_of_its_own(ctx: Context) -> None:
    limits, ada = rates(Clock()), member(ctx)
    for _ in range(2):
        limits.admit(ada, "/models/test")
    with pytest.raises(TooFast) as refused:
        limits.admit(ada, "/models/test")
    assert refused.value.retry_after == 10
    limits.admit(ada, "/sources/test")
    limits.admit(ada)
