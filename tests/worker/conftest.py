"""Fixtures of the worker's tests: a PostgreSQL source with data, a reader's role and traps."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from datelier.wire.columnar import to_columnar_json
from datelier.worker.engines.base import Engine, Limits, Outcome
from tests.support.postgres import ScratchPostgres, running_postgres
from tests.support.postgres_source import SOURCE_SQL

_E = TypeVar("_E", bound=Engine)


@pytest.fixture(scope="session")
def scratch_postgres() -> Iterator[ScratchPostgres]:
    """A server with `orders`, `t`, a secret table, a trap of each kind, and the role `reader`."""
    with running_postgres() as server:
        server.run(*SOURCE_SQL)
        yield server


@asynccontextmanager
async def opened(engine: _E) -> AsyncGenerator[_E]:
    try:
        await engine.open()
        yield engine
    finally:
        await engine.close()


async def collect(
    engine: Engine, sql: str, limits: Limits | None = None
) -> tuple[list[list[Any]], Outcome]:
    """Run a statement without the guard; rows as lists and what became known."""
    outcome = Outcome()
    rows: list[list[Any]] = []
    async for batch in engine.stream(sql, limits or Limits(), outcome):
        rows += [list(row) for row in zip(*to_columnar_json(batch), strict=True)]
    return rows, outcome
