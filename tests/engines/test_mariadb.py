"""What only MySQL and MariaDB have: their types, their sessions, their users, their names."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from datelier.worker.engines.base import Limits
from datelier.worker.engines.mysql import MySqlEngine
from datelier.worker.engines.mysql_connect import Sessions
from datelier.worker.errors import WorkerError
from datelier.worker.guard import check
from tests.engines.maria_subject import MariaSubject
from tests.worker.conftest import collect, opened
from tests.worker.corpus import lines
from tests.worker.corpus_mysql import MYSQL_ANALYTICS, MYSQL_ATTACKS


@pytest.fixture
async def sessions() -> AsyncIterator[Sessions]:
    kept = Sessions()
    yield kept
    await kept.close()


def engine_of(maria: MariaSubject, sessions: Sessions, **more: Any) -> MySqlEngine:
    return MySqlEngine(maria.source | more, sessions)


@pytest.mark.parametrize("sql", lines(MYSQL_ANALYTICS))
async def test_analytics_through_the_guard_equals_the_original(
    maria: MariaSubject, sessions: Sessions, sql: str
) -> None:
    async with opened(engine_of(maria, sessions)) as engine:
        rendered = check(sql, "mysql", await engine.scope())
        assert (await collect(engine, rendered))[0] == (await collect(engine, sql))[0]


async def test_with_the_guard_bypassed_the_other_walls_keep_the_database_unchanged(
    maria: MariaSubject, sessions: Sessions
) -> None:
    before = maria.digest()
    for sql in lines(MYSQL_ATTACKS):
        engine = engine_of(maria, sessions)
        with contextlib.suppress(WorkerError):
            await collect(engine, sql, Limits(rows=50, timeout_s=0.3))
        await engine.close()
    assert maria.digest() == before
