"""The connection test: each step, each way it fails, and roles that may do more than read."""

from typing import Any

import pytest

from datelier.worker.engines.base import Engine, Probe
from datelier.worker.engines.opening import Engines
from datelier.worker.errors import WorkerError
from tests.engines.subjects import Subject
from tests.worker.conftest import opened


async def probed(engines: Engines, source: dict[str, Any]) -> Probe:
    engine = engines.engine(source)
    try:
        return await engine.probe()
    finally:
        await engine.close()


def failed(probe: Probe) -> list[str]:
    return [step.name for step in probe.steps if step.ok is False]


async def test_a_role_that_can_only_read_is_good(engines: Engines, subject: Subject) -> None:
    probe = await probed(engines, subject.good)
    assert probe.ok
    assert probe.weak_role is None
    assert next(step.ok for step in probe.steps if step.name == "read_only") is True


async def test_a_role_that_can_do_more_is_said_with_the_sql_that_makes_a_good_one(
    engines: Engines, subject: Subject
) -> None:
    assert bool(subject.weak) != ("roles" in subject.lacks)
    for source, word in subject.weak:
        probe = await probed(engines, source)
        assert probe.ok
        assert probe.weak_role is not None
        assert any(word in reason for reason in _reasons(probe)), (word, _reasons(probe))
        assert "GRANT" in str(probe.weak_role["fix_sql"])


def _reasons(probe: Probe) -> list[str]:
    found: Any = (probe.weak_role or {}).get("reasons")
    return [str(reason) for reason in found or ()]


async def test_every_way_a_connection_fails_names_its_step_and_helps(
    engines: Engines, subject: Subject
) -> None:
    if "sign in" in subject.lacks:
        assert failed(
            await probed(engines, subject.source | {"folder": "/nowhere", "path": "/nowhere"})
        ) == ["resolve"]
        return
    for wrong, steps in (
        ({"host": "no-such-host.invalid"}, ["resolve"]),
        ({"port": 1}, ["connect"]),
        ({"user": "nobody_like_this"}, ["sign_in"]),
        ({"database": "no_such_database"}, ["sign_in"]),
    ):
        probe = await probed(engines, subject.source | wrong)
        assert failed(probe) == steps, wrong
        step = next(step for step in probe.steps if step.ok is False)
        assert step.detail


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "/var/run/mysqld"},
        {"host": "a,b"},
        {"host": "169.254.169.254"},
        {"host": "-x"},
        {"port": 0},
        {"read_default_file": "/etc/passwd"},
        {"unix_socket": "/tmp/s"},
        {"local_infile": True},
        {"init_command": "DROP TABLE t"},
        {"ssl_ca": "/etc/passwd"},
        {"options": "-c x=y"},
        {"service": "x"},
    ],
)
async def test_only_known_settings_reach_the_driver(
    engines: Engines, subject: Subject, wrong: dict[str, Any]
) -> None:
    if "sign in" in subject.lacks:
        return
    with pytest.raises(WorkerError) as refused:
        async with opened(engines.engine(subject.source | wrong)):
            pass
    assert refused.value.code == "unreachable"


async def test_the_engine_in_use_after_the_test_is_the_session_it_opened(
    engine: Engine, subject: Subject
) -> None:
    assert (await engine.probe()).ok
    assert await engine.catalog("orders")
