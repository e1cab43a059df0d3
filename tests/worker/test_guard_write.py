"""One INSERT, UPDATE or DELETE, of parts that may be read; everything else is refused by name."""

import pytest

from datelier.worker.errors import SqlRefusedError
from datelier.worker.functions import Dialect
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
# What only SQLite and MySQL have, or read otherwise than PostgreSQL.
ELSEWHERE: dict[Dialect, tuple[str, ...]] = {
    "sqlite": (
        "INSERT OR REPLACE INTO t VALUES (1)", "INSERT OR IGNORE INTO t VALUES (1)",
        "REPLACE INTO t VALUES (1)", "UPDATE OR IGNORE t SET a = 1", "UPDATE t INDEXED BY i SET a = 1",
        "UPDATE t SET a = 1 ORDER BY b LIMIT 1", "DELETE FROM t USING x WHERE x.a = t.a",
        "UPDATE sqlite_master SET sql = 'x'", "DELETE FROM temp.t", "DELETE FROM other.t",
        "PRAGMA user_version = 3", "ATTACH 'x' AS y", "DETACH y", "VACUUM", "VACUUM INTO '/tmp/x'",
        "REINDEX t", "CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM t; END",
        "UPDATE t SET a = load_extension('x')", "UPDATE t SET a = writefile('x', a)",
        'UPDATE t SET a = "no such column"', "INSERT INTO t SELECT * FROM pragma_table_info('t')",
        "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT x",
    ),
    "mysql": (
        "INSERT IGNORE INTO t VALUES (1)", "REPLACE INTO t VALUES (1)", "INSERT DELAYED INTO t VALUES (1)",
        "INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = 2", "UPDATE IGNORE t SET a = 1",
        "UPDATE a JOIN b ON a.i = b.i SET a.x = 1", "UPDATE a, b SET a.x = 1", "DELETE a FROM a JOIN b",
        "DELETE FROM a USING a JOIN b", "DELETE FROM a USING a", "DELETE QUICK FROM t",
        "DELETE FROM t ORDER BY a LIMIT 1", "UPDATE t SET a = 1 LIMIT 1", "DELETE HISTORY FROM t",
        "INSERT INTO t PARTITION (p0) VALUES (1)", "UPDATE t SET a = @x", "UPDATE t SET a = @@version",
        "SET @x = 1", "SET GLOBAL x = 1", "DELETE FROM mysql.user", "DELETE FROM other.t",
        "LOAD DATA INFILE 'x' INTO TABLE t", "HANDLER t OPEN", "LOCK TABLES t WRITE", "FLUSH TABLES",
        "UPDATE t SET a = LOAD_FILE('x')", "UPDATE t SET a = SLEEP(1)", "UPDATE t SET a = LAST_INSERT_ID(5)",
        "INSERT INTO t SELECT 1 INTO OUTFILE 'x'", "INSERT INTO t VALUES (DEFAULT(a))",
        "DELETE FROM t /*!50000 WHERE 0 */", "INSERT INTO t (a) VALUES (1) RETURNING a",
        "UPDATE t SET a = a + 1, b = a", "START TRANSACTION", "COMMIT", "XA START 'x'", "DO SLEEP(1)",
    ),
}  # fmt: skip
SQLITE = Scope(
    tables=frozenset({"t", "x"}), schemas=frozenset({"main"}), columns=frozenset({"a", "b", "i"})
)
MYSQL = Scope(schemas=frozenset({"app"}))
# Names that mean nothing to MySQL: a table called ONLY, one called pg_class.
PLAIN_NAMES = {"UPDATE ONLY t SET a = 1", "UPDATE pg_class SET relname = 'x'"}


@pytest.mark.parametrize(
    ("dialect", "sql"), [(dialect, sql) for dialect, texts in ELSEWHERE.items() for sql in texts]
)
def test_what_another_database_has_beside_is_refused_too(dialect: Dialect, sql: str) -> None:
    with pytest.raises(SqlRefusedError) as refused:
        check_write(sql, dialect, SQLITE if dialect == "sqlite" else MYSQL)
    assert refused.value.hint


@pytest.mark.parametrize("sql", REFUSED)
@pytest.mark.parametrize("dialect", ["sqlite", "mysql"])
def test_what_postgresql_refuses_no_other_dialect_lets_through(dialect: Dialect, sql: str) -> None:
    if dialect == "mysql" and sql in PLAIN_NAMES:
        return
    with pytest.raises(SqlRefusedError):
        check_write(sql, dialect, SQLITE if dialect == "sqlite" else MYSQL)


def test_values_of_mysql_stay_values_and_assignments_keep_their_order() -> None:
    twice = check_write("INSERT INTO t (a, b) VALUES (1, 1), (2, 'x')", "mysql", MYSQL)
    assert twice.sql == "INSERT INTO t (a, b) VALUES (1, 1), (2, 'x')"
    assert twice.affected == "SELECT 1 AS a, 1 AS b UNION ALL SELECT 2 AS a, 'x' AS b"
    reads_first = check_write("UPDATE t SET b = a, a = a + 1 WHERE a < 3", "mysql", MYSQL)
    assert reads_first.changed == ("b", "a")
    assert reads_first.affected == ("SELECT t.*, a AS `new b`, a + 1 AS `new a` FROM t WHERE a < 3")


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
    [
        *(
            ("DELETE FROM t", True),
            ("UPDATE t SET a = 1", True),
            ("DELETE FROM t WHERE a = 1", False),
        ),
        *(("DELETE FROM t WHERE true", True), ("UPDATE t SET a = 1 WHERE 1 = 1", True)),
        *(("DELETE FROM t WHERE a = 1 OR 1 < 2", True), ("DELETE FROM t WHERE t.a = t.a", True)),
        ("DELETE FROM t WHERE NOT (1 = 2) AND EXISTS (SELECT 1 FROM x WHERE b = 2)", True),
        ("DELETE FROM t USING x WHERE x.a = 1", True),
        ("DELETE FROM t USING x WHERE x.a = t.a", False),
        ("DELETE FROM t WHERE EXISTS (SELECT 1 FROM x WHERE x.a = t.a)", False),
        ("DELETE FROM t WHERE a IN (SELECT b FROM x)", False),
        ("UPDATE t AS o SET a = 1 WHERE o.a = 2", False),
        ("UPDATE t SET a = 1 WHERE 1 = 1 AND a IS NULL", False),
    ],
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
