"""Writes to SQLite and MariaDB at the worker: planned, made, undone, and never by the read path."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from datelier.worker.actions import Action, perform
from datelier.worker.engines.opening import Engines
from datelier.worker.errors import WorkerError
from datelier.worker.writing import perform_write
from tests.support.mariadb import ScratchMariaDB, running_mariadb

SHOP = (
    (
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, status VARCHAR(10) NOT NULL, total INTEGER,"
        " CHECK (total >= 0))"
    ),
    (
        "CREATE TABLE parts (id INTEGER PRIMARY KEY, order_id INTEGER,"
        " FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE)"
    ),
    "CREATE TABLE log (what VARCHAR(40))",
    "CREATE VIEW open_orders AS SELECT * FROM orders WHERE status = 'open'",
    "INSERT INTO orders VALUES "
    + ", ".join(f"({number}, 'open', {number * 3})" for number in range(1, 41)),
    "INSERT INTO parts VALUES (1, 1), (2, 2)",
)
CLOSE = "UPDATE orders SET status = 'closed' WHERE id <= 3"


@dataclass
class Shop:
    """A database of one engine, and what a worker is told of its write-enabled connection."""

    dialect: str
    source: dict[str, Any]
    rows: Callable[[str], list[tuple[Any, ...]]]
    run: Callable[..., None]
    engines: Engines
    reader: dict[str, Any] = field(default_factory=dict[str, Any])
    batches: list[int] = field(default_factory=list[int])

    async def act(self, kind: str, sql: str = "", **more: Any) -> dict[str, Any]:
        """Perform one action, each of whose commits is confirmed."""
        return await self.unconfirmed(kind, sql, _at_once, **more)

    async def unconfirmed(
        self, kind: str, sql: str, confirmed: Callable[[], Awaitable[None]], **more: Any
    ) -> dict[str, Any]:
        async def emit(_data: bytes, rows: int) -> None:
            self.batches.append(rows)

        action = Action(kind, self.source, {"sql": sql, **more}, timeout_s=20)
        return await perform_write(action, self.engines, emit, confirmed)

    async def code(self, kind: str, sql: str, **more: Any) -> str:
        with pytest.raises(WorkerError) as failed:
            await self.act(kind, sql, **more)
        return failed.value.code

    def closed(self) -> int:
        return self.rows("SELECT count(*) FROM orders WHERE status = 'closed'")[0][0]


async def _at_once() -> None:
    return


@pytest.fixture(scope="module")
def maria() -> Generator[ScratchMariaDB]:
    with running_mariadb() as server:
        server.run(
            "CREATE USER writer IDENTIFIED BY 'pass-w0rd'",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON app.* TO writer",
            "CREATE USER reader IDENTIFIED BY 'pass-w0rd'",
            "GRANT SELECT ON app.* TO reader",
        )
        yield server


@contextmanager
def _sqlite_shop(folder: Path) -> Generator[Shop]:
    path = folder / "shop.db"

    def run(*statements: str) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def rows(sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(sql).fetchall()

    run(*SHOP)
    source = {"engine": "sqlite", "path": "shop.db"}
    engines = Engines(str(folder))
    yield Shop("sqlite", {**source, "access": "write"}, rows, run, engines, source)


@contextmanager
def _maria_shop(server: ScratchMariaDB, folder: Path) -> Generator[Shop]:
    server.run("DROP DATABASE app", "CREATE DATABASE app")
    server.run(*SHOP, "CREATE TABLE old (id INT) ENGINE = MyISAM")
    source = server.source("writer", "pass-w0rd", access="write")
    reader = server.source("reader", "pass-w0rd")
    yield Shop("mysql", source, server.rows, server.run, Engines(str(folder)), reader)


@pytest.fixture(params=["sqlite", "mysql"])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Shop]:
    made = (
        _sqlite_shop(tmp_path)
        if request.param == "sqlite"
        else _maria_shop(request.getfixturevalue("maria"), tmp_path)
    )
    with made as found:
        yield found
        await found.engines.close()


async def test_a_plan_says_what_would_change_and_changes_nothing(shop: Shop) -> None:
    plan = await shop.act("plan_write", CLOSE)
    assert (plan["verb"], plan["table"], plan["sql"]) == ("UPDATE", "orders", CLOSE)
    assert (plan["changed"], plan["everything"], plan["problem"]) == (("status",), False, None)
    assert plan["estimated_rows"] == (3 if shop.dialect == "mysql" else None)
    scanned = await shop.act("plan_write", "DELETE FROM orders WHERE status = 'shut'")
    assert scanned["estimated_rows"] is None  # the table's number of rows would mislead
    rehearsed = await shop.act("plan_write", CLOSE, rehearse=True)
    assert rehearsed["rehearsed_rows"] == 3
    unknown = await shop.act("plan_write", "UPDATE orders SET nothing = 1 WHERE id = 1")
    assert "nothing" in unknown["problem"]
    twice = "INSERT INTO orders (id, status) VALUES (1, 'open')"
    assert (await shop.act("plan_write", twice))["problem"] is None
    assert (await shop.act("plan_write", twice, rehearse=True))["problem"] is not None
    assert shop.closed() == 0


async def test_a_confirmed_write_is_made_and_one_that_nobody_confirms_is_undone(shop: Shop) -> None:
    made = await shop.act("write", CLOSE)
    assert (made["rows"], made["sql"]) == (3, CLOSE)
    assert shop.closed() == 3

    async def nobody() -> None:
        raise TimeoutError

    with pytest.raises(WorkerError) as undone:
        await shop.unconfirmed("write", "DELETE FROM orders WHERE id > 3", nobody)
    assert undone.value.code == "not_written"
    assert shop.rows("SELECT count(*) FROM orders") == [(40,)]


async def test_more_rows_than_allowed_are_undone(shop: Shop) -> None:
    all_of_them = "UPDATE orders SET status = 'closed' WHERE id > 5"
    assert await shop.code("write", all_of_them, max_rows=20) == "limit_exceeded"
    assert (shop.closed(), shop.batches) == (0, [])


async def test_rows_that_belong_to_others_go_with_them_and_a_failed_check_changes_nothing(
    shop: Shop,
) -> None:
    assert (await shop.act("write", "DELETE FROM orders WHERE id = 1"))["rows"] == 1
    assert shop.rows("SELECT id FROM parts") == [(2,)]
    assert await shop.code("write", "UPDATE orders SET total = total - 100 WHERE id < 9")
    assert shop.rows("SELECT min(total) FROM orders") == [(6,)]


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE orders",
        "DELETE FROM orders; DELETE FROM orders",
        "UPDATE open_orders SET status = 'closed'",
        "INSERT INTO nowhere VALUES (1)",
        "SELECT 1",
    ],
)
async def test_what_is_not_one_allowed_write_never_reaches_the_data(shop: Shop, sql: str) -> None:
    for kind in ("plan_write", "write"):
        if (shop.dialect, sql) == ("mysql", "INSERT INTO nowhere VALUES (1)"):
            continue  # MariaDB itself says that there is none
        assert await shop.code(kind, sql) == "sql_refused"
    assert (shop.rows("SELECT count(*) FROM orders"), shop.closed()) == ([(40,)], 0)


async def test_the_read_path_cannot_write_and_does_not_take_the_connection_that_can(
    shop: Shop,
) -> None:
    with pytest.raises(WorkerError, match="not for reading"):
        shop.engines.engine(shop.source)
    with pytest.raises(WorkerError, match="no write-enabled connection"):
        shop.engines.writer(shop.reader)
    engine = shop.engines.engine(shop.reader)
    await engine.open()
    session: Any = getattr(engine, "_session", None)
    try:
        if shop.dialect == "sqlite":
            with pytest.raises(WorkerError):
                session.own(CLOSE)
        else:
            with pytest.raises(WorkerError):
                await engine.query(CLOSE)  # pyright: ignore[reportAttributeAccessIssue]  # MySQL's
    finally:
        await engine.close()

    async def emit(_data: bytes, _rows: int) -> None:
        return

    with pytest.raises(WorkerError) as refused:
        await perform(Action("execute", shop.reader, {"sql": CLOSE}), shop.engines, emit)
    assert (refused.value.code, shop.closed()) == ("sql_refused", 0)


async def test_a_write_that_is_cancelled_lets_go_and_leaves_nothing(shop: Shop) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def confirmed() -> None:
        begun.set()
        await never.wait()

    writing = asyncio.create_task(shop.unconfirmed("write", CLOSE, confirmed))
    async with asyncio.timeout(20):
        await begun.wait()
    if shop.dialect == "sqlite":
        assert (await shop.act("outcome"))["ending"] == "in_progress"
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert shop.closed() == 0
    assert (await shop.act("write", CLOSE))["rows"] == 3  # no lock is left behind


async def test_without_an_id_nobody_can_say_how_a_transaction_ended(shop: Shop) -> None:
    async with asyncio.timeout(20):
        while (ending := (await shop.act("outcome"))["ending"]) == "in_progress":
            continue  # the server has not noticed yet that an earlier session is gone
    assert ending == "unknown"


async def test_a_table_without_transactions_is_not_written_to(
    maria: ScratchMariaDB, tmp_path: Path
) -> None:
    with _maria_shop(maria, tmp_path) as shop:
        with pytest.raises(WorkerError, match="no transactions"):
            await shop.act("write", "INSERT INTO old VALUES (1)")
        assert shop.rows("SELECT count(*) FROM old") == [(0,)]
        await shop.engines.close()


async def test_triggers_of_the_owner_run_and_nothing_else_beside_the_target(tmp_path: Path) -> None:
    with _sqlite_shop(tmp_path) as shop:
        shop.run(
            "CREATE TRIGGER noted AFTER UPDATE ON orders BEGIN INSERT INTO log VALUES ('x'); END"
        )
        await shop.act("write", CLOSE)
        assert shop.rows("SELECT count(*) FROM log") == [(3,)]


async def test_a_file_is_written_only_where_the_operator_allowed_it(tmp_path: Path) -> None:
    kept, lent = tmp_path / "kept", tmp_path / "lent"
    kept.mkdir()
    lent.mkdir()
    with _sqlite_shop(lent) as shop:
        shop.source["path"] = str(lent / "shop.db")
        shop.engines = Engines(str(kept), (str(lent),))
        with pytest.raises(WorkerError, match="may only be read"):
            await shop.act("write", CLOSE)
        shop.engines = Engines(str(kept), (str(lent),), writable_folders=(str(lent),))
        assert (await shop.act("write", CLOSE))["rows"] == 3


_DIES = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("PRAGMA cache_spill = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE orders SET status = 'x'")
connection.execute("INSERT INTO log SELECT hex(randomblob(20)) FROM orders a, orders b, orders c")
os.kill(os.getpid(), 9)
"""


async def test_what_a_dead_process_left_in_a_file_is_rolled_back_before_it_is_written(
    tmp_path: Path,
) -> None:
    with _sqlite_shop(tmp_path) as shop:
        dying = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _DIES, str(tmp_path / "shop.db")
        )
        assert await dying.wait() == -9
        assert (tmp_path / "shop.db-journal").exists()
        assert (await shop.act("plan_write", CLOSE))["problem"] is None
        assert not (tmp_path / "shop.db-journal").exists()
        assert shop.rows("SELECT DISTINCT status FROM orders") == [("open",)]
