"""Connections of the run engine: raw psycopg, as the system role, outside SQLAlchemy.

Claims, events and checkpoints see every organization and are written many times a second; this
is the one pool they share. Each statement names the run and its epoch.
"""

from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from datelier.kit.db import IDLE_LIMIT, SYSTEM_ROLE, SafeConnection, was_closed

EngineConnection = psycopg.AsyncConnection[DictRow]
EnginePool = AsyncConnectionPool[EngineConnection]


async def as_system(connection: psycopg.AsyncConnection[Any]) -> None:
    """Take the role that sees every organization; no transaction of it may stay open for long."""
    await connection.execute(sql.SQL("set role {}").format(sql.Identifier(SYSTEM_ROLE)))
    await connection.execute(f"set idle_in_transaction_session_timeout = '{IDLE_LIMIT}'")


async def _check(connection: EngineConnection) -> None:
    if was_closed(connection):
        await connection.execute("")


async def _planned_once(connection: psycopg.AsyncConnection[Any]) -> None:
    await as_system(connection)
    await connection.execute("set plan_cache_mode = force_generic_plan")


def engine_pool(conninfo: str, size: int, *, name: str, planned_once: bool = False) -> EnginePool:
    """Return a closed pool of autocommit connections; open it with ``await pool.open()``.

    Args:
        conninfo: libpq URL.
        size: Most connections.
        name: For people who read logs.
        planned_once: Plan each prepared statement once, whatever its values: for statements
            that find single rows by their keys.
    """
    return AsyncConnectionPool(
        conninfo,
        connection_class=SafeConnection[DictRow],
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
        configure=_planned_once if planned_once else as_system,
        check=_check,
        min_size=min(2, size),
        max_size=size,
        open=False,
        name=name,
    )
