"""Whatever the engine's own catalogue calls a function is refused unless it only computes."""

import sqlite3
from contextlib import closing
from functools import cache

import duckdb
import pytest

from datelier.worker.errors import SqlRefusedError
from datelier.worker.functions import ALLOWED, TABLE_FUNCTIONS, VOLATILE, Dialect
from datelier.worker.grammar import SYNTAX_FUNCTIONS
from datelier.worker.guard import check
from datelier.worker.scope import Scope
from tests.support.mariadb import running_mariadb
from tests.support.postgres import running_postgres
from tests.walls.generated import POSITIONS, calls

# Names that are words of the language first: with brackets they are a cast or an operator, or
# have arguments of their own and are no plain calls.
_WORDS = {"extract", "overlay", "position", "substring", "trim", "normalize", "cast", "coalesce",
          "div", "in", "is"}  # fmt: skip


_LEAST: dict[Dialect, int] = {"postgres": 250, "duckdb": 250, "mysql": 120, "sqlite": 30}


@pytest.fixture(scope="module")
def catalogue() -> dict[Dialect, dict[str, bool]]:
    """By dialect: name of each function, and whether the engine says it is volatile."""
    with running_postgres() as server, server.connect() as connection:
        found = connection.execute(
            "SELECT proname, bool_or(provolatile = 'v') FROM pg_proc GROUP BY 1"
        ).fetchall()
    return {
        "postgres": dict(found),
        "duckdb": _duckdb_functions(),
        "mysql": _mysql_functions(),
        "sqlite": _sqlite_functions(),
    }


# What MySQL has and MariaDB has not, beside functions of geometry.
_OF_MYSQL = """
any_value asynchronous_connection_failover_add_managed asynchronous_connection_failover_add_source
asynchronous_connection_failover_delete_source asynchronous_connection_failover_reset bin_to_uuid
can_access_column can_access_database can_access_table can_access_user can_access_view
current_role format_bytes format_pico_time get_dd_column_privileges get_dd_create_options
get_dd_index_sub_part_length group_replication_disable_member_action
group_replication_enable_member_action group_replication_get_communication_protocol
group_replication_set_as_primary group_replication_set_communication_protocol
group_replication_switch_to_multi_primary_mode gtid_subset gtid_subtract icu_version
internal_auto_increment internal_avg_row_length internal_check_time internal_checksum
internal_data_free internal_data_length internal_dd_char_length internal_get_comment_or_error
internal_get_enabled_role_json internal_get_hostname internal_get_username internal_is_enabled_role
internal_table_rows is_uuid is_visible_dd_object json_schema_valid json_schema_validation_report
json_storage_free json_storage_size keyring_key_fetch keyring_key_generate keyring_key_remove
keyring_key_store mysql_firewall_flush_status mysqlx_error ps_current_thread_id ps_thread_id
read_firewall_users regexp_like roles_graphml set_firewall_mode source_pos_wait statement_digest
statement_digest_text tokenize_text uuid_to_bin validate_password_strength version_tokens_set
version_tokens_show version_tokens_lock_exclusive wait_for_executed_gtid_set
wait_until_sql_thread_after_gtids sys_exec sys_eval sys_get sys_set load_rewrite_rules
"""


def _mysql_functions() -> dict[str, bool]:
    """The server does not say which are volatile: whatever is not allowed counts as that."""
    with running_mariadb() as server:
        rows = server.rows("SELECT FUNCTION FROM information_schema.SQL_FUNCTIONS") + server.rows(
            "SELECT t.name FROM mysql.help_topic t JOIN mysql.help_category c USING"
            " (help_category_id) WHERE c.name RLIKE 'Function'"
        )
    names = {str(name).lower() for (name,) in rows} | set(_OF_MYSQL.split())
    return {name: name not in ALLOWED["mysql"] for name in names if name.isidentifier()}


def _sqlite_functions() -> dict[str, bool]:
    with closing(sqlite3.connect(":memory:")) as connection:
        rows = connection.execute("SELECT DISTINCT name FROM pragma_function_list").fetchall()
    # What the command line's own library adds, and the library we use may have one day.
    names = {str(name) for (name,) in rows} | {"readfile", "writefile", "edit", "eval", "fsdir",
        "zipfile", "sqlar_compress", "sha3_query", "sqlite_dbpage", "generate_series"}  # fmt: skip
    return {name: name not in ALLOWED["sqlite"] for name in names if name.isidentifier()}


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
    assert len(names) > _LEAST[dialect]
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
    # Parts of addresses, order of events, membership, and blocks of rows: they only compute.
    computed = {"querystring", "sequence", "global", "block", "url_extract", "json_query"}
    for dialect, names in ALLOWED.items():
        computes = computed if dialect in {"clickhouse", "trino", "bigquery"} else set[str]()
        found = {
            name
            for name in names
            if not any(part in name for part in computes)
            and any(part in name for part in dangerous)
            and not any(part in name for part in harmless)
        }
        # SQLite's glob() compares texts; DuckDB's lists files.
        assert found - ({"glob"} if dialect == "sqlite" else set()) <= {
            "to_tsquery", "plainto_tsquery", "phraseto_tsquery", "websearch_to_tsquery",
            "json_query", "clock_timestamp", "st_envelope", "positive_modulo_or_null", "st_makeenvelope", "export_set",
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
