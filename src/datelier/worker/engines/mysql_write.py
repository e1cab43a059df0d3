"""Writes to MySQL and MariaDB: one prepared statement in one transaction.

No transaction of theirs can be found again once its session is gone. So how a COMMIT ended that
nobody saw the answer of is unknown, and a person is asked.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import orjson

from datelier.worker.engines.hosts import resolve
from datelier.worker.engines.mysql_connect import Sessions, connect, read_target
from datelier.worker.engines.mysql_errors import ServerError, failure
from datelier.worker.engines.mysql_stop import end, in_thread
from datelier.worker.engines.mysql_wire import Session
from datelier.worker.engines.writers import Ending, WriteLimits
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

_T = TypeVar("_T")
_IDLE_S: Final = 30  # a transaction that nobody goes on with ends by itself
_PATIENCE_S: Final = 15.0  # beyond the limit of time, which the server keeps itself
_PLAN_S: Final = 5.0
# What is cut, rounded or out of range is an error, and text is read as the guard reads it.
_SETTINGS: Final = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ZERO_DATE,NO_ZERO_IN_DATE', SESSION autocommit = 1, SESSION foreign_key_checks = 1,"
    " SESSION unique_checks = 1, SESSION character_set_client = utf8mb4,"
    " SESSION character_set_connection = utf8mb4, SESSION character_set_results = utf8mb4,"
    " SESSION time_zone = '+00:00', SESSION lock_wait_timeout = 5,"
    f" SESSION innodb_lock_wait_timeout = 5, SESSION wait_timeout = {_IDLE_S},"
    " SESSION group_concat_max_len = 1048576"
)
_LIMIT: Final = "SET SESSION max_statement_time = {seconds}"
_TARGET_SQL: Final = (
    "SELECT CAST(t.TABLE_TYPE AS CHAR), CAST(e.TRANSACTIONS AS CHAR)"
    " FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE"
    " WHERE t.TABLE_SCHEMA = ? AND t.TABLE_NAME = ?"
)
_OTHERS_SQL: Final = (
    "SELECT CAST(ID AS CHAR) FROM information_schema.PROCESSLIST"
    " WHERE ID <> CONNECTION_ID() AND DB = DATABASE()"
    " AND USER = SUBSTRING_INDEX(CURRENT_USER(), '@', 1)"
)
_TABLES: Final = frozenset({"BASE TABLE", "SYSTEM VERSIONED"})
# Answers to COMMIT after which the server has rolled back. Whatever else it answers says nothing:
# 1180 comes from a storage engine or the log, of which one may have committed and the other not.
_UNDONE: Final = frozenset(
    {
        1205,  # it waited too long for its turn: others keep everybody from committing
        1213,  # another node of the cluster was first
        1290,  # the server has become read-only
        1836,  # likewise, MySQL
        3101,  # MySQL's group of replicas refused it
    }
)


class MySqlWriter:
    """See `Writer`."""

    dialect: Dialect = "mysql"

    def __init__(self, source: Mapping[str, Any], sessions: Sessions) -> None:
        self._target = read_target(source)
        self._sessions = sessions
        self._session: Session | None = None
        self._open = False

    async def scope(self) -> Scope:
        return Scope(schemas=frozenset({self._target.database}))

    async def admit(self, target: str) -> None:
        found = await self._run(lambda s: s.query(_TARGET_SQL, self._target.database, target))
        if not found:
            return  # the server says so itself, by the rights of this account
        kind, transactions = found[0]
        if kind not in _TABLES:
            raise WorkerError(
                "sql_refused",
                f"{target} is no table: whether its changes could be undone is not known.",
                hint="Name the table behind it.",
            )
        if transactions != "YES":
            raise WorkerError(
                "sql_refused",
                f"{target} has no transactions: its changes could not be undone.",
                hint="Let its owner convert it with ALTER TABLE … ENGINE = InnoDB.",
            )

    async def estimate(self, sql: str) -> int | None:
        await self._limit(_PLAN_S)
        rows = await self._run(lambda s: s.query(f"EXPLAIN FORMAT=JSON {sql}"))
        return _planned(str(rows[0][0])) if rows else None

    async def execute(self, sql: str, limits: WriteLimits) -> int:
        await self._limit(limits.timeout_s)
        await self._run(lambda s: s.command("START TRANSACTION READ WRITE"))
        self._open = True
        return await self._run(lambda s: _changed(s, sql), limits.timeout_s + _PATIENCE_S)

    async def undo(self) -> None:
        await self._run(lambda s: s.command("ROLLBACK"))
        self._open = False

    async def mark(self) -> str | None:
        return None

    async def commit(self) -> None:
        await self._run(_commit, _PATIENCE_S)
        self._open = False

    async def ending(self, mark: str) -> Ending:
        del mark  # there is none
        others = await self._run(lambda s: s.query(_OTHERS_SQL))
        return "in_progress" if others else "unknown"

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None and self._open and not session.closed:
            # Were it only closed, the server would go on with the statement before it notices.
            await end(self._sessions, self._target, session)
        if session is not None:
            session.close()

    async def _limit(self, seconds: float) -> None:
        session = await self._opened()
        if session.is_mariadb:  # MySQL limits queries only: there the worker's own deadline counts
            await self._run(lambda s: s.command(_LIMIT.format(seconds=max(0.001, seconds))))

    async def _run(self, work: Callable[[Session], _T], seconds: float = _PATIENCE_S) -> _T:
        session = await self._opened()
        session.patience(seconds)
        try:
            return await in_thread(
                self._sessions, self._target, lambda: self._session, lambda: work(session)
            )
        except ServerError as error:
            raise failure(error) from None

    async def _opened(self) -> Session:
        if self._session is None:
            addresses = await resolve(self._target.host)
            self._session = await in_thread(
                self._sessions,
                self._target,
                lambda: None,
                lambda: connect(self._target, addresses),
            )
            await self._run(lambda s: s.command(_SETTINGS))
        return self._session


def _changed(session: Session, sql: str) -> int:
    """Run the statement as a prepared one: the server takes no second one along."""
    statement, described = session.prepare(sql)
    if described:
        raise WorkerError("sql_refused", "The statement returns rows.", hint="Leave RETURNING out.")
    session.execute(statement)
    return session.changed


def _commit(session: Session) -> None:
    try:
        session.command("COMMIT")
    except ServerError as error:
        if error.number not in _UNDONE:
            raise
        raise WorkerError(
            "not_written", f"The database refused to commit: {error.message}"
        ) from None


def _planned(plan: str) -> int | None:
    """How many rows the server expects to find; None where it reads the whole table.

    Then the number would be that of the table, whatever the condition says.
    """
    table: dict[str, Any] = orjson.loads(plan).get("query_block", {}).get("table") or {}
    rows = table.get("rows", table.get("rows_examined_per_scan"))
    scans = table.get("access_type") in {"ALL", "index"} and "attached_condition" in table
    return None if rows is None or scans else int(rows)
