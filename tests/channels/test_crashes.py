"""Processes die between the opening of a request and the receiver's answer; nothing is lost."""

import signal
from pathlib import Path

import pytest

from tests.channels.conftest import Town
from tests.runs.processes import processes, until

# Where the process dies -> how often the receiver hears of it, always under one id.
POINTS = {"spread.before_commit": 1, "delivery.held": 1, "delivery.sent": 2}
LEASE = 3


@pytest.mark.contract("S71")
@pytest.mark.parametrize("point", POINTS)
async def test_a_notice_arrives_after_a_restart_wherever_a_process_died(
    town: Town, tmp_path: Path, point: str
) -> None:
    await town.add_hook(town.dana)
    await town.ask()  # nobody delivers yet: the process that opened it has died as well
    url = town.resources.db.url.set(drivername="postgresql").render_as_string(hide_password=False)
    place = (url, town.hook.port, LEASE)
    (tmp_path / point).touch()
    with processes() as start:
        first = start("tests.channels.beside", *place, DATELIER_FAIL_POINTS=str(tmp_path))
        await first.ready()
        assert await first.ended() == -signal.SIGKILL, first.errors()
        second = start("tests.channels.beside", *place)
        await second.ready()

        async def delivered() -> bool:
            return [row.status for row in await town.deliveries()] == ["delivered"]

        await until(delivered, "the notice is delivered", 60)
    assert len(town.hook.seen) == POINTS[point]
    assert len({got.headers["webhook-id"] for got in town.hook.seen}) == 1
    assert len({got.body for got in town.hook.seen}) == 1
