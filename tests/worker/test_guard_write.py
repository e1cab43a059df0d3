"""One INSERT, UPDATE or DELETE, of parts that may be read; everything else is refused by name."""

import pytest

from datelier.worker.errors import SqlRefusedError
from datelier.worker.guard_write import check_write
from datelier.worker.scope import Scope

FINE = {
    "update orders set total = 0 where id = 1": (
        "UPDATE orders SET total = 0 WHERE id = 1",
        'SELECT orders.*, 0 AS "new total" FROM orders WHERE id = 1',
    ),
    "UPDATE shop.orders AS o SET a = o.b + x.c FROM x WHERE o.id = x.id": (
        "UPDATE shop.orders AS o SET a = o.b + x.c FROM x WHERE o.id = x.id",
        'SELECT o.*, o.b + x.c AS "new a" FROM shop.orders AS o CROSS JOIN x WHERE o.id = x.id',
    ),
    "DELETE FROM orders USING x WHERE x.id = orders.id": (
        "DELETE FROM orders USING x WHERE x.id = orders.id",
        "SELECT orders.* FROM orders CROSS JOIN x WHERE x.id = orders.id",
    ),
    "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y') ON CONFLICT (a) DO NOTHING": (
        "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y') ON CONFLICT(a) DO NOTHING",
        "SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2 AS a, 'y' AS b",
    ),
    "WITH q AS (SELECT 1 AS a) INSERT INTO t SELECT a FROM q": (
        "WITH q AS (SELECT 1 AS a) INSERT INTO t SELECT a FROM q",
        "WITH q AS (SELECT 1 AS a) SELECT a FROM q",
    ),
}
REFUSED = [
    "", "SELECT 1", "VALUES (1)", "DROP TABLE t", "TRUNCATE t", "CREATE TABLE x AS SELECT 1",
    "ALTER TABLE t ADD c int", "GRANT ALL ON t TO x", "COPY t FROM PROGRAM 'x'", "DO $$ BEGIN END $$",
    "MERGE INTO a USING b ON a.i = b.i WHEN MATCHED THEN DELETE", "EXPLAIN ANALYZE DELETE FROM t",
    "DELETE FROM t; DELETE FROM t", "BEGIN", "CALL f()", "LOCK TABLE t", "SET ROLE x",
    "DELETE FROM t RETURNING *", "INSERT INTO t (a) VALUES (1) RETURNING a",
    "INSERT INTO t DEFAULT VALUES", "INSERT INTO t (a) VALUES (DEFAULT)",
    "UPDATE t SET a = DEFAULT", "INSERT INTO t (a) VALUES (1), (2, 3)",
    "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2",
    "INSERT INTO t (a) VALUES (1) ON CONFLICT (lower(a)) DO NOTHING",
    "INSERT INTO t (a) OVERRIDING SYSTEM VALUE VALUES (1)",
    "UPDATE ONLY t SET a = 1", "UPDATE t SET (a, b) = (1, 2)", "UPDATE t SET a[1] = 1",
    "UPDATE t SET a = 1 WHERE CURRENT OF c", "UPDATE t SET x.a = 1",
    "UPDATE t SET a = 1 FROM x JOIN y ON x.i = y.i WHERE t.i = x.i",
    "WITH t AS (SELECT 1) DELETE FROM t",
    "WITH q AS (DELETE FROM x RETURNING *) INSERT INTO t SELECT * FROM q",
    "UPDATE pg_class SET relname = 'x'", "DELETE FROM pg_catalog.pg_authid",
    "INSERT INTO information_schema.x VALUES (1)", "UPDATE t SET a = pg_sleep(1)",
    "UPDATE t SET a = (SELECT pg_read_file('/etc/passwd'))", "DELETE FROM t WHERE a = dblink('x')",
    "INSERT INTO t VALUES (nextval('x'))", "INSERT INTO t SELECT set_config('a', 'b', false)",
    "DELETE FROM t WHERE EXISTS (SELECT 1 FROM b FOR UPDATE)", "UPDATE t SET a = $1",
    "UPDATE t SET a = 1 /*! x */", "DELETE FROM other.db.t", "UPDATE t SET a = lo_import('/x')",
]  # fmt: skip


@pytest.mark.parametrize("sql", FINE)
def test_a_write_is_rendered_with_the_query_of_its_rows(sql: str) -> None:
    written = check_write(sql, "postgres")
    assert (written.sql, written.affected) == FINE[sql]


@pytest.mark.parametrize("sql", REFUSED)
def test_everything_else_is_refused_with_what_to_do_instead(sql: str) -> None:
    with pytest.raises(SqlRefusedError) as refused:
        check_write(sql, "postgres")
    assert refused.value.hint


@pytest.mark.parametrize(
    ("sql", "everything"),
    [("DELETE FROM t", True), ("UPDATE t SET a = 1", True), ("DELETE FROM t WHERE a = 1", False)],
)
def test_a_write_without_a_condition_says_so(sql: str, everything: bool) -> None:
    assert check_write(sql, "postgres").everything is everything


def test_a_write_names_only_schemas_of_its_source() -> None:
    scope = Scope(schemas=frozenset({"shop"}))
    assert check_write("DELETE FROM shop.t WHERE a = 1", "postgres", scope).table == "shop.t"
    for sql in (
        "DELETE FROM other.t WHERE a = 1",
        "INSERT INTO other.t VALUES (1)",
        "UPDATE shop.t SET a = (SELECT b FROM other.x)",
    ):
        with pytest.raises(SqlRefusedError, match="other"):
            check_write(sql, "postgres", scope)


def test_functions_of_the_owner_that_may_change_data_are_refused() -> None:
    scope = Scope(own_functions=frozenset({"upper"}))
    with pytest.raises(SqlRefusedError, match="upper"):
        check_write("UPDATE t SET a = upper(a)", "postgres", scope)
