"""Whatever the guard accepts, the database's own parser takes for one query as well."""

import duckdb
import psycopg
from psycopg import pq

from datelier.worker.dialects import TITLES
from datelier.worker.errors import SqlRefusedError
from datelier.worker.functions import Dialect
from datelier.worker.guard import check
from datelier.worker.scope import Scope
from tests.support.postgres import running_postgres
from tests.walls.accepted import by_hand
from tests.walls.attacks_files import FILES
from tests.walls.attacks_postgres import POSTGRES
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


def test_mutants_are_the_same_for_the_same_seed() -> None:
    seeds = ["SELECT 1", "SELECT 'a'"]
    assert list(mutants(seeds, 20)) == list(mutants(seeds, 20))
    assert list(mutants(seeds, 20)) != list(mutants(seeds, 20, seed=2))
