"""Whatever the guard accepts, the database's own parser takes for one query as well."""

import sqlite3
from contextlib import closing

import duckdb
import psycopg
from psycopg import pq

from datelier.worker.dialects import TITLES
from datelier.worker.engines.mysql_connect import connect, read_target
from datelier.worker.engines.mysql_errors import ServerError
from datelier.worker.engines.mysql_wire import Session
from datelier.worker.errors import SqlRefusedError
from datelier.worker.functions import Dialect
from datelier.worker.guard import check
from datelier.worker.scope import Scope
from tests.support.mariadb import running_mariadb
from tests.support.postgres import running_postgres
from tests.walls.accepted import by_hand
from tests.walls.attacks_files import FILES
from tests.walls.attacks_mysql import MYSQL
from tests.walls.attacks_postgres import POSTGRES
from tests.walls.attacks_sqlite import SQLITE
from tests.walls.makers import queries
from tests.walls.mutants import mutants

_MUTANTS = 3000
_TABLES = Scope(row_functions=frozenset({"sneaky"}))


def _accepted(seeds: list[str], dialect: Dialect) -> list[tuple[str, str]]:
    """Mutants the guard lets through, with what it writes; every refusal names and helps."""
    found: list[tuple[str, str]] = []
    unhelpful: list[str] = []
    for mutant in mutants([seed for seed in seeds if len(seed) < 300], _MUTANTS):
        try:
            found.append((mutant, check(mutant, dialect, _TABLES)))
        except SqlRefusedError as error:
            unhelpful += [] if error.hint else [mutant]
    assert unhelpful == []
    assert len(found) > _MUTANTS // 50, TITLES[dialect]
    return found


def test_postgresql_reads_one_query_in_every_accepted_mutant() -> None:
    seeds = by_hand("postgres") + [attack.sql for attack in POSTGRES]
    accepted = _accepted(seeds, "postgres")
    with running_postgres() as server:
        server.run("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)")
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("SET statement_timeout = '1s'")
            for mutant, rendered in accepted:
                for text in (mutant, rendered):
                    assert _root(connection, text) in {"query", "nothing"}, (mutant, text)
            rows = connection.execute("SELECT count(*) FROM t").fetchone()
    assert rows == (1,)


def _root(connection: psycopg.Connection[tuple[object, ...]], text: str) -> str:
    """What PostgreSQL's Parse makes of a text; nothing when it cannot read it either."""
    parsed = connection.pgconn.prepare(b"", text.encode())
    if parsed.status == pq.ExecStatus.COMMAND_OK:
        described = connection.pgconn.describe_prepared(b"")
        if described.nfields == 0:
            return "command"
        return "query" if _is_read(connection, text) else "write"
    message = parsed.error_message.decode("utf-8", "replace")
    return "several statements" if "multiple commands" in message else "nothing"


def _is_read(connection: psycopg.Connection[tuple[object, ...]], text: str) -> bool:
    """Run it where nothing can be written, without its rows; a write says so."""
    connection.execute("BEGIN READ ONLY")
    try:
        connection.execute(b"SELECT 1")
        result = connection.pgconn.exec_params(text.encode(), None)
        state = result.error_field(pq.DiagnosticField.SQLSTATE)
        return state != b"25006" and not (result.command_status or b"").startswith(
            (b"INSERT", b"UPDATE", b"DELETE", b"MERGE", b"SHOW", b"EXPLAIN", b"FETCH")
        )
    finally:
        connection.execute("ROLLBACK")


def test_duckdb_reads_one_query_in_every_accepted_mutant() -> None:
    seeds = by_hand("duckdb") + [attack.sql for attack in FILES]
    with duckdb.connect() as connection:
        for mutant, rendered in _accepted(seeds, "duckdb"):
            for text in (mutant, rendered):
                try:
                    statements = connection.extract_statements(text)
                except duckdb.Error:
                    continue  # it cannot read it either
                kinds = [statement.type for statement in statements]
                # PIVOT without its values becomes two statements; the reader refuses those.
                assert kinds == [duckdb.StatementType.SELECT] or "PIVOT" in text.upper(), (
                    mutant,
                    text,
                    kinds,
                )


def test_mariadb_reads_one_query_in_every_accepted_mutant() -> None:
    seeds = list(queries("mysql", 200)) + [attack.sql for attack in MYSQL]
    accepted = _accepted(seeds, "mysql")
    with running_mariadb() as server:
        server.run("CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)")
        session = connect(read_target(server.source("root", tls="disable")), [server.host])
        session.patience(20)
        session.command("SET SESSION max_statement_time = 0.05")
        for mutant, rendered in accepted:
            for text in (mutant, rendered):
                assert _kind(session, text) in {"query", "nothing"}, (mutant, text)
        session.close()
        assert server.rows("SELECT COUNT(*), MAX(id) FROM t") == [(1, 1)]


def _kind(session: Session, text: str) -> str:
    """What MariaDB's prepare makes of a text, and a transaction that only reads."""
    session.command("ROLLBACK")
    session.command("START TRANSACTION READ ONLY")
    try:
        statement, columns = session.prepare(text)
        if not columns:
            return "command"
        session.execute(statement)
        for _ in session.rows(1_000_000):
            pass
    except ServerError as error:
        return "write" if error.number == 1792 else "nothing"
    return "query"


def test_sqlite_reads_one_query_in_every_accepted_mutant() -> None:
    seeds = list(queries("sqlite", 200)) + [attack.sql for attack in SQLITE]
    beyond: list[int] = []
    reading = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION,
               sqlite3.SQLITE_RECURSIVE}  # fmt: skip

    def authorize(action: int, *_: object) -> int:
        beyond.extend([] if action in reading else [action])
        return sqlite3.SQLITE_OK

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)")
        connection.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')").fetchall()
        connection.set_authorizer(authorize)
        for mutant, rendered in _accepted(seeds, "sqlite"):
            for text in (mutant, rendered):
                try:
                    connection.execute(f"EXPLAIN {text}").fetchall()
                except sqlite3.OperationalError:
                    continue  # it cannot read it either
                assert beyond == [], (mutant, text)


def test_mutants_are_the_same_for_the_same_seed() -> None:
    seeds = ["SELECT 1", "SELECT 'a'"]
    assert list(mutants(seeds, 20)) == list(mutants(seeds, 20))
    assert list(mutants(seeds, 20)) != list(mutants(seeds, 20, seed=2))
