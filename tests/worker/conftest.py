"""Fixtures of the worker's tests: a PostgreSQL source with data, a reader's role and traps."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from datelier.wire.columnar import to_columnar_json
from datelier.worker.engines.base import Engine, Limits, Outcome
from tests.support.postgres import ScratchPostgres, running_postgres

_E = TypeVar("_E", bound=Engine)
ORDERS = """
CREATE TABLE orders AS
SELECT i AS id, (ARRAY['north', 'south', 'east'])[1 + i % 3] AS region,
  (ARRAY['paid', 'open'])[1 + i % 2] AS status, (i * 7.25)::numeric(10, 2) AS total,
  timestamptz '2026-01-01 08:00:00+00' + i * interval '1 day 5 hours' AS placed,
  CASE WHEN i % 5 > 0 THEN 'note ' || i END AS note,
  jsonb_build_object('channel', 'web', 'n', i, 'tags', jsonb_build_array('a', i)) AS extra
FROM generate_series(1, 40) i
"""


@pytest.fixture(scope="session")
def scratch_postgres() -> Iterator[ScratchPostgres]:
    """A server with `orders`, `t`, a secret table, a trap of each kind, and the role `reader`."""
    with running_postgres() as server:
        server.run(
            ORDERS,
            "ALTER TABLE orders ADD PRIMARY KEY (id)",
            "COMMENT ON TABLE orders IS 'What was sold'",
            "CREATE TABLE t (id int)",
            "INSERT INTO t VALUES (1), (2), (3)",
            "CREATE TABLE secret (word text)",
            "INSERT INTO secret VALUES ('hidden')",
            "CREATE SEQUENCE s",
            "CREATE FUNCTION sneaky(t) RETURNS text LANGUAGE sql SECURITY DEFINER"
            " AS 'SELECT word FROM secret'",
            "CREATE FUNCTION evil_secdef() RETURNS int LANGUAGE sql SECURITY DEFINER"
            " AS 'INSERT INTO t VALUES (66) RETURNING id'",
            "CREATE ROLE reader LOGIN",
            "GRANT SELECT ON orders, t TO reader",
            "CREATE ROLE good LOGIN",
            "GRANT SELECT ON orders TO good",
            "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC",
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO reader",
            "ANALYZE",
        )
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
