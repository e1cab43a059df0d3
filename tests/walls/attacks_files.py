"""Attacks on the files engine (DuckDB)."""

from typing import Final

from tests.walls.attacks import Attack, Group, attacks

_GROUPS: Final = (
    Group(
        "several statements",
        "the second statement is no query",
        r"""
SELECT 1; SELECT 2
SELECT 1; CREATE TABLE x (a int) ## r
SELECT 1; COPY orders TO '{folder}/copied.csv' ## t
SELECT 1;COPY (SELECT 1) TO '{folder}/copied.csv'; SELECT 2 ## t
COMMIT; CREATE TABLE x (a int) ## t
SELECT 1 /* x */; ATTACH '{folder}/x.db' ## t
FROM orders; EXPORT DATABASE '{folder}/out' ## t
SELECT 1) ; COPY (SELECT 1) TO '{folder}/copied.csv' --
SELECT 1) UNION ALL (SELECT 2
SELECT 1) FROM read_text('{folder}/canary.txt') --
SELECT 1 FROM orders) x; CREATE TABLE y AS SELECT * FROM (SELECT 1
""",
    ),
    Group(
        "transaction control",
        "whoever ends the transaction leaves its wall",
        r"""
BEGIN
BEGIN TRANSACTION READ WRITE
START TRANSACTION
COMMIT
ROLLBACK
ABORT
END
""",
    ),
    Group(
        "write",
        "it changes what the next question sees",
        r"""
INSERT INTO orders VALUES (1, 'x')
INSERT INTO numbers VALUES (1) ## r
INSERT INTO numbers VALUES (1) RETURNING n ## r
UPDATE numbers SET n = 2 ## r
UPDATE numbers SET n = 2 RETURNING n ## r
DELETE FROM numbers ## r
DELETE FROM numbers RETURNING n ## r
TRUNCATE numbers ## r
MERGE INTO numbers USING (SELECT 1 AS n) s ON numbers.n = s.n WHEN MATCHED THEN DELETE ## r
WITH d AS (DELETE FROM numbers RETURNING n) SELECT * FROM d ## rp
WITH x AS (SELECT 1 AS n) INSERT INTO numbers SELECT n FROM x ## r
EXPLAIN ANALYZE INSERT INTO numbers VALUES (1) ## r
SELECT nextval('s') ## rp
SELECT setval('s', 100) ## rp
COPY numbers FROM '{folder}/numbers.csv'
""",
    ),
    Group(
        "schema",
        "it changes what there is",
        r"""
CREATE TABLE x (a int) ## r
CREATE OR REPLACE TABLE numbers AS SELECT 7 AS n ## r
CREATE TEMP TABLE x (a int)
CREATE TEMP TABLE numbers AS SELECT 666 AS n
CREATE TABLE x AS SELECT * FROM orders ## r
CREATE VIEW v AS SELECT 1 ## r
CREATE OR REPLACE VIEW orders AS SELECT 1 ## r
CREATE MACRO f(x) AS x ## r
CREATE OR REPLACE MACRO upper(x) AS 'gotcha' ## r
CREATE TEMP MACRO upper(x) AS 'gotcha'
CREATE SEQUENCE s2 ## r
CREATE SCHEMA x ## r
CREATE TYPE mood AS ENUM ('a') ## r
CREATE INDEX i ON numbers (n) ## r
CREATE SECRET s (TYPE s3)
CREATE PERSISTENT SECRET s (TYPE s3)
DROP VIEW orders ## r
DROP TABLE numbers ## r
DROP SEQUENCE s ## r
ALTER TABLE numbers ADD COLUMN x int ## r
ALTER TABLE numbers RENAME TO x ## r
COMMENT ON TABLE numbers IS 'x' ## r
SELECT * INTO x FROM orders
VACUUM
ANALYZE
CHECKPOINT
FORCE CHECKPOINT
""",
    ),
    Group(
        "session",
        "it changes the settings or the session",
        r"""
SET enable_external_access = true
SET GLOBAL enable_external_access = true
SET lock_configuration = false
SET allowed_paths = ['/'] ## t
SET allowed_directories = ['/'] ## t
SET memory_limit = '100GB' ## t
SET threads = 1 ## t
SET TimeZone = 'Asia/Tokyo'
SET default_null_order = 'nulls_first' ## t
SET search_path = 'x'
SET VARIABLE x = 1
RESET memory_limit ## t
PRAGMA memory_limit = '100GB' ## t
PRAGMA database_list
PRAGMA enable_profiling
PRAGMA enable_logging
PRAGMA version
USE memory
LOAD httpfs
INSTALL httpfs ## t
FORCE INSTALL httpfs FROM '{folder}'
PREPARE p AS SELECT 1
EXECUTE p
DEALLOCATE p
CALL pragma_version()
CALL enable_logging() ## t
SELECT setseed(0.5)
SELECT write_log('x')
SHOW TABLES
SHOW ALL TABLES
DESCRIBE orders
SUMMARIZE orders
EXPLAIN SELECT 1
EXPLAIN ANALYZE SELECT 1
""",
    ),
    Group(
        "file",
        "it reads or writes other files of the worker's machine",
        r"""
SELECT * FROM '{folder}/canary.csv' ## pt
FROM '{folder}/canary.csv' ## pt
FROM "{folder}/canary.csv" ## pt
SELECT * FROM "{folder}/canary.csv" ## pt
SELECT * FROM read_csv('{folder}/canary.csv') ## pt
SELECT * FROM read_csv_auto('{folder}/canary.csv') ## pt
SELECT * FROM read_csv('{folder}/*.csv', filename = true)
SELECT * FROM read_text('{folder}/canary.txt') ## pt
SELECT * FROM read_blob('{folder}/canary.txt') ## pt
SELECT * FROM read_json('{folder}/canary.json') ## pt
SELECT * FROM read_json_auto('{folder}/canary.json') ## pt
SELECT * FROM read_ndjson('{folder}/canary.json') ## pt
SELECT * FROM read_parquet('{folder}/canary.parquet') ## pt
SELECT * FROM parquet_scan('{folder}/canary.parquet') ## pt
SELECT * FROM parquet_metadata('{folder}/canary.parquet') ## pt
SELECT * FROM parquet_schema('{folder}/canary.parquet')
SELECT * FROM parquet_kv_metadata('{folder}/canary.parquet')
SELECT * FROM sniff_csv('{folder}/canary.csv')
SELECT * FROM glob('{folder}/*')
SELECT * FROM read_duckdb('{folder}/x.db')
SELECT glob('{folder}/*')
SELECT content FROM read_text(['{folder}/canary.txt']) ## pt
SELECT * FROM orders, read_text('{folder}/canary.txt') ## pt
SELECT * FROM orders, LATERAL (FROM read_text('{folder}/canary.txt')) ## pt
WITH x AS (SELECT * FROM read_text('{folder}/canary.txt')) SELECT * FROM x ## pt
WITH x AS (FROM '{folder}/canary.csv') FROM x ## pt
SELECT (SELECT content FROM read_text('{folder}/canary.txt')) ## pt
SELECT EXISTS (FROM '{folder}/canary.csv')
PIVOT '{folder}/canary.csv' ON word USING count(*)
UNPIVOT '{folder}/canary.csv' ON word INTO NAME n VALUE v ## pt
SELECT * FROM (PIVOT '{folder}/canary.csv' ON word IN ('a') USING count(*))
SELECT * FROM (VALUES (1)) POSITIONAL JOIN '{folder}/canary.csv' ## pt
SUMMARIZE '{folder}/canary.csv' ## pt
DESCRIBE '{folder}/canary.csv'
COPY orders TO '{folder}/copied.csv' ## t
COPY (SELECT 1) TO '{folder}/copied.parquet' (FORMAT parquet) ## t
COPY (SELECT 1) TO '/dev/stdout'
EXPORT DATABASE '{folder}/out' ## t
IMPORT DATABASE '{folder}/out'
ATTACH '{folder}/x.db' ## t
ATTACH '{folder}/x.db' AS x (READ_ONLY)
ATTACH ':memory:' AS x ## r
DETACH memory
SELECT getenv('HOME')
SELECT current_setting('temp_directory')
SELECT * FROM duckdb_temporary_files()
SELECT * FROM which_secret('s3://x', 's3')
""",
    ),
    Group(
        "network",
        "it connects to other machines",
        r"""
SELECT * FROM read_csv('http://127.0.0.1:{port}/x.csv')
SELECT * FROM 'http://127.0.0.1:{port}/x.parquet'
FROM 'https://127.0.0.1:{port}/x.csv'
SELECT * FROM read_parquet('s3://bucket/x')
SELECT * FROM read_text('http://127.0.0.1:{port}/')
ATTACH 'http://127.0.0.1:{port}/x.db'
INSTALL x FROM 'http://127.0.0.1:{port}' ## t
COPY (SELECT 1) TO 'http://127.0.0.1:{port}/x.csv'
SELECT * FROM postgres_scan('host=127.0.0.1 port={port}', 'public', 't')
SELECT * FROM sqlite_scan('{folder}/x.db', 't')
SELECT * FROM iceberg_scan('http://127.0.0.1:{port}/')
""",
    ),
    Group(
        "hidden SQL",
        "the statement or the table is inside a text",
        r"""
SELECT * FROM query('SELECT 1')
SELECT * FROM query('FROM read_text(''{folder}/canary.txt'')') ## pt
SELECT * FROM query_table('orders')
SELECT * FROM query_table(['orders', 'numbers'])
SELECT * FROM query_table('{folder}/canary.csv') ## pt
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))
SELECT json_serialize_sql('SELECT 1')
SELECT json_deserialize_sql('{{}}')
SELECT * FROM histogram_values('duckdb_settings', name)
SELECT * FROM histogram(numbers, n)
SELECT * FROM histogram('{folder}/canary.csv', word) ## pt
SELECT * FROM seq_scan('orders')
SELECT * FROM summary(TABLE orders)
SELECT * FROM repeat_row(1, num_rows = 2)
SELECT * FROM test_all_types()
SELECT * FROM python_map_function()
SELECT * FROM pandas_scan(1)
SELECT * FROM arrow_scan(1, 2, 3)
""",
    ),
    Group(
        "secret",
        "it shows the worker's own state or tables that are not the source's",
        r"""
SELECT * FROM duckdb_secrets()
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_settings
SELECT * FROM duckdb_tables()
SELECT * FROM duckdb_views
SELECT * FROM duckdb_functions()
SELECT * FROM duckdb_databases()
SELECT * FROM duckdb_logs
SELECT * FROM pragma_database_size()
SELECT * FROM pragma_table_info('orders')
SELECT * FROM pragma_storage_info('numbers')
SELECT * FROM information_schema.tables
SELECT * FROM sqlite_master
SELECT * FROM pg_catalog.pg_class
SELECT * FROM pg_tables
SELECT * FROM main.sqlite_master
SELECT * FROM unknown_table
SELECT * FROM hidden ## rpt
SELECT * FROM main.hidden ## rpt
SELECT * FROM memory.main.hidden ## rpt
SELECT * FROM "HIDDEN" ## rpt
FROM hidden ## rpt
WITH orders AS (FROM hidden) FROM orders ## rpt
WITH duckdb_settings AS (SELECT 1) SELECT * FROM duckdb_settings
SELECT current_database()
SELECT current_schema()
SELECT version()
SELECT getvariable('x')
SELECT stats(1)
SELECT current_query()
SELECT txid_current()
SELECT * FROM orders AT (VERSION => 1)
""",
    ),
    Group(
        "disguise",
        "two lexers read it differently",
        r"""
SELECT 'a\'; COPY (SELECT 1) TO '{folder}/copied.csv'; --' ## t
SELECT $$a$$; COPY (SELECT 1) TO '{folder}/copied.csv' ## t
SELECT E'a\'; COPY (SELECT 1) TO ''{folder}/copied.csv''; --'; SELECT 2
SELECT 1 /* /* */ */; SELECT 2
SELECT 1 /*! ; COPY (SELECT 1) TO '{folder}/copied.csv' */
SELECT 1␀; SELECT 2
SELECT␣1; SELECT 2
SELECT "read_text"('x')
SELECT * FROM "read_text"('{folder}/canary.txt') ## pt
SELECT * FROM main.read_text('{folder}/canary.txt') ## pt
SELECT * FROM system.main.read_text('{folder}/canary.txt') ## pt
SELECT * FROM READ_TEXT('{folder}/canary.txt') ## pt
SELECT * FROM read_text /* x */ ('{folder}/canary.txt') ## pt
SELECT * FROM E'{folder}/canary.csv'
SELECT * FROM $${folder}/canary.csv$$
FROM x'41'
SELECT * FROM ('{folder}/canary.csv') ## pt
SELECT $x
SELECT ?
SELECT $1
SELECT :x
.read {folder}/canary.txt
SELECT 'x'.getenv()
SELECT 'HOME'.getenv()
SELECT main.getenv('HOME')
SELECT system.main.getenv('HOME')
SELECT 1 DELETE FROM numbers
""",
    ),
    Group(
        "position",
        "a function is called where a careless guard does not look",
        r"""
SELECT list_transform([1], lambda x: getenv('HOME'))
SELECT list_transform([1], x -> getenv('HOME'))
SELECT [getenv(x) FOR x IN ['HOME']]
SELECT [x FOR x IN ['HOME'] IF getenv(x) IS NULL]
SELECT {{'a': getenv('HOME')}}
SELECT MAP {{'a': getenv('HOME')}}
SELECT struct_pack(a := getenv('HOME'))
PIVOT orders ON getenv('HOME') USING count(*)
PIVOT orders ON note USING max(getenv('HOME'))
SELECT * FROM orders QUALIFY getenv('HOME') IS NULL
SELECT * REPLACE (getenv('HOME') AS note) FROM orders
SELECT COLUMNS(c -> getenv('HOME') IS NULL) FROM orders
SELECT max(id) FILTER (getenv('HOME') IS NULL) FROM orders
SELECT * FROM orders ORDER BY getenv('HOME')
SELECT * FROM orders LIMIT (SELECT length(getenv('HOME')))
SELECT sum(id) OVER (PARTITION BY getenv('HOME')) FROM orders
SELECT CASE WHEN true THEN getenv('HOME') END
VALUES (getenv('HOME'))
SELECT * FROM range(length(getenv('HOME')))
SELECT * FROM orders USING SAMPLE (length(getenv('HOME')) ROWS)
SELECT list_aggregate([1], getenv('HOME'))
SELECT [1, 2][length(getenv('HOME'))]
SELECT 'x'[length(getenv('HOME')):2]
SELECT x: getenv('HOME')
SELECT getenv('HOME')::VARCHAR
SELECT TRY_CAST(getenv('HOME') AS INT)
SELECT * FROM orders WHERE note IN (getenv('HOME'))
SELECT * FROM orders a ASOF JOIN orders b ON a.id >= b.id AND getenv('HOME') = b.note
SELECT (1, (2, getenv('HOME')))
SELECT format('{{}}', getenv('HOME'))
SELECT TRY(getenv('HOME'))
""",
    ),
    Group(
        "code",
        "it runs what is not SQL",
        r"""
SELECT * FROM shellfs('ls |')
FROM 'ls |'
SELECT load_extension('x')
CALL force_checkpoint()
CALL add_parquet_key('k', 'x')
SELECT sleep_ms(100000) ## rpt
SELECT error('x')
SELECT invoke(lambda x: x, 1)
""",
    ),
    Group(
        "cost",
        "it takes the machine instead of the data",
        r"""
SELECT count(*) FROM range(100000000) a, range(1000) b WHERE a.range % 7 = b.range % 5 ## rgpt
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n ## rgpt
SELECT count(*) FROM range(2000000000) r(i) WHERE md5(i::VARCHAR) LIKE '%a%b%c%d%e%' ## rgpt
SELECT sum(len(range(i % 1000))) FROM range(2000000000) r(i) ## rgpt
SELECT a.i, b.i FROM range(100000000) a(i), range(100000000) b(i) ORDER BY a.i + b.i ## rgpt
""",
    ),
    Group(
        "CVE class",
        "shapes that broke other products",
        r"""
/* leading comment */ COPY (SELECT 1) TO '{folder}/copied.csv' ## t
-- leading comment⏎COPY (SELECT 1) TO '{folder}/copied.csv' ## t
(COPY (SELECT 1) TO '{folder}/copied.csv')
 ⏎ ; COPY (SELECT 1) TO '{folder}/copied.csv' ## t
SELECT * FROM orders) TO '{folder}/copied.csv' --
GARBAGE
SELECT
SELECT ' unterminated
SELECT (1
""",
    ),
)

FILES: Final[tuple[Attack, ...]] = tuple(attacks("files", _GROUPS))
