"""Attacks on SQLite. Without the wall of the role the file is open for writing."""

from typing import Final

from tests.walls.attacks import Attack, Group, attacks

_GROUPS: Final = (
    Group(
        "several statements",
        "the second statement is no query",
        r"""
SELECT 1; SELECT 2
SELECT 1; DELETE FROM t
COMMIT; DELETE FROM t ## t
ROLLBACK; DELETE FROM t ## t
END; DELETE FROM t ## t
SELECT 1;DELETE FROM t
SELECT 1; ; ; DELETE FROM t
SELECT 1 /* x */; -- y⏎ DELETE FROM t
ATTACH '{folder}/x.db' AS z; CREATE TABLE z.q(a) ## t
COMMIT; ATTACH '{folder}/x.db' AS z; CREATE TABLE z.q(a) ## t
COMMIT; VACUUM INTO '{folder}/copy.db' ## t
COMMIT; PRAGMA journal_mode = wal ## t
COMMIT; PRAGMA writable_schema = 1; DELETE FROM sqlite_master; SELECT 1 ## t
PRAGMA query_only = 0; DELETE FROM t
SELECT 1; CREATE TABLE q(a)
VALUES (1); DELETE FROM t
(SELECT 1); DELETE FROM t
WITH a AS (SELECT 1) SELECT * FROM a; DELETE FROM t
SELECT 1⏎;⏎DELETE FROM t
""",
    ),
    Group(
        "transaction control",
        "whoever ends the transaction leaves its wall",
        r"""
BEGIN
BEGIN IMMEDIATE
BEGIN EXCLUSIVE
COMMIT
END
END TRANSACTION
ROLLBACK
SAVEPOINT s
RELEASE s
ROLLBACK TO s
""",
    ),
    Group(
        "write",
        "it changes rows",
        r"""
INSERT INTO t VALUES (9)
INSERT INTO t VALUES (9) RETURNING id
INSERT OR REPLACE INTO t VALUES (9)
INSERT INTO t SELECT 1
INSERT INTO t DEFAULT VALUES
INSERT INTO numbers VALUES (1)
INSERT INTO orders VALUES (1, 'x') ON CONFLICT DO UPDATE SET note = 'x'
REPLACE INTO t VALUES (9)
UPDATE t SET id = 9
UPDATE t SET id = 9 RETURNING id
UPDATE OR IGNORE orders SET note = 'x'
UPDATE t SET id = o.id FROM orders o
DELETE FROM t
DELETE FROM t RETURNING *
DELETE FROM t WHERE id IN (SELECT id FROM orders)
WITH x AS (SELECT 1) DELETE FROM t
WITH x AS (SELECT 1) INSERT INTO t SELECT 1
WITH x AS (SELECT 1) UPDATE t SET id = 1
WITH x AS (SELECT 1) DELETE FROM t RETURNING id
EXPLAIN DELETE FROM t
EXPLAIN QUERY PLAN DELETE FROM t
INSERT INTO words(words) VALUES ('rebuild')
INSERT INTO words(words) VALUES ('optimize')
INSERT INTO words(words, rank) VALUES ('rank', 'bm25(10.0)')
INSERT INTO words VALUES ('x')
DELETE FROM words
INSERT INTO words_data VALUES (1, x'00')
DELETE FROM words_content
""",
    ),
    Group(
        "schema",
        "it changes what there is",
        r"""
CREATE TABLE q(a)
CREATE TABLE q AS SELECT * FROM orders
CREATE TABLE IF NOT EXISTS q(a)
CREATE TEMP TABLE q(a)
CREATE TEMP TABLE orders AS SELECT 666 AS id
CREATE VIEW v AS SELECT 1
CREATE TEMP VIEW orders AS SELECT 666 AS id
CREATE INDEX i ON orders(id)
CREATE UNIQUE INDEX i ON t(id)
CREATE TRIGGER h AFTER INSERT ON orders BEGIN DELETE FROM orders; END
CREATE TEMP TRIGGER h AFTER INSERT ON orders BEGIN DELETE FROM orders; END
CREATE VIRTUAL TABLE q USING fts5(a)
CREATE VIRTUAL TABLE temp.q USING fts5(a)
CREATE VIRTUAL TABLE q USING rtree(a, b, c)
CREATE VIRTUAL TABLE q USING dbstat(main)
CREATE VIRTUAL TABLE q USING csv(filename = '{folder}/canary.txt')
CREATE VIRTUAL TABLE q USING fts4(content = 'sqlite_master', sql)
CREATE VIRTUAL TABLE q USING fts5(a, content = 'sqlite_master')
CREATE VIRTUAL TABLE temp.q USING fts5vocab(main, 'words', 'row')
DROP TABLE orders
DROP VIEW harmless
DROP TRIGGER g
DROP INDEX IF EXISTS i
ALTER TABLE orders RENAME TO o2
ALTER TABLE orders RENAME COLUMN note TO text
ALTER TABLE orders ADD COLUMN b
ALTER TABLE orders DROP COLUMN note
REINDEX
ANALYZE
VACUUM
PRAGMA writable_schema = 1
PRAGMA writable_schema = RESET
PRAGMA schema_version = 7
PRAGMA main.user_version = 7
PRAGMA application_id = 7
PRAGMA auto_vacuum = 2
PRAGMA incremental_vacuum
PRAGMA optimize
PRAGMA encoding = 'UTF-16'
UPDATE sqlite_master SET sql = 'x'
DELETE FROM sqlite_master
INSERT INTO sqlite_master VALUES ('table', 'q', 'q', 2, 'CREATE TABLE q(a)')
INSERT INTO sqlite_schema SELECT * FROM sqlite_schema
DELETE FROM sqlite_stat1
""",
    ),
    Group(
        "session",
        "settings decide what the other walls are worth",
        r"""
PRAGMA journal_mode = delete
PRAGMA journal_mode = wal
PRAGMA journal_mode = off
PRAGMA main.journal_mode = memory
PRAGMA query_only = 0
PRAGMA trusted_schema = 1
PRAGMA temp_store_directory = '{folder}'
PRAGMA temp_store = FILE
PRAGMA hard_heap_limit = 0
PRAGMA soft_heap_limit = 0
PRAGMA mmap_size = 268435456
PRAGMA locking_mode = exclusive
PRAGMA synchronous = 0
PRAGMA wal_checkpoint(TRUNCATE)
PRAGMA page_size = 512
PRAGMA cache_spill = 0
PRAGMA case_sensitive_like = 1
PRAGMA data_version = 1
PRAGMA foreign_keys = 0
PRAGMA ignore_check_constraints = 1
PRAGMA recursive_triggers = 1
PRAGMA defensive = 0
PRAGMA shrink_memory
PRAGMA busy_timeout = 100000
PRAGMA table_info(orders)
PRAGMA database_list
PRAGMA integrity_check
PRAGMA key = 'x'
SELECT * FROM pragma_journal_mode('wal')
SELECT * FROM pragma_query_only
SELECT ?1
SELECT :name
SELECT @name
SELECT $name
SELECT last_insert_rowid()
SELECT changes()
SELECT total_changes()
""",
    ),
    Group(
        "lock",
        "others wait for it",
        r"""
BEGIN IMMEDIATE; SELECT 1
COMMIT; BEGIN EXCLUSIVE
SELECT * FROM t FOR UPDATE
PRAGMA main.locking_mode = exclusive
LOCK TABLE t
""",
    ),
    Group(
        "file",
        "it reads or writes another file",
        r"""
ATTACH '{folder}/x.db' AS z ## t
ATTACH DATABASE '{folder}/secret.db' AS z
ATTACH '{folder}/secret.db' AS z; SELECT * FROM z.secret ## t
ATTACH 'file:{folder}/x.db?mode=rwc' AS z ## t
ATTACH ':memory:' AS z
ATTACH '' AS z
ATTACH '/proc/self/environ' AS z
DETACH main
VACUUM INTO '{folder}/copy.db'
VACUUM main INTO 'file:{folder}/copy.db?mode=rwc'
SELECT readfile('{folder}/canary.txt')
SELECT writefile('{folder}/out', 'x')
SELECT writefile('{folder}/out', 'x', 33261)
SELECT edit('x')
SELECT edit('x', 'touch {folder}/out')
SELECT * FROM fsdir('{folder}')
SELECT lsmode(1)
SELECT * FROM csv('{folder}/canary.txt')
SELECT * FROM zipfile('{folder}/x.zip')
SELECT * FROM sqlar
SELECT sqlar_uncompress('x', 1)
SELECT * FROM sqlite_dbpage
SELECT * FROM sqlite_dbdata
SELECT * FROM generate_series(1, 2)
CREATE VIRTUAL TABLE q USING zipfile('{folder}/x.zip')
CREATE TABLE q(a); .output {folder}/out
.read {folder}/canary.txt
.shell touch {folder}/out
.import {folder}/canary.txt t
""",
    ),
    Group(
        "network",
        "somebody is called",
        r"""
ATTACH 'file://127.0.0.1:{port}/x' AS z
ATTACH 'http://127.0.0.1:{port}/x' AS z
SELECT http_get('http://127.0.0.1:{port}/')
SELECT * FROM http_get('http://127.0.0.1:{port}/')
SELECT load_extension('\\127.0.0.1@{port}\x')
""",
    ),
    Group(
        "code",
        "it runs what is not in the statement",
        r"""
SELECT load_extension('{folder}/x.so')
SELECT load_extension('{folder}/x.so', 'entry')
SELECT load_extension('/usr/lib/x86_64-linux-gnu/libc.so.6', 'system')
SELECT load_extension()
SELECT fts3_tokenizer('simple')
SELECT fts3_tokenizer('simple', x'4141414141414141')
SELECT hex(fts3_tokenizer('simple'))
SELECT fts5(1)
SELECT fts5('x')
SELECT rtreecheck('words')
SELECT rtreenode(2, x'00')
SELECT * FROM trap
SELECT sqlite_rename_column(1, 2, 3, 4, 5, 6, 7, 8, 9)
SELECT sqlite_rename_table('main', 'x', 'y', 'CREATE TABLE t(a)', 'a', 'b', 1)
SELECT sqlite_add_constraint(1, 2)
SELECT sqlite_log(1, 'x')
SELECT sqlite_crypt('x', 'y')
SELECT icu_load_collation('de', 'german')
SELECT load_extension(readfile('x'))
""",
    ),
    Group(
        "hidden SQL",
        "a text holds the statement, where no parser looks",
        r"""
SELECT eval('DELETE FROM t')
SELECT eval('SELECT 1', ',')
SELECT fts5_expr('x')
SELECT fts5_source_id()
SELECT * FROM fts5vocab
SELECT fts3_tokenizer(1)
SELECT * FROM words('x OR y') WHERE words MATCH load_extension('x')
SELECT * FROM bytecode('DELETE FROM t')
SELECT * FROM tables_used('SELECT * FROM t')
SELECT * FROM statement_vtab
SELECT * FROM prefixes('x')
SELECT * FROM completion('SEL')
SELECT shell_add_schema('x', 'y', 'z')
SELECT sha3_query('SELECT * FROM t')
""",
    ),
    Group(
        "secret",
        "it reads what is none of the source's",
        r"""
SELECT * FROM sqlite_master ## rt
SELECT * FROM main.sqlite_schema ## rt
SELECT * FROM sqlite_temp_master
SELECT * FROM sqlite_temp_schema
SELECT sql FROM "sqlite_master" ## rt
SELECT * FROM [sqlite_master] ## rt
SELECT * FROM `SQLITE_MASTER` ## rt
SELECT * FROM 'sqlite_master' ## rt
SELECT (SELECT sql FROM sqlite_master)
SELECT * FROM t JOIN sqlite_master ## rt
WITH c AS (SELECT * FROM sqlite_master) SELECT * FROM c ## rt
WITH sqlite_master AS (SELECT 1) SELECT * FROM sqlite_master
SELECT * FROM sqlite_stat1
SELECT * FROM sqlite_sequence
SELECT * FROM pragma_table_info('orders')
SELECT * FROM pragma_database_list
SELECT * FROM main.pragma_database_list
SELECT * FROM pragma_writable_schema
SELECT * FROM pragma_function_list
SELECT * FROM trap_of_names ## a
SELECT * FROM dbstat
SELECT * FROM sqlite_stmt
SELECT * FROM temp.orders
SELECT * FROM z.orders
SELECT sqlite_version()
SELECT sqlite_source_id()
SELECT sqlite_compileoption_get(1)
SELECT sqlite_compileoption_used('x')
SELECT sqlite_offset(id) FROM t
SELECT subtype(json('[]'))
SELECT "nothing" FROM orders
SELECT `nothing` FROM orders
SELECT [nothing] FROM orders
""",
    ),
    Group(
        "disguise",
        "one reader sees another statement than the other",
        r"""
/* x */ DELETE FROM t
-- x⏎DELETE FROM t
SELECT 1 -- ⏎; DELETE FROM t
SELECT 1 /* /* */ ; DELETE FROM t; -- */
SELECT 1 /* unfinished
SELECT 'a\'; DELETE FROM t; --'
SELECT "a""; DELETE FROM t; --"
SELECT [a]]; DELETE FROM t; --]
SELECT `a``; DELETE FROM t; --`
SELECT 1␀; DELETE FROM t
SELECT␣1; DELETE FROM t
SELECT x'41'; DELETE FROM t
SELECT 1e; DELETE FROM t
SELECT 0x1F; DELETE FROM t
SELECT 1_0; DELETE FROM t
SELECT $a::b(c); DELETE FROM t
SELECT "load_extension"('x')
SELECT [load_extension]('x')
SELECT `load_extension`('x')
SELECT 'load_extension'('x')
SELECT LOAD_EXTENSION('x')
SELECT load_extension ('x')
SELECT load_extension/* */('x')
SELECT main.load_extension('x')
EXPLAIN SELECT 1
EXPLAIN QUERY PLAN SELECT * FROM sqlite_master
DELETE/**/FROM t
delete from t
SELECT 1 AS a, load_extension AS b FROM t
SELECT /*+ x */ load_extension('x')
SELECT /*! load_extension('x') */
SELECT 1 WHERE 1 = 1 UNION SELECT sql FROM sqlite_master ## rt
SELECT id FROM t WHERE region REGEXP 'x'
SELECT id FROM words WHERE words MATCH 'x' || load_extension('y')
SELECT CAST(note AS DATE) FROM orders
""",
    ),
    Group(
        "position",
        "a call hides where a simple reader does not look",
        r"""
SELECT (SELECT load_extension('x'))
SELECT * FROM (SELECT randomblob(9))
VALUES (randomblob(9))
SELECT 1 ORDER BY randomblob(9)
SELECT 1 LIMIT length(randomblob(1))
SELECT 1 LIMIT 1 OFFSET length(randomblob(1))
SELECT CASE WHEN 1 THEN randomblob(9) END
SELECT count(*) FILTER (WHERE randomblob(1)) FROM t
WITH c AS (SELECT load_extension('x')) SELECT * FROM c
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT load_extension(i) FROM c LIMIT 2) SELECT * FROM c
SELECT sum(load_extension('x')) OVER () FROM t
SELECT sum(id) OVER (PARTITION BY load_extension('x')) FROM t
SELECT sum(id) OVER w FROM t WINDOW w AS (ORDER BY load_extension('x'))
SELECT sum(id) OVER (ROWS load_extension('x') PRECEDING) FROM t
SELECT * FROM t WHERE load_extension('x')
SELECT * FROM t WHERE id IN (SELECT load_extension('x'))
SELECT * FROM t WHERE id IN (1, load_extension('x'))
SELECT * FROM t WHERE id BETWEEN 1 AND load_extension('x')
SELECT * FROM t GROUP BY load_extension('x')
SELECT count(*) FROM t GROUP BY id HAVING load_extension('x')
SELECT * FROM t a JOIN t b ON load_extension('x')
SELECT * FROM json_each(load_extension('x'))
SELECT group_concat(id, load_extension('x')) FROM t
SELECT CAST(load_extension('x') AS TEXT)
SELECT 'x' COLLATE NOCASE = load_extension('x')
SELECT 'x' LIKE 'y' ESCAPE load_extension('x')
SELECT 'x' GLOB load_extension('x')
SELECT (1, load_extension('x')) = (1, 2)
SELECT -load_extension('x'), NOT load_extension('x')
SELECT load_extension('x') IS NULL
SELECT 'a' -> load_extension('x')
SELECT EXISTS (SELECT load_extension('x'))
SELECT 1 UNION ALL SELECT load_extension('x')
SELECT iif(load_extension('x'), 1, 2)
SELECT coalesce(NULL, load_extension('x'))
""",
    ),
    Group(
        "cost",
        "it never ends, or eats the machine",
        r"""
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n ## rgpta
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n WHERE i < 0 ## rgpta
SELECT count(*) FROM orders a, orders b, orders c, orders d, orders e, orders f, orders g ## rgpta
SELECT a.note FROM orders a, orders b, orders c, orders d, orders e WHERE a.note || e.note LIKE '%%%x%' ## rgpta
WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT sum(i) FROM n ## rgpta
""",
    ),
    Group(
        "CVE class",
        "products were broken this way",
        r"""
SELECT length(randomblob(900000000))
SELECT hex(zeroblob(900000000))
SELECT randomblob(9e8)
SELECT zeroblob(900000000)
SELECT 1; COMMIT; DROP TABLE t; SELECT 1 ## t
WITH d AS (SELECT 1) REPLACE INTO t SELECT 1
ATTACH DATABASE '{folder}/shell.php' AS lol; CREATE TABLE lol.pwn(dataz text); INSERT INTO lol.pwn VALUES ('<?php') ## t
SELECT fts3_tokenizer('simple', fts3_tokenizer('porter'))
SELECT group_concat(sql) FROM sqlite_master ## rt
SELECT 1 FROM (SELECT 1) WHERE 1 = (SELECT count(*) FROM sqlite_master WHERE sql LIKE 'C%')
EXPLAIN ANALYZE DELETE FROM t
SELECT json_each.* FROM json_each((SELECT json_group_array(sql) FROM sqlite_master)) ## rt
""",
    ),
)

SQLITE: Final[tuple[Attack, ...]] = tuple(attacks("sqlite", _GROUPS))
