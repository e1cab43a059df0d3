"""Statements that must be refused, and statements that must not be. `t` and `orders` exist."""

POSTGRES_ATTACKS = r"""
SELECT 1; COMMIT; DROP TABLE t; SELECT 1
COMMIT; INSERT INTO t VALUES (1)
ROLLBACK; DELETE FROM t
END; DELETE FROM t
ABORT
BEGIN
START TRANSACTION READ WRITE
SAVEPOINT a
COMMIT
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
SET TRANSACTION READ WRITE
SET statement_timeout = 0
RESET ALL
DISCARD ALL
SELECT set_config('transaction_read_only','off',true)
SELECT * FROM set_config('transaction_read_only','off',true)
SELECT set_config('statement_timeout','0',false)
SELECT pg_catalog.set_config('search_path','x',false)
SELECT current_setting('data_directory')
SELECT 'a\'; COMMIT; DELETE FROM t; SELECT 'b\''
WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d
WITH d AS (INSERT INTO t VALUES (99) RETURNING *) SELECT * FROM d
WITH d AS (UPDATE t SET id = 1 RETURNING *) SELECT * FROM d
WITH x AS (SELECT 1) UPDATE t SET id = 1
WITH x AS (SELECT 1) DELETE FROM t
WITH x AS (SELECT 1) INSERT INTO t SELECT 1
INSERT INTO t VALUES (1)
UPDATE t SET id = 2
DELETE FROM t
TRUNCATE t
MERGE INTO t USING t AS s ON t.id = s.id WHEN MATCHED THEN DELETE
SELECT * INTO t2 FROM t
SELECT id INTO TEMP t2 FROM t
CREATE TABLE t2 AS SELECT * FROM t
CREATE TEMP TABLE t2 (a int)
CREATE VIEW v AS SELECT 1
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'
CREATE EXTENSION plpython3u
CREATE EXTENSION dblink
DROP TABLE t
ALTER TABLE t ADD COLUMN x int
ALTER ROLE owner SUPERUSER
GRANT ALL ON t TO public
COMMENT ON TABLE t IS 'x'
REFRESH MATERIALIZED VIEW v
VACUUM
ANALYZE t
REINDEX TABLE t
CLUSTER t
CHECKPOINT
SELECT * FROM t FOR UPDATE
SELECT * FROM t FOR SHARE
SELECT * FROM t FOR KEY SHARE
SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED
SELECT * FROM (SELECT * FROM t FOR UPDATE) x
LOCK TABLE t IN ACCESS SHARE MODE
SELECT lo_create(0)
SELECT lo_from_bytea(0, 'x')
SELECT lo_export(1, '/tmp/x')
SELECT lo_import('/etc/passwd')
SELECT lo_unlink(1)
SELECT lo_put(1, 0, 'x')
SELECT dblink_exec('host=127.0.0.1', 'DELETE FROM t')
SELECT dblink_connect_u('a', 'host=127.0.0.1')
SELECT * FROM dblink('host=127.0.0.1', 'SELECT 1') AS x(a int)
DO $$ BEGIN DELETE FROM t; END $$
CALL p()
PREPARE p AS DELETE FROM t
EXECUTE p
DEALLOCATE ALL
SELECT evil_secdef()
SELECT public.evil_secdef()
SELECT * FROM evil_secdef()
SELECT t.sneaky FROM t
SELECT (t).sneaky FROM t
SELECT sneaky(t) FROM t
SELECT query_to_xml('select * from secret', true, true, '')
SELECT cursor_to_xml('c', 1, true, true, '')
SELECT table_to_xml('secret', true, true, '')
SELECT database_to_xml(true, true, '')
SELECT schema_to_xml('public', true, true, '')
SELECT * FROM ts_stat('select to_tsvector(id::text) from t')
SELECT ts_rewrite('a'::tsquery, 'select 1')
SELECT pg_terminate_backend(pid) FROM t
SELECT pg_terminate_backend(1)
SELECT pg_cancel_backend(1)
SELECT * FROM pg_stat_activity
SELECT pg_reload_conf()
SELECT pg_rotate_logfile()
SELECT pg_switch_wal()
SELECT pg_create_restore_point('x')
SELECT pg_advisory_lock(7)
SELECT pg_try_advisory_lock(7)
SELECT pg_advisory_unlock_all()
SELECT pg_notify('a', 'b')
SELECT pg_logical_emit_message(false, 'a', 'b')
SELECT pg_export_snapshot()
SELECT pg_current_xact_id()
SELECT txid_current()
SELECT pg_sleep(10)
SELECT pg_sleep_for('1 hour')
SELECT pg_read_file('/etc/passwd')
SELECT pg_read_binary_file('/etc/passwd')
SELECT pg_ls_dir('/')
SELECT * FROM pg_ls_dir('/')
SELECT * FROM pg_ls_waldir()
SELECT pg_stat_file('/etc/passwd')
SELECT * FROM ROWS FROM (generate_series(1, 2), pg_ls_dir('/')) AS x
VALUES (pg_read_file('/etc/passwd'))
SELECT 1 FROM t ORDER BY pg_sleep(1)
SELECT 1 LIMIT (SELECT count(*) FROM pg_ls_dir('/'))
SELECT CASE WHEN true THEN pg_read_file('/etc/passwd') END
SELECT count(*) FILTER (WHERE pg_sleep(1) IS NULL) FROM t
SELECT x.a FROM t, LATERAL (SELECT pg_read_file('/etc/passwd')) AS x(a)
SELECT (ARRAY[(pg_read_file('/etc/passwd'))])[1]
SELECT ((1, (2, pg_read_file('/etc/passwd'))))
WITH x AS (SELECT pg_read_file('/etc/passwd')) SELECT * FROM x
SELECT row(pg_read_file('/etc/passwd'))
SELECT sum(1) OVER (PARTITION BY pg_sleep(1)) FROM t
SELECT * FROM t JOIN t b ON pg_sleep(1) IS NULL
SELECT * FROM t WHERE id IN (SELECT lo_create(0))
SELECT DISTINCT ON (pg_sleep(1)) id FROM t
SELECT 1 UNION ALL SELECT lo_create(0)
SELECT * FROM t GROUP BY GROUPING SETS ((pg_sleep(1)))
SELECT * FROM t TABLESAMPLE BERNOULLI (pg_sleep(1))
SELECT "pg_read_file"('/etc/passwd')
SELECT "PG_SLEEP"(1)
SELECT nextval('s')
SELECT setval('s', 1)
SELECT currval('s')
SELECT lastval()
SELECT 1 OPERATOR(public.+) 2
SELECT 1 OPERATOR(pg_catalog.+) 2
SELECT ctid FROM t
SELECT xmin, xmax FROM t
SELECT t.tableoid FROM t
SELECT 'pg_authid'::regclass
SELECT 'lo_create'::regproc
SELECT * FROM pg_catalog.pg_authid
SELECT * FROM pg_shadow
SELECT * FROM pg_roles
SELECT * FROM "pg_authid"
SELECT * FROM information_schema.tables
SELECT (WITH pg_authid AS (SELECT 1) SELECT 1), rolpassword FROM pg_authid
WITH pg_shadow AS (SELECT 1) SELECT * FROM pg_shadow
SELECT * FROM other.public.t
SET ROLE owner
RESET ROLE
SET SESSION AUTHORIZATION owner
DECLARE c CURSOR WITH HOLD FOR SELECT 1
FETCH ALL FROM c
CLOSE c
LISTEN a
UNLISTEN *
NOTIFY a
LOAD 'x'
COPY t TO '/tmp/x'
COPY t FROM '/etc/passwd'
COPY (SELECT 1) TO PROGRAM 'touch /tmp/x'
EXPLAIN SELECT 1
EXPLAIN ANALYZE DELETE FROM t
SHOW ALL
SELECT $1
SELECT :name
SELECT ?
SELECT U&'\0041'
SELECT /*+ SeqScan(t) */ * FROM t
SELECT 1 /*!50000 INTO OUTFILE '/tmp/x' */
SELECT xmlparse(document '<a/>')
SELECT xpath('/a', '<a/>')
SELECT inet_server_addr()
SELECT version()
SELECT
SELECT ' unterminated
SELECT (1
garbage
"""
DUCKDB_ATTACKS = r"""
SELECT * FROM '/etc/passwd'
FROM '/etc/passwd'
SELECT * FROM "/etc/passwd"
SELECT * FROM 'orders.csv'
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM read_csv_auto('/etc/passwd')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM read_blob('/etc/passwd')
SELECT * FROM read_parquet('https://example.org/x')
SELECT * FROM read_json('/etc/passwd')
SELECT * FROM parquet_scan('x')
SELECT * FROM parquet_metadata('x')
SELECT * FROM sniff_csv('/etc/passwd')
SELECT * FROM glob('/etc/*')
SELECT glob('/etc/*')
SELECT * FROM query('select 1')
SELECT * FROM query_table('orders')
SELECT getenv('HOME')
SELECT getvariable('x')
SELECT current_setting('temp_directory')
SELECT * FROM duckdb_secrets()
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_tables
SELECT * FROM pragma_database_size()
CALL pragma_version()
PRAGMA database_list
PRAGMA enable_profiling
ATTACH '/tmp/x.db'
DETACH memory
COPY orders TO '/tmp/x'
COPY (SELECT 1) TO '/tmp/x'
EXPORT DATABASE '/tmp/x'
IMPORT DATABASE '/tmp/x'
INSTALL httpfs
LOAD httpfs
SET enable_external_access = true
SET memory_limit = '100GB'
RESET memory_limit
CREATE TABLE x (a int)
CREATE MACRO f(x) AS x
CREATE SECRET s (TYPE s3)
DROP VIEW orders
ALTER TABLE orders RENAME TO x
INSERT INTO orders VALUES (1)
UPDATE orders SET id = 1
DELETE FROM orders
TRUNCATE orders
BEGIN
COMMIT
CHECKPOINT
VACUUM
USE memory
SHOW TABLES
DESCRIBE orders
SUMMARIZE orders
EXPLAIN ANALYZE SELECT 1
SELECT 1; SELECT 2
WITH x AS (SELECT read_text('/etc/passwd')) SELECT * FROM x
SELECT list_transform([1], x -> getenv('HOME'))
SELECT [getenv(x) FOR x IN ['HOME']]
SELECT {'a': getenv('HOME')}
PIVOT orders ON getenv('HOME') USING count(*)
SELECT * FROM orders QUALIFY getenv('HOME') IS NULL
SELECT * FROM unknown_table
SELECT * FROM information_schema.tables
SELECT * FROM sqlite_master
SELECT nextval('s')
SELECT load_extension('x')
SELECT write_log('x')
SELECT $x
EXECUTE p
PREPARE p AS SELECT 1
"""
POSTGRES_ANALYTICS = r"""
SELECT 1
SELECT count(*), sum(total), avg(total), min(placed), max(placed) FROM orders
SELECT region, sum(total) AS revenue FROM orders GROUP BY region ORDER BY revenue DESC, 1 LIMIT 3
SELECT date_trunc('month', placed) AS m, sum(total) FROM orders GROUP BY 1 ORDER BY 1
SELECT id, sum(total) OVER (PARTITION BY region ORDER BY placed, id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM orders ORDER BY id
SELECT id, row_number() OVER w, rank() OVER w, lag(total, 1, 0) OVER w, ntile(4) OVER w, first_value(id) OVER w FROM orders WINDOW w AS (PARTITION BY region ORDER BY total DESC, id) ORDER BY id
WITH monthly AS (SELECT date_trunc('month', placed) AS m, sum(total) AS s FROM orders GROUP BY 1), growth AS (SELECT m, s, s / nullif(lag(s) OVER (ORDER BY m), 0) - 1 AS g FROM monthly) SELECT * FROM growth ORDER BY m
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n
SELECT region, extract(year FROM placed) AS y, sum(total) FROM orders GROUP BY GROUPING SETS ((region, y), (region), ()) ORDER BY 1 NULLS LAST, 2 NULLS LAST
SELECT region, status, count(*), grouping(region) FROM orders GROUP BY CUBE (region, status) ORDER BY 1, 2, 3
SELECT region, status, count(*) FROM orders GROUP BY ROLLUP (region, status) ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3
SELECT id FROM orders WHERE total > 50 UNION SELECT id FROM orders WHERE id < 5 ORDER BY 1
SELECT region FROM orders EXCEPT SELECT 'north' ORDER BY 1
SELECT region FROM orders INTERSECT ALL SELECT region FROM orders ORDER BY 1
SELECT count(*) FILTER (WHERE status = 'paid') * 100.0 / count(*) AS share FROM orders
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total), percentile_disc(ARRAY[0.1, 0.9]) WITHIN GROUP (ORDER BY total), mode() WITHIN GROUP (ORDER BY region) FROM orders
SELECT o.id, x.v FROM orders o, LATERAL (SELECT o.total * 2 AS v) x WHERE o.id < 4 ORDER BY 1
SELECT o.id, e.key, e.value FROM orders o CROSS JOIN LATERAL jsonb_each_text(o.extra) e WHERE o.id < 4 ORDER BY 1, 2
SELECT extra ->> 'channel' AS c, (extra -> 'n')::int AS n, extra #>> '{tags,0}' AS tag, extra @> '{"n": 1}' FROM orders ORDER BY id LIMIT 5
SELECT jsonb_path_query_first(extra, '$.tags[0]'), jsonb_array_length(extra -> 'tags') FROM orders ORDER BY id LIMIT 3
SELECT jsonb_agg(jsonb_build_object('id', id, 'total', total) ORDER BY id) FROM orders WHERE id < 4
SELECT string_agg(DISTINCT region, ', ' ORDER BY region), array_agg(id ORDER BY id DESC) FROM orders WHERE id < 6
SELECT DISTINCT ON (region) region, id, total FROM orders ORDER BY region, total DESC, id
SELECT id, CASE WHEN total > 100 THEN 'big' WHEN total BETWEEN 10 AND 100 THEN 'mid' ELSE 'small' END FROM orders ORDER BY id
SELECT coalesce(note, 'none'), upper(region), length(note), left(note, 3), split_part(note, ' ', 2), initcap(region) FROM orders ORDER BY id LIMIT 5
SELECT id FROM orders WHERE note ~ '^n\w+ \d+$' AND note !~* 'ZZZ' ORDER BY id LIMIT 5
SELECT regexp_replace(note, '\d+', '#', 'g'), substring(note FROM '\d+'), substring(note, 2, 3), regexp_match(note, '(\d)') FROM orders ORDER BY id LIMIT 3
SELECT id FROM orders WHERE region IN ('north', 'south') AND note LIKE 'note%' AND note NOT ILIKE '%ZZ%' ORDER BY id LIMIT 4
SELECT placed + interval '1 day', placed::date - date '2026-01-01', age(timestamp '2026-03-01', timestamp '2026-01-15'), to_char(placed, 'YYYY-MM') FROM orders ORDER BY id LIMIT 3
SELECT date_part('dow', placed), extract(epoch FROM placed)::bigint, placed AT TIME ZONE 'Europe/Berlin' FROM orders ORDER BY id LIMIT 3
SELECT d::date, count(o.id) FROM generate_series(date '2026-01-01', date '2026-01-05', interval '1 day') AS g(d) LEFT JOIN orders o ON o.placed::date = d::date GROUP BY 1 ORDER BY 1
SELECT width_bucket(total, 0, 200, 4) AS b, count(*) FROM orders GROUP BY 1 ORDER BY 1
SELECT corr(id, total), regr_slope(total, id), stddev_samp(total), var_pop(total) FROM orders
SELECT to_hex(255), md5('a'), encode('abc'::bytea, 'base64'), round(2.345, 2), 7 % 3, 2 ^ 10, mod(7, 3), 7 / 2, 7 / 2.0
SELECT E'a\tb\\c', 'it''s', $$dollar$$, B'101', 'x' || NULL
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(n, s) ORDER BY n
VALUES (1, 'x'), (2, NULL)
SELECT unnest(ARRAY[3, 1, 2]) AS u ORDER BY u
SELECT u.v, u.n FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(v, n) ORDER BY 2
SELECT id FROM orders WHERE id = ANY (ARRAY[1, 2]) OR total > ALL (SELECT 1000) ORDER BY id
SELECT EXISTS (SELECT 1 FROM orders WHERE total < 0), NOT true, NULL IS DISTINCT FROM 1
SELECT region, max(total) - min(total) AS spread FROM orders GROUP BY region HAVING count(*) > 2 ORDER BY 1
SELECT a.region, b.status FROM (SELECT DISTINCT region FROM orders) a CROSS JOIN (SELECT DISTINCT status FROM orders) b ORDER BY 1, 2
SELECT o.id FROM orders o LEFT JOIN t ON t.id = o.id WHERE t.id IS NULL ORDER BY 1 LIMIT 3
SELECT o.id FROM orders o JOIN t USING (id) ORDER BY 1
SELECT "id" AS "Order No." FROM "public"."orders" ORDER BY "id" FETCH FIRST 2 ROWS ONLY
SELECT id FROM orders ORDER BY total DESC NULLS LAST, id OFFSET 2 LIMIT 3
SELECT (now() - now())::text, current_date = current_date, make_date(2026, 1, 2), greatest(1, 2), least(1, 2)
TABLE t
SELECT count(*) -- with a comment ; DROP TABLE t
SELECT 1 /* /* nested */ ; DROP TABLE t; */
SELECT E'\'; DROP TABLE t; --'
SELECT array_to_string(ARRAY(SELECT id FROM orders ORDER BY id LIMIT 3), ',')
SELECT trim(both 'x' from 'xax'), position('b' in 'abc'), overlay('abcd' placing 'X' from 2), lpad('7', 3, '0'), translate('abc', 'a', 'z')
SELECT status, count(*), sum(count(*)) OVER () AS all_orders FROM orders GROUP BY status ORDER BY status
SELECT date_bin('15 minutes', placed, timestamptz '2026-01-01') AS slot, count(*) FROM orders GROUP BY 1 ORDER BY 1 LIMIT 3
"""
DUCKDB_ANALYTICS = r"""
SELECT region, sum(total) FROM orders GROUP BY ALL ORDER BY ALL
FROM orders SELECT region, count(*) GROUP BY region ORDER BY region
PIVOT orders ON status IN ('paid', 'open') USING sum(total) GROUP BY region
SELECT * FROM (PIVOT orders ON status IN ('paid', 'open') USING count(*) GROUP BY region) ORDER BY region
SELECT * EXCLUDE (note) REPLACE (total * 2 AS total) FROM orders QUALIFY row_number() OVER (PARTITION BY region ORDER BY id) = 1 ORDER BY id
SELECT approx_count_distinct(region), quantile_cont(total, 0.5), median(total), arg_max(id, total) FROM orders
SELECT list(id ORDER BY id), list_transform([1, 2], lambda x : x + 1), [x * 2 FOR x IN [1, 2, 3] IF x > 1] FROM orders
SELECT strftime(placed, '%Y-%m') AS m, date_diff('day', min(placed), max(placed)) FROM orders GROUP BY 1 ORDER BY 1
SELECT time_bucket(INTERVAL '1 week', placed) AS w, count(*) FROM orders GROUP BY w ORDER BY w
SELECT date_trunc('month', placed) AS m, count(*) FILTER (WHERE status = 'paid') FROM orders GROUP BY 1 ORDER BY 1
SELECT {'a': 1}.a, MAP {'k': 2}['k'], [1, 2, 3][1:2], struct_pack(x := 1)
SELECT regexp_extract(note, '(\d+)', 1), note ILIKE 'N%', try_cast(note AS INTEGER) FROM orders ORDER BY id LIMIT 3
SELECT COLUMNS('id|total') FROM orders ORDER BY id LIMIT 2
SELECT a.id, b.id FROM orders a ASOF JOIN orders b ON a.region = b.region AND a.id > b.id ORDER BY 1 LIMIT 3
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i) FROM n
SELECT region, status, sum(total) FROM orders GROUP BY GROUPING SETS ((region), (status), ()) ORDER BY ALL
SELECT unnest([1, 2]) AS u, range(3), generate_series(1, 2)
SELECT * FROM range(3) r(i) ORDER BY i
SELECT id // 2, id % 2, id / 2, 2 ** 3 FROM orders ORDER BY id LIMIT 3
SELECT json_extract_string('{"a": "x"}', '$.a'), '{"a": 1}'::JSON ->> 'a'
SELECT dayname(placed), monthname(placed), epoch(placed), last_day(placed::date) FROM orders ORDER BY id LIMIT 1
UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b INTO NAME n VALUE v
"""


def lines(text: str) -> list[str]:
    return [line for line in text.strip("\n").split("\n") if line.strip()]
