"""Whatever the engine's own catalogue calls a function is refused unless it only computes."""

from functools import cache

import duckdb
import pytest

from datelier.worker.errors import SqlRefusedError
from datelier.worker.functions import ALLOWED, TABLE_FUNCTIONS, VOLATILE, Dialect
from datelier.worker.grammar import SYNTAX_FUNCTIONS
from datelier.worker.guard import check
from datelier.worker.scope import Scope
from tests.support.postgres import running_postgres
from tests.walls.generated import POSITIONS, calls

# Names that are words of the language first: with brackets they are a cast or an operator, or
# have arguments of their own and are no plain calls.
_WORDS = {"extract", "overlay", "position", "substring", "trim", "normalize", "cast", "coalesce"}


@pytest.fixture(scope="module")
def catalogue() -> dict[Dialect, dict[str, bool]]:
    """By dialect: name of each function, and whether the engine says it is volatile."""
    with running_postgres() as server, server.connect() as connection:
        found = connection.execute(
            "SELECT proname, bool_or(provolatile = 'v') FROM pg_proc GROUP BY 1"
        ).fetchall()
    return {"postgres": dict(found), "duckdb": _duckdb_functions()}


@cache
def _duckdb_functions() -> dict[str, bool]:
    with duckdb.connect() as connection:
        rows = connection.sql(
            "SELECT function_name, bool_or(coalesce(has_side_effects, false))"
            " FROM duckdb_functions() GROUP BY 1"
        ).fetchall()
    # ICU knows an order per language; one of them stands for the hundred.
    return {
        name: volatile
        for name, volatile in rows
        if name.isidentifier() and not (name.startswith(("collate_", "icu_collate_")))
    } | {"icu_collate_de": False}


@pytest.mark.parametrize("dialect", list(POSITIONS))
def test_every_function_outside_the_list_is_refused_wherever_it_is_called(
    catalogue: dict[Dialect, dict[str, bool]], dialect: Dialect
) -> None:
    names = set(catalogue[dialect]) - ALLOWED[dialect] - _WORDS
    names = {name for name in names if name.lower() == name}
    assert len(names) > 250
    accepted: list[str] = []
    for name in sorted(names):
        volatile = catalogue[dialect][name]
        positions = POSITIONS[dialect]
        # Those that only compute are tried in one position each, in turn.
        chosen = range(len(positions)) if volatile else [hash_of(name) % len(positions)]
        for index in chosen:
            sql = positions[index].format(calls(name, index))
            if not is_refused(sql, dialect):
                accepted.append(sql)
    assert not accepted, "\n".join(accepted[:20])


def is_refused(sql: str, dialect: Dialect) -> bool:
    """Whether the guard says no, and what to do instead."""
    try:
        check(sql, dialect)
    except SqlRefusedError as error:
        return bool(error.hint)
    return False


def hash_of(name: str) -> int:
    """Spread names evenly, the same way each time."""
    return sum(map(ord, name))


@pytest.mark.parametrize("dialect", list(POSITIONS))
def test_what_is_allowed_though_volatile_has_its_reason(
    catalogue: dict[Dialect, dict[str, bool]], dialect: Dialect
) -> None:
    volatile = {name for name, is_volatile in catalogue[dialect].items() if is_volatile}
    assert volatile & ALLOWED[dialect] <= set(VOLATILE)
    assert all(VOLATILE.values())


def test_no_allowed_function_takes_a_statement_or_a_file_as_text() -> None:
    dangerous = ("query", "read_", "_scan", "lo_", "dblink", "pg_ls", "glob", "secret", "setting",
                 "sequence", "lock", "sleep", "terminate", "cancel", "notify", "export", "import",
                 "execute", "env", "variable")  # fmt: skip
    harmless = {"querytree", "tsquery", "jsonb_path_query", "left_lock", "epoch"}
    for dialect, names in ALLOWED.items():
        found = {
            name
            for name in names
            if any(part in name for part in dangerous)
            and not any(part in name for part in harmless)
        }
        # SQLite's glob() compares texts; DuckDB's lists files.
        assert found - ({"glob"} if dialect == "sqlite" else set()) <= {
            "to_tsquery", "plainto_tsquery", "phraseto_tsquery", "websearch_to_tsquery",
            "json_query", "clock_timestamp", "st_envelope", "st_makeenvelope", "export_set",
        }, (dialect, found)  # fmt: skip


def test_duckdb_may_call_only_functions_made_for_it_in_a_from(
    catalogue: dict[Dialect, dict[str, bool]],
) -> None:
    with duckdb.connect() as connection:
        rows = connection.sql(
            "SELECT DISTINCT function_name FROM duckdb_functions()"
            " WHERE function_type IN ('table', 'table_macro', 'pragma')"
        ).fetchall()
    scope = Scope(tables=frozenset({"orders"}))
    for (name,) in rows:
        if name in TABLE_FUNCTIONS["duckdb"] or not name.isidentifier():
            continue
        with pytest.raises(SqlRefusedError):
            check(f"SELECT * FROM {name}('x')", "duckdb", scope)
        with pytest.raises(SqlRefusedError):
            check(f"SELECT * FROM main.{name}('x')", "duckdb", scope)


def test_functions_with_a_syntax_of_their_own_only_compute() -> None:
    # Read once more when this number changes: none of them reads, waits, locks or writes.
    assert len(SYNTAX_FUNCTIONS) <= 76
