"""What the tests' MariaDB source holds: data, a reader, users that may too much, and traps."""

from typing import Final

PASSWORD: Final = "réader's p@ss"
_QUOTED: Final = PASSWORD.replace("'", "''")
SOURCE_SQL: Final = (
    (
        "CREATE TABLE orders (id INT PRIMARY KEY, region VARCHAR(20) NOT NULL COMMENT 'Where',"
        " status VARCHAR(10), total DECIMAL(10, 2), placed DATETIME, note TEXT, extra JSON)"
        " COMMENT 'What was sold'"
    ),
    (
        "INSERT INTO orders SELECT seq, ELT(1 + seq % 3, 'north', 'south', 'east'),"
        " ELT(1 + seq % 2, 'paid', 'open'), seq * 7.25,"
        " '2026-01-01 08:00:00' + INTERVAL 29 * seq HOUR, IF(seq % 5 > 0, CONCAT('note ', seq), NULL),"
        " JSON_OBJECT('channel', 'web', 'n', seq, 'tags', JSON_ARRAY('a', seq))"
        " FROM seq_1_to_40"
    ),
    "CREATE TABLE t (id INT)",
    "INSERT INTO t VALUES (1), (2), (3)",
    "CREATE TABLE my (id INT) ENGINE = MyISAM",
    "INSERT INTO my VALUES (1)",
    "CREATE SEQUENCE s",
    "CREATE VIEW big AS SELECT id, total FROM orders WHERE total > 100",
    "CREATE DATABASE other",
    "CREATE TABLE other.secret (word TEXT)",
    "INSERT INTO other.secret VALUES ('hidden')",
    (
        "CREATE FUNCTION sneaky() RETURNS TEXT READS SQL DATA"
        " RETURN (SELECT word FROM other.secret LIMIT 1)"
    ),
    (
        "CREATE FUNCTION evil() RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO t VALUES (66);"
        " RETURN 1; END"
    ),
    "CREATE PROCEDURE evil_call() BEGIN INSERT INTO t VALUES (67); SELECT 1; END",
    f"CREATE USER reader@'%' IDENTIFIED BY '{_QUOTED}'",
    "GRANT SELECT, SHOW VIEW ON app.* TO reader@'%'",
    "CREATE USER strong@'%'",
    "GRANT ALL ON *.* TO strong@'%' WITH GRANT OPTION",
    "CREATE USER caller@'%'",
    "GRANT SELECT, INSERT, EXECUTE, CREATE ROUTINE ON app.* TO caller@'%'",
    "CREATE ROLE writers",
    "GRANT UPDATE ON app.orders TO writers",
    "CREATE USER member@'%'",
    "GRANT SELECT ON app.* TO member@'%'",
    "GRANT writers TO member@'%'",
    "CREATE USER admin_reader@'%'",
    "GRANT FILE, PROCESS ON *.* TO admin_reader@'%'",
    "GRANT SELECT ON *.* TO admin_reader@'%'",
    "CREATE USER nobody_here@'%'",
    "ANALYZE TABLE orders, t",
)
# Everything a statement could leave behind, as rows.
DIGEST_SQL: Final = {
    "tables": "CHECKSUM TABLE orders, t, my",
    "relations": "SELECT TABLE_SCHEMA, COUNT(*), MAX(TABLE_NAME) FROM information_schema.TABLES"
    " WHERE TABLE_SCHEMA IN ('app', 'other') GROUP BY 1",
    "routines": "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'app'",
    "events": "SELECT COUNT(*) FROM information_schema.EVENTS",
    "sequence": "SELECT next_not_cached_value FROM s",
    "users": "SELECT MD5(GROUP_CONCAT(User, Priv ORDER BY User)) FROM mysql.global_priv",
    "named locks": "SELECT IS_USED_LOCK('datelier'), IS_USED_LOCK('k')",
    "settings": "SELECT MD5(GROUP_CONCAT(VARIABLE_NAME, VARIABLE_VALUE ORDER BY VARIABLE_NAME))"
    " FROM information_schema.GLOBAL_VARIABLES"
    " WHERE VARIABLE_NAME NOT RLIKE 'TIMESTAMP|GTID|IDENTITY|INSERT_ID|RAND_SEED'",
}
