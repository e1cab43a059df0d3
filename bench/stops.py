"""Stop during a 60-second statement: after how long is the database's own list free of it?

`make bench ARGS=stops`. Half of the statements are run by a model in a chat, half by a person on
an SQL card; Stop is pressed through the public API, and the server's process list is looked at
from the press on, every few milliseconds, by its owner.
"""

import random
import statistics
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, LiteralString, Protocol

import httpx
import psycopg
import pymysql

from tests.support.mariadb import ScratchMariaDB, running_mariadb
from tests.support.mariadb_source import PASSWORD, SOURCE_SQL as MARIADB_SQL
from tests.support.postgres import ScratchPostgres, running_postgres
from tests.support.postgres_source import SOURCE_SQL as POSTGRES_SQL
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

TIMES: Final = 100
SECONDS: Final = 60
WITHIN_S: Final = 1.0
_GIVEN_UP_S: Final = 30.0
_LOOK_S: Final = 0.003
_MODEL: Final = "runs-what-it-is-told"
# Minutes of work each, in the places where servers look for a cancel at different times. The tag
# in each tells the statement from every other in the server's list.
POSTGRES_SHAPES: Final = (
    (
        "select count(*) as n, '{tag}' as tag from generate_series(1, 30000000) a,"
        " generate_series(1, 1000) b"
    ),
    (
        "select max(r), '{tag}' as tag from (select row_number() over (order by md5((a * b)::text)) as r"
        " from generate_series(1, 100000) a, generate_series(1, 100000) b) q"
    ),
    (
        "with recursive t(n) as (select 1 union all select n + 1 from t where n < 1000000000)"
        " select count(*), '{tag}' as tag from t"
    ),
    (
        "select count(*), '{tag}' as tag from generate_series(1, 1000000000) g"
        " where md5(g::text) ~ '^(a+)+b$'"
    ),
)
MARIADB_SHAPES: Final = (
    (
        "select count(*) as n, '{tag}' as tag from seq_1_to_1000000 a, seq_1_to_1000000 b"
        " where a.seq * b.seq % 7 = 3"
    ),
    (
        "select max(h), '{tag}' as tag from (select md5(a.seq * b.seq) as h from seq_1_to_100000 a,"
        " seq_1_to_100000 b order by h limit 3000000) q"
    ),
    (
        "select count(distinct md5(a.seq * b.seq)) as n, '{tag}' as tag from seq_1_to_100000 a,"
        " seq_1_to_100000 b"
    ),
    (
        "select count(*) as n, '{tag}' as tag from seq_1_to_1000000 a, seq_1_to_1000000 b"
        " where concat(a.seq, b.seq) regexp '^(1[2-9]*)+9$'"
    ),
)


class Client(Protocol):
    """A signed-in client of a running product."""

    http: httpx.Client

    def call(self, method: str, path: str, body: Any = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Database:
    """One server: what can be asked of it for minutes, and its own list of what runs.

    Attributes:
        source: Engine, settings and password, as a person would add it.
        running: How many of the statements with a tag the server itself lists.
    """

    title: str
    source: dict[str, Any]
    shapes: tuple[str, ...]
    running: Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Stopped:
    """One statement: how it was started, and what happened how many seconds after the press.

    Attributes:
        door: `chat` or `card`.
        gone: The server's list was free of it.
        told: The API said `cancelled` of the run or the card.
    """

    door: str
    gone: float
    told: float


@contextmanager
def postgres() -> Generator[Database]:
    """A PostgreSQL server with a reader's role."""
    with running_postgres() as server:
        server.run(*POSTGRES_SQL)
        with psycopg.connect(server.dsn(), autocommit=True) as owner:
            yield Database("PostgreSQL", _postgres_source(server), POSTGRES_SHAPES, _listed(owner))


def _postgres_source(server: ScratchPostgres) -> dict[str, Any]:
    source = server.source("reader")
    return {"engine": source.pop("engine"), "config": source}


def _listed(owner: psycopg.Connection[Any]) -> Callable[[str], int]:
    # Parallel workers of a statement are listed beside it, and count.
    sql: LiteralString = (
        "select count(*) from pg_stat_activity where state = 'active'"
        " and pid <> pg_backend_pid() and position(%s in query) > 0"
    )

    def running(tag: str) -> int:
        row = owner.execute(sql, (tag,)).fetchone()
        assert row is not None
        return int(row[0])

    return running


@contextmanager
def mariadb() -> Generator[Database]:
    """A MariaDB server with a reader's account; skips where none is installed."""
    with running_mariadb() as server:
        server.run(*MARIADB_SQL)
        with server.connect() as owner:
            yield Database("MariaDB", _mariadb_source(server), MARIADB_SHAPES, _processes(owner))


def _mariadb_source(server: ScratchMariaDB) -> dict[str, Any]:
    source = server.source("reader")
    del source["password"]
    return {"engine": source.pop("engine"), "config": source, "password": PASSWORD}


def _processes(owner: "pymysql.Connection[Any]") -> Callable[[str], int]:
    sql = (
        "SELECT ID, INFO FROM information_schema.PROCESSLIST"
        " WHERE COMMAND <> 'Sleep' AND ID <> CONNECTION_ID()"
    )
    known: dict[str, set[int]] = {}

    def running(tag: str) -> int:
        # Once seen, a statement is followed by its connection: of a busy one the server's list
        # leaves the text out now and then.
        with owner.cursor() as cursor:
            cursor.execute(sql)
            listed = {int(number): str(text) for number, text in cursor.fetchall()}
        ids = known.setdefault(tag, set())
        ids |= {number for number, text in listed.items() if tag in text}
        return len(ids & listed.keys())

    return running


@contextmanager
def obedient_model(client: Client) -> Generator[str]:
    """A model that runs the SQL it is sent; yields its id."""

    def answer(body: dict[str, Any]) -> Turn:
        said = [message for message in body["messages"] if message["role"] == "user"]
        if not body.get("tools") or not said:
            return Turn.say("ok")
        content = said[-1]["content"]
        text = content if isinstance(content, str) else "".join(one["text"] for one in content)
        return Turn.call("execute_sql_query", {"sql": text})

    with ScriptedThread() as scripted:
        scripted.respond(_MODEL, answer)
        body = {"name": "Obedient", "provider": "generic", "model_name": _MODEL}
        made = client.call("POST", "/models", body | {"endpoint_url": scripted.url})
        yield made["id"]


class Presses:
    """Starts statements on one database and stops them.

    Args:
        client: Of the product.
        database: Where they run.
        model_id: Of an obedient model.
    """

    def __init__(self, client: Client, database: Database, model_id: str) -> None:
        self._client = client
        self._database = database
        self._model_id = model_id
        # Others may have added a source named after the engine.
        name = f"{database.title}, to be stopped"
        made = client.call("POST", "/sources", {"name": name, **database.source})
        self.source_id = str(made["id"])
        self._pool = ThreadPoolExecutor(2)

    def __enter__(self) -> "Presses":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def each(self, times: int) -> Iterator[Stopped]:
        """Start and stop one statement after another, in turn from a chat and from a card."""
        chance = random.Random(7)
        shapes = self._database.shapes
        for turn in range(times):
            tag = f"stop{self._database.title}{turn}x"
            sql = shapes[turn // 2 % len(shapes)].format(tag=tag)
            stop, ended = (self._chat, self._card)[turn % 2](sql)
            self._wait(tag, gone=False)
            # Not always in its first moment, which is the same for every statement.
            time.sleep(chance.uniform(0, 0.3))
            assert self._database.running(tag), f"it ended by itself, {ended()}: {sql}"
            pressed = time.perf_counter()
            answer = self._pool.submit(stop)
            self._wait(tag, gone=True)
            gone = time.perf_counter() - pressed
            answer.result()
            assert ended() == "cancelled"
            told = time.perf_counter() - pressed
            assert not self._database.running(tag), "the statement came back"
            yield Stopped(("chat", "card")[turn % 2], gone, told)

    def _chat(self, sql: str) -> tuple[Callable[[], Any], Callable[[], str]]:
        call = self._client.call
        body = {"source_ids": [self.source_id], "model_id": self._model_id}
        thread = call("POST", "/threads", body)
        sent = call("POST", f"/threads/{thread['id']}/messages", {"text": sql})
        run = f"/runs/{sent['run_id']}"

        def ended() -> str:
            until = time.monotonic() + _GIVEN_UP_S
            while (status := call("GET", run)["status"]) in {"queued", "running"}:
                assert time.monotonic() < until, "the run did not end"
                time.sleep(_LOOK_S)
            return str(status)

        return lambda: call("POST", f"{run}/stop"), ended

    def _card(self, sql: str) -> tuple[Callable[[], Any], Callable[[], str]]:
        call = self._client.call
        body = {"source_id": self.source_id, "timeout_seconds": SECONDS}
        card = call("POST", "/queries", body | {"sql": "select 1 as one"})["query_id"]
        version: Future[Any] = self._pool.submit(
            call, "POST", "/queries", body | {"sql": sql, "query_id": card}
        )
        return (
            lambda: call("POST", f"/queries/{card}/cancel"),
            lambda: str(version.result(_GIVEN_UP_S)["status"]),
        )

    def _wait(self, tag: str, *, gone: bool) -> None:
        until = time.monotonic() + _GIVEN_UP_S
        while bool(self._database.running(tag)) == gone:
            assert time.monotonic() < until, "the statement goes on" if gone else "it never began"
            time.sleep(_LOOK_S)


def run(client: Client) -> None:
    """Stop `TIMES` statements on each server, and print how many were gone within a second."""
    print(f"\nStop during a {SECONDS}-second statement, until the server's own list is free of it")
    print("and (the last two) until the chat or the card says that it was stopped")
    head = ("median", "p95", "worst", "median", "worst")
    print(f"{'':20}{'gone within 1 s':>17}{''.join(f'{word:>11}' for word in head)}")
    with obedient_model(client) as model_id:
        for make in (postgres, mariadb):
            with make() as database, Presses(client, database, model_id) as presses:
                found = list(presses.each(TIMES))
            for door in ("chat", "card"):
                _line(f"{database.title}, {door}", [s for s in found if s.door == door])
            _line(f"{database.title}, all", found)


def _line(name: str, found: list[Stopped]) -> None:
    within = sum(one.gone <= WITHIN_S for one in found)
    gone, told = (sorted(times) for times in zip(*((o.gone, o.told) for o in found), strict=True))
    values = (*_spread(gone), statistics.median(told), told[-1])
    shown = "".join(f"{value * 1000:>8.0f} ms" for value in values)
    print(f"{name:20}{f'{within} of {len(found)}':>17}{shown}", flush=True)


def _spread(seconds: list[float]) -> tuple[float, float, float]:
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    return statistics.median(seconds), p95, seconds[-1]
