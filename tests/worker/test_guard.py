"""The parser wall alone: nothing of the attack corpus passes, real analytics does."""

import re

import pytest
from hypothesis import given, settings, strategies as st

from datelier.worker.errors import SqlRefusedError, WorkerError
from datelier.worker.functions import ALLOWED, Dialect
from datelier.worker.guard import MAX_BYTES, check
from datelier.worker.scope import Scope
from tests.worker.corpus import (
    DUCKDB_ANALYTICS,
    DUCKDB_ATTACKS,
    POSTGRES_ANALYTICS,
    POSTGRES_ATTACKS,
    lines,
)
from tests.worker.corpus_mysql import MYSQL_ANALYTICS, MYSQL_ATTACKS
from tests.worker.corpus_sqlite import SQLITE_ANALYTICS, SQLITE_ATTACKS

SCOPES: dict[Dialect, Scope] = {
    "postgres": Scope(row_functions=frozenset({"sneaky"})),
    "duckdb": Scope(tables=frozenset({"orders"})),
    "mysql": Scope(schemas=frozenset({"app"})),
    "sqlite": Scope(
        tables=frozenset({"orders", "t", "json_each"}),
        schemas=frozenset({"main"}),
        columns=frozenset({"id", "region", "status", "total", "placed", "note"}),
    ),
}
ATTACKS: list[tuple[Dialect, str]] = [
    *(("postgres", sql) for sql in lines(POSTGRES_ATTACKS)),
    *(("duckdb", sql) for sql in lines(DUCKDB_ATTACKS)),
    *(("mysql", sql) for sql in lines(MYSQL_ATTACKS)),
    *(("sqlite", sql) for sql in lines(SQLITE_ATTACKS)),
]
BENIGN: list[tuple[Dialect, str]] = [
    *(("postgres", sql) for sql in lines(POSTGRES_ANALYTICS)),
    *(("duckdb", sql) for sql in lines(DUCKDB_ANALYTICS)),
    *(("mysql", sql) for sql in lines(MYSQL_ANALYTICS)),
    *(("sqlite", sql) for sql in lines(SQLITE_ANALYTICS)),
]


def test_the_corpus_is_large_enough() -> None:
    assert len(ATTACKS) >= 150
    assert len(set(ATTACKS)) == len(ATTACKS)


@pytest.mark.parametrize(("dialect", "sql"), ATTACKS)
def test_an_attack_is_refused_with_a_reason(dialect: Dialect, sql: str) -> None:
    with pytest.raises(SqlRefusedError) as refused:
        check(sql, dialect, SCOPES[dialect])
    assert refused.value.code == "sql_refused"
    assert len(refused.value.message) > 10


@pytest.mark.parametrize(("dialect", "sql"), BENIGN)
def test_analytics_is_accepted_and_stable(dialect: Dialect, sql: str) -> None:
    rendered = check(sql, dialect, SCOPES[dialect])
    assert check(rendered, dialect, SCOPES[dialect]) == rendered


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT pg_sleep(1)", "pg_sleep"),
        ("EXPLAIN SELECT 1", "EXPLAIN"),
        ("DELETE FROM t", "DELETE"),
        ("SELECT * FROM t FOR UPDATE", "FOR UPDATE"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT * FROM pg_shadow", "pg_shadow"),
        ("SELECT 1 INTO x", "INTO"),
        ("SELECT t.sneaky FROM t", "sneaky"),
    ],
)
def test_a_refusal_names_the_construct_and_helps(sql: str, named: str) -> None:
    with pytest.raises(SqlRefusedError, match=re.escape(named)) as refused:
        check(sql, "postgres", SCOPES["postgres"])
    assert refused.value.hint


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT SLEEP(1)", "sleep()"),
        ("SELECT BENCHMARK(1, 1)", "benchmark()"),
        ("SELECT LOAD_FILE('/x')", "load_file()"),
        ("SELECT GET_LOCK('a', 1)", "get_lock()"),
        ("SELECT 1 INTO OUTFILE '/x'", "INTO OUTFILE"),
        ("SELECT 1 INTO DUMPFILE '/x'", "INTO DUMPFILE"),
        ("SELECT 1 INTO @a", "INTO"),
        ("HANDLER t OPEN", "HANDLER"),
        ("SELECT @a := 1", "@name"),
        ("SELECT @@version", "@@name"),
        ("SELECT * FROM mysql.user", "user"),
        ("SELECT * FROM sys.session", "session"),
        ("SELECT * FROM information_schema.tables", "tables"),
        ("SELECT * FROM performance_schema.threads", "threads"),
        ("SELECT 1 FROM t FOR UPDATE", "FOR UPDATE"),
        ("CALL p()", "CALL"),
        ("LOAD DATA INFILE 'x' INTO TABLE t", "LOAD"),
        ("DELETE FROM t", "DELETE"),
    ],
)
def test_a_refusal_of_mysql_names_the_construct_and_helps(sql: str, named: str) -> None:
    with pytest.raises(SqlRefusedError, match=re.escape(named)) as refused:
        check(sql, "mysql", SCOPES["mysql"])
    assert refused.value.hint


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("-- x\nDELETE FROM t", "DELETE changes"),
        ("/* x */ DELETE FROM t", "DELETE changes"),
        ("# x\nUPDATE t SET id = 1", "UPDATE changes"),
        ("WITH x AS (SELECT 1) DELETE FROM t", "DELETE changes"),
        ("WITH x AS (SELECT 1) UPDATE t SET id = 1", "UPDATE changes"),
        ("SHOW GRANTS", "SHOW is not"),
        ("EXPLAIN DELETE FROM t", "EXPLAIN is not"),
        ("DESC t", "DESC is not"),
        ("REPAIR TABLE t", "REPAIR changes"),
        ("OPTIMIZE TABLE t", "OPTIMIZE changes"),
        ("XA START 'x'", "XA controls"),
        ("IF 1 THEN DELETE FROM t; END IF", "statement"),
    ],
)
def test_a_refusal_names_what_the_statement_is_whatever_stands_before_it(
    sql: str, named: str
) -> None:
    with pytest.raises(SqlRefusedError, match=re.escape(named)) as refused:
        check(sql, "mysql", SCOPES["mysql"])
    assert refused.value.hint


def test_what_mysql_would_execute_in_a_comment_is_refused_and_never_rendered() -> None:
    for comment in ("/*! x */", "/*!50000 x */", "/*M! x */", "/*M!100100 x */", "/*+ x */"):
        with pytest.raises(SqlRefusedError, match="comments"):
            check(f"SELECT 1 {comment}", "mysql")
    for plain in ("SELECT 1 /* a ! */", "SELECT 1 -- !", "SELECT 1 # !"):
        assert check(plain, "mysql") == "SELECT 1"


@pytest.mark.parametrize("dialect", ["mysql", "postgres"])
def test_a_text_that_stands_for_an_empty_value_is_written_as_it_was_read(dialect: Dialect) -> None:
    text = r"e'\\'" if dialect == "postgres" else r"'\\'"
    sql = (
        f"SELECT JSON_VALUE(a, '$.b' DEFAULT {text} ON EMPTY NULL ON ERROR), ' , sneaky(), ' FROM t"
    )
    assert check(sql, dialect) == sql


@pytest.mark.parametrize("char", ["\0", "\u200b", "\u202e", "\ufeff", "\u00a0", "\u2028", "\x1b"])
def test_invisible_characters_are_refused(char: str) -> None:
    with pytest.raises(SqlRefusedError, match="invisible character"):
        check(f"SELECT{char} 1", "postgres")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT '" + "x" * MAX_BYTES + "'",
        "SELECT " + "(" * 300 + "1" + ")" * 300,
        "SELECT * FROM " + "(SELECT * FROM " * 250 + "t" + ") x" * 250,
        "SELECT " + "NOT " * 3000 + "true",
        "SELECT " + "- " * 3000 + "1",
        "SELECT a" + "[1]" * 5000,
        "SELECT 1" + " UNION ALL SELECT 1" * 5000,
        "SELECT " + "1+" * 30000 + "1",
        "SELECT 1 " + "/* " * 20000,
        "SELECT " + "CASE WHEN true THEN " * 400 + "1" + " END" * 400,
    ],
)
def test_parser_bombs_are_refused(sql: str) -> None:
    with pytest.raises(SqlRefusedError):
        check(sql, "postgres")


def test_every_function_outside_the_list_is_refused_in_every_position() -> None:
    positions = [
        "SELECT {}", "SELECT * FROM {} x", "VALUES ({})", "SELECT 1 ORDER BY {}",
        "SELECT 1 LIMIT {}", "SELECT CASE WHEN true THEN {} END", "SELECT sum(1) FILTER (WHERE {})",
        "SELECT * FROM t, LATERAL (SELECT {}) x", "SELECT * FROM ROWS FROM ({}) x",
        "WITH c AS (SELECT {}) SELECT * FROM c", "SELECT ARRAY[{}]", "SELECT (1, (2, {}))",
    ]  # fmt: skip
    names = [
        "pg_reload_conf",
        "lo_get",
        "my_function",
        "txid_current",
        "pg_stat_get_activity",
        "xpath",
    ]
    assert not ALLOWED["postgres"] & set(names)
    for name in names:
        for position in positions:
            with pytest.raises(SqlRefusedError):
                check(position.format(f"{name}(1)"), "postgres")


def test_only_schemas_of_the_source_may_be_named() -> None:
    scope = Scope(schemas=frozenset({"sales"}))
    assert check("SELECT * FROM sales.orders", "postgres", scope)
    with pytest.raises(SqlRefusedError, match="not part of this source"):
        check("SELECT * FROM hr.salaries", "postgres", scope)
    with pytest.raises(SqlRefusedError, match="not part of this source"):
        check('SELECT * FROM "Sales".orders', "postgres", scope)


@given(st.text(max_size=80), st.sampled_from(["postgres", "duckdb", "mysql"]))
@settings(max_examples=300, deadline=None)
def test_any_text_is_either_refused_or_rendered_to_itself(text: str, dialect: Dialect) -> None:
    try:
        rendered = check(text, dialect)
    except WorkerError:
        return
    assert check(rendered, dialect) == rendered


_SEEDS = lines(POSTGRES_ANALYTICS) + lines(POSTGRES_ATTACKS)
_SPLICES = [
    "'",
    "\\'",
    ";",
    "--",
    "/*",
    "*/",
    "$$",
    "$a$",
    '"',
    "E'",
    " INTO x ",
    " FOR UPDATE ",
    "\n",
]


@given(st.sampled_from(_SEEDS), st.data())
@settings(max_examples=400, deadline=None)
def test_a_mutated_statement_never_renders_a_second_one(seed: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(seed)))
    mutant = seed[:position] + data.draw(st.sampled_from(_SPLICES)) + seed[position:]
    try:
        rendered = check(mutant, "postgres", SCOPES["postgres"])
    except WorkerError:
        return
    outside = re.sub(r"""[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*\"""", "", rendered)
    assert not re.search(r";|--|/\*|\$", outside)
    assert not re.search(r"(?i)\b(insert|delete|drop|into|for update|set_config)\b", outside)


@pytest.mark.parametrize(
    ("sql", "named", "instead"),
    [
        ("SELECT date_trunc('month', placed) FROM orders", "date_trunc", "strftime"),
        ("SELECT EXTRACT(year FROM placed) FROM orders", "EXTRACT", "strftime"),
        ("SELECT placed::date FROM orders", "DATE", "date(column)"),
        ("SELECT * FROM orders WHERE placed > current_date - INTERVAL '1 day'", "INTERVAL", "days"),
        ("SELECT DISTINCT ON (region) * FROM orders", "DISTINCT ON", "row_number"),
        ("SELECT region FROM orders GROUP BY ROLLUP (region)", "ROLLUP", "UNION ALL"),
        ("SELECT region FROM orders WHERE region REGEXP 'x'", "regular expressions", "GLOB"),
        ("SELECT randomblob(900000000)", "randomblob", "select what the tables hold"),
        ("SELECT id FROM orders QUALIFY row_number() OVER (ORDER BY id) = 1", "QUALIFY", "outer"),
        ('SELECT "nort" FROM orders', "nort", "note"),
        ("SELECT * FROM dbstat", "dbstat", "orders"),
    ],
)
def test_what_sqlite_lacks_is_named_with_what_to_write_instead(
    sql: str, named: str, instead: str
) -> None:
    with pytest.raises(SqlRefusedError, match=re.escape(named)) as refused:
        check(sql, "sqlite", SCOPES["sqlite"])
    assert instead in (refused.value.hint or "")


def test_sqlite_may_still_choose_the_order_in_which_it_joins() -> None:
    sql = "SELECT count(*) FROM orders AS a, t AS b WHERE a.id = b.id"
    assert check(sql, "sqlite") == sql  # a CROSS JOIN would take the order as it is written


def test_a_member_of_a_json_value_keeps_its_name() -> None:
    sql = """SELECT '{"a.b": 1}' ->> 'a.b', extra -> '$.x[0]' ->> 1 FROM orders"""
    assert check(sql, "sqlite") == sql
