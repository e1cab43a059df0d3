"""Attacks on PostgreSQL. Measured on a superuser's session when the role's wall is off."""

from typing import Final

from tests.walls.attacks import Attack, Group, attacks

_GROUPS: Final = (
    Group(
        "several statements",
        "the second statement leaves the transaction that the first one was wrapped in",
        r"""
SELECT 1; COMMIT; DROP TABLE t; SELECT 1
COMMIT; INSERT INTO t VALUES (1) ## t
ROLLBACK; DELETE FROM t ## t
END; DELETE FROM t ## t
ABORT; UPDATE t SET id = 9 ## t
SELECT 1;DELETE FROM t
SELECT 1; ; ; DELETE FROM t
SELECT 1 /* x */ ; -- y⏎ DELETE FROM t
SELECT 1; SELECT lo_create(4711) ## r
SELECT 1; BEGIN; DELETE FROM t; COMMIT
COMMIT; BEGIN READ WRITE; DELETE FROM t; COMMIT; BEGIN ## t
COMMIT; CREATE TABLE x (a int) ## t
COMMIT; CREATE ROLE intruder SUPERUSER LOGIN ## t
ROLLBACK; COPY (SELECT 'x') TO '{folder}/stacked.txt' ## t
COMMIT; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; DELETE FROM t ## t
ROLLBACK AND CHAIN; DELETE FROM t
COMMIT AND NO CHAIN; DELETE FROM t ## t
SELECT 1; DO $$ BEGIN DELETE FROM t; END $$ ## rt
SELECT 1⏎;⏎DELETE FROM t
(SELECT 1); TRUNCATE t
VALUES (1); DELETE FROM t
TABLE t; DELETE FROM t
WITH a AS (SELECT 1) SELECT * FROM a; DELETE FROM t
""",
    ),
    Group(
        "transaction control",
        "a transaction that is not read-only any more protects nothing",
        r"""
BEGIN
COMMIT
ROLLBACK
END
ABORT
START TRANSACTION READ WRITE
SAVEPOINT a
RELEASE SAVEPOINT a
ROLLBACK TO SAVEPOINT a
COMMIT PREPARED 'x'
ROLLBACK PREPARED 'x'
PREPARE TRANSACTION 'x'
SET TRANSACTION READ WRITE
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
SET transaction_read_only = off
SET default_transaction_read_only = off
SET LOCAL transaction_read_only = off
SELECT set_config('transaction_read_only', 'off', true)
SELECT * FROM set_config('transaction_read_only', 'off', true)
SELECT set_config('default_transaction_read_only', 'off', false)
""",
    ),
    Group(
        "write",
        "it changes rows",
        r"""
INSERT INTO t VALUES (1)
INSERT INTO t VALUES (1) RETURNING id ## p
INSERT INTO t SELECT 1 RETURNING * ## p
UPDATE t SET id = 2
UPDATE t SET id = id + 1 RETURNING id ## p
DELETE FROM t
DELETE FROM t RETURNING * ## p
TRUNCATE t
MERGE INTO t USING (VALUES (1)) AS s (id) ON t.id = s.id WHEN MATCHED THEN DELETE
MERGE INTO t USING (VALUES (1)) AS s (id) ON t.id = s.id WHEN MATCHED THEN DELETE RETURNING t.id ## p
WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d ## p
WITH d AS (INSERT INTO t VALUES (99) RETURNING *) SELECT * FROM d ## p
WITH d AS (UPDATE t SET id = 1 RETURNING *) SELECT * FROM d ## p
WITH d AS (MERGE INTO t USING (VALUES (1)) AS s (id) ON t.id = s.id WHEN MATCHED THEN DELETE RETURNING t.id) SELECT * FROM d ## p
WITH x AS (SELECT 1) UPDATE t SET id = 1
WITH x AS (SELECT 1) DELETE FROM t
WITH x AS (SELECT 1) INSERT INTO t SELECT 1
WITH RECURSIVE d AS (DELETE FROM t RETURNING id) SELECT * FROM d ## p
WITH a AS (SELECT 1), b AS (DELETE FROM t RETURNING 1) SELECT * FROM a ## p
WITH a AS (WITH b AS (DELETE FROM t RETURNING 1) SELECT * FROM b) SELECT * FROM a
SELECT * FROM (WITH b AS (DELETE FROM t RETURNING 1) SELECT * FROM b) x
EXPLAIN ANALYZE DELETE FROM t ## p
EXPLAIN (ANALYZE, VERBOSE) WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d ## p
EXPLAIN ANALYZE INSERT INTO t VALUES (1) ## p
SELECT nextval('s') ## p
SELECT setval('s', 100) ## p
SELECT * FROM nextval('s') ## p
SELECT nextval('s'::regclass) FROM t ## p
SELECT lo_create(0) ## rp
SELECT lo_creat(-1) ## rp
SELECT lo_from_bytea(0, 'x') ## rp
SELECT lo_put(1234, 0, 'y') ## p
SELECT lo_unlink(1234) ## p
SELECT lowrite(lo_open(1234, 131072), 'z') ## p
SELECT lo_truncate(lo_open(1234, 131072), 0) ## p
SELECT evil_secdef() ## rp
SELECT public.evil_secdef() ## rp
SELECT * FROM evil_secdef() ## rp
SELECT id FROM t WHERE evil_secdef() = 1 ## rp
SELECT first('x') ## rp
SELECT first(note) FROM orders ## rp
COPY t FROM PROGRAM 'echo 7'
COPY t (id) FROM '{folder}/numbers.txt'
""",
    ),
    Group(
        "schema",
        "it changes the database, its roles or its settings",
        r"""
SELECT * INTO t2 FROM t
SELECT id INTO TEMP t2 FROM t ## r
SELECT id INTO UNLOGGED t2 FROM t
CREATE TABLE t2 AS SELECT * FROM t
CREATE TABLE t2 (a int)
CREATE TEMP TABLE t2 (a int) ## r
CREATE TEMP TABLE t2 AS SELECT 1 ## r
CREATE UNLOGGED TABLE t2 (a int)
CREATE VIEW v AS SELECT 1
CREATE TEMP VIEW v AS SELECT 1 ## r
CREATE MATERIALIZED VIEW v AS SELECT 1
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'
CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1' ## r
CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION suppress_redundant_updates_trigger()
CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING
CREATE INDEX i ON t (id)
CREATE SEQUENCE s2
CREATE SCHEMA x
CREATE ROLE intruder SUPERUSER LOGIN
CREATE EXTENSION vector
CREATE TYPE x AS (a int)
CREATE DOMAIN d AS int
CREATE CAST (text AS int4) WITH INOUT
CREATE OPERATOR <##> (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)
CREATE EVENT TRIGGER x ON ddl_command_start EXECUTE FUNCTION suppress_redundant_updates_trigger()
CREATE PUBLICATION x FOR ALL TABLES
CREATE STATISTICS x ON id, id FROM t
DROP TABLE t
DROP FUNCTION evil_secdef()
DROP OWNED BY reader
ALTER TABLE t ADD COLUMN x int
ALTER TABLE t OWNER TO reader
ALTER TABLE t DISABLE ROW LEVEL SECURITY
ALTER ROLE reader SUPERUSER
ALTER ROLE reader SET statement_timeout = 0 ## r
ALTER SYSTEM SET log_statement = 'all'
ALTER DATABASE app SET work_mem = '1GB'
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC ## r
GRANT ALL ON t TO PUBLIC
GRANT SELECT ON secret TO reader
REVOKE ALL ON t FROM reader
COMMENT ON TABLE t IS 'x'
SECURITY LABEL ON TABLE t IS 'x'
REASSIGN OWNED BY reader TO owner
REFRESH MATERIALIZED VIEW v
REINDEX TABLE t
CLUSTER t
VACUUM t
VACUUM FULL t
ANALYZE t ## t
CHECKPOINT
""",
    ),
    Group(
        "session",
        "it poisons the session for whoever gets it next",
        r"""
SET statement_timeout = 0
SET search_path = x ## r
SET ROLE reader
SET SESSION AUTHORIZATION reader
SET standard_conforming_strings = off ## r
SET session_replication_role = replica
SET row_security = off ## r
RESET ALL
RESET ROLE
DISCARD ALL
DISCARD PLANS
SELECT set_config('statement_timeout', '0', false)
SELECT set_config('search_path', 'x', false) ## rp
SELECT pg_catalog.set_config('search_path', 'x', false) ## rp
SELECT set_config(name, 'x', false) FROM (VALUES ('app.tenant')) v(name) ## rp
SELECT set_config('standard_conforming_strings', 'off', false) ## rp
PREPARE p AS DELETE FROM t ## r
PREPARE p AS SELECT 1 ## r
EXECUTE p
DEALLOCATE ALL
DECLARE c CURSOR WITH HOLD FOR SELECT 1 ## r
DECLARE c CURSOR FOR SELECT 1
FETCH ALL FROM c
MOVE NEXT FROM c
CLOSE c
LISTEN a ## r
UNLISTEN *
LOAD 'plpgsql' ## t
SELECT setseed(0.5)
SHOW ALL
SHOW data_directory
""",
    ),
    Group(
        "lock",
        "it holds up others, and some of these survive a rollback",
        r"""
SELECT pg_advisory_lock(7) ## rp
SELECT pg_advisory_lock_shared(7) ## rp
SELECT pg_try_advisory_lock(7) ## rp
SELECT pg_advisory_xact_lock(7)
SELECT pg_advisory_lock(id) FROM t ## rp
SELECT pg_advisory_unlock_all()
LOCK TABLE t IN ACCESS SHARE MODE
LOCK TABLE t IN ACCESS EXCLUSIVE MODE
SELECT * FROM t FOR UPDATE
SELECT * FROM t FOR SHARE
SELECT * FROM t FOR KEY SHARE
SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED
SELECT * FROM (SELECT * FROM t FOR UPDATE) x
WITH x AS (SELECT * FROM t FOR UPDATE) SELECT * FROM x
SELECT * FROM t FOR UPDATE OF t NOWAIT
SELECT 1 WHERE EXISTS (SELECT 1 FROM t FOR UPDATE)
""",
    ),
    Group(
        "file",
        "it reads or writes files of the database's machine",
        r"""
SELECT pg_read_file('{folder}/canary.txt') ## pt
SELECT pg_read_binary_file('{folder}/canary.txt') ## pt
SELECT * FROM pg_read_file('{folder}/canary.txt') ## pt
SELECT convert_from(pg_read_binary_file('{folder}/canary.txt'), 'UTF8') ## pt
SELECT pg_ls_dir('{folder}')
SELECT * FROM pg_ls_dir('{folder}') AS x
SELECT * FROM pg_ls_waldir()
SELECT * FROM pg_ls_logdir()
SELECT * FROM pg_ls_tmpdir()
SELECT (pg_stat_file('{folder}/canary.txt')).size
SELECT lo_import('{folder}/canary.txt') ## p
SELECT lo_export(1234, '{folder}/exported.txt') ## pt
COPY t TO '{folder}/copied.txt' ## t
COPY (SELECT 1) TO '{folder}/copied.txt' ## t
COPY (SELECT 1) TO PROGRAM 'touch {folder}/touched.txt' ## t
COPY (SELECT word FROM secret) TO STDOUT
SELECT pg_current_logfile()
SELECT pg_file_write('{folder}/written.txt', 'x', false)
SELECT pg_hba_file_rules()
SELECT * FROM pg_file_settings
SELECT * FROM pg_hba_file_rules
SELECT current_setting('data_directory')
SELECT setting FROM pg_settings WHERE name = 'config_file'
""",
    ),
    Group(
        "network",
        "it opens connections that no wall of this session covers",
        r"""
SELECT dblink_exec('host=127.0.0.1 port={port}', 'DELETE FROM t')
SELECT dblink_connect_u('a', 'host=127.0.0.1 port={port}')
SELECT * FROM dblink('host=127.0.0.1 port={port}', 'SELECT 1') AS x(a int)
SELECT * FROM dblink_send_query('a', 'SELECT 1')
CREATE SUBSCRIPTION x CONNECTION 'host=127.0.0.1 port={port} connect_timeout=2' PUBLICATION p
COPY (SELECT 1) TO PROGRAM 'bash -c "echo x > /dev/tcp/127.0.0.1/{port}"' ## t
CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1')
CREATE FOREIGN TABLE f (a int) SERVER s
IMPORT FOREIGN SCHEMA public FROM SERVER s INTO public
SELECT inet_server_addr()
SELECT inet_client_addr()
""",
    ),
    Group(
        "code",
        "it runs code of a procedural language, a library or a stored procedure",
        r"""
DO $$ BEGIN DELETE FROM t; END $$ ## rt
DO LANGUAGE plpgsql $x$ BEGIN PERFORM lo_create(0); END $x$ ## rt
CALL evil_procedure() ## r
CREATE PROCEDURE p() LANGUAGE sql AS 'DELETE FROM t'
CREATE EXTENSION plpython3u
CREATE EXTENSION dblink
CREATE LANGUAGE plperl
CREATE FUNCTION x() RETURNS int LANGUAGE c AS '/tmp/x.so', 'f'
EXECUTE evil
SELECT t.sneaky FROM t ## rpt
SELECT (t).sneaky FROM t ## rpt
SELECT sneaky(t) FROM t ## rpt
SELECT t."sneaky" FROM t ## rpt
SELECT x.sneaky FROM (SELECT * FROM t) AS x, t ## rpt
SELECT (SELECT t FROM t LIMIT 1).sneaky ## rpt
SELECT sneaky(t.*) FROM t ## rpt
SELECT ROW(t.*)::t FROM t WHERE (t).sneaky = 'x'
SELECT 1 OPERATOR(public.+) 2
SELECT 1 OPERATOR(pg_catalog.+) 2
SELECT has_trap FROM trap
SELECT pg_get_functiondef('evil_secdef'::regproc)
""",
    ),
    Group(
        "hidden SQL",
        "the statement that matters is inside a text",
        r"""
SELECT query_to_xml('select word from secret', true, true, '')
SELECT query_to_xml('delete from t', true, true, '')
SELECT cursor_to_xml('c', 1, true, true, '')
SELECT table_to_xml('secret', true, true, '')
SELECT database_to_xml(true, true, '')
SELECT schema_to_xml('public', true, true, '')
SELECT query_to_xmlschema('select 1', true, true, '')
SELECT query_to_xml_and_xmlschema('select word from secret', true, true, '')
SELECT * FROM ts_stat('select to_tsvector(word) from secret') ## pt
SELECT ts_rewrite('a'::tsquery, 'select word::tsquery, word::tsquery from secret')
SELECT xmlparse(document '<a/>')
SELECT xpath('/a', '<a/>')
SELECT * FROM xmltable('/a' PASSING '<a/>' COLUMNS x text)
SELECT pg_get_viewdef('v')
SELECT 'lo_create'::regproc
SELECT to_regclass('secret')
""",
    ),
    Group(
        "neighbour",
        "it ends, watches or signals other sessions and the server",
        r"""
SELECT pg_terminate_backend({pid}) ## pt
SELECT pg_cancel_backend({pid})
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'app' ## pt
SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid() ## pt
SELECT query FROM pg_stat_activity
SELECT * FROM pg_stat_get_activity(NULL)
SELECT pg_notify('neighbours', 'b') ## rp
NOTIFY neighbours, 'b' ## r
SELECT * FROM pg_notify('neighbours', 'b') ## rp
SELECT pg_reload_conf()
SELECT pg_rotate_logfile()
SELECT pg_switch_wal()
SELECT pg_create_restore_point('x')
SELECT pg_promote()
SELECT pg_log_backend_memory_contexts({pid})
SELECT pg_create_logical_replication_slot('x', 'test_decoding')
SELECT pg_create_physical_replication_slot('x') ## pt
SELECT pg_logical_emit_message(false, 'a', 'b')
SELECT pg_export_snapshot()
SELECT pg_current_xact_id()
SELECT txid_current()
SELECT pg_stat_reset()
SELECT pg_backup_start('x') ## pt
SELECT pg_wal_replay_pause()
SELECT pg_import_system_collations('public') ## p
SELECT pg_replication_origin_create('x') ## p
SELECT pg_nextoid('pg_class', 'oid', 'pg_class_oid_index')
""",
    ),
    Group(
        "secret",
        "it shows what queries of a source have no business with",
        r"""
SELECT word FROM secret ## gpt
SELECT rolpassword FROM pg_authid ## pt
SELECT * FROM pg_catalog.pg_authid ## pt
SELECT passwd FROM pg_shadow ## pt
SELECT * FROM "pg_authid" ## pt
SELECT * FROM pg_roles
SELECT * FROM pg_user_mapping
SELECT * FROM information_schema.tables
SELECT * FROM INFORMATION_SCHEMA.columns
SELECT * FROM pg_settings
SELECT prosrc FROM pg_proc
SELECT (WITH pg_authid AS (SELECT 1) SELECT 1), rolpassword FROM pg_authid ## pt
WITH pg_shadow AS (SELECT 1) SELECT * FROM pg_shadow
SELECT 'pg_authid'::regclass
SELECT CAST('secret' AS regclass)
SELECT version()
SELECT current_user
SELECT session_user, current_database(), current_schema
SELECT ctid FROM t
SELECT xmin, xmax FROM t
SELECT t.tableoid FROM t
SELECT * FROM other.public.t
SELECT * FROM pg_stat_statements
SELECT data FROM pg_largeobject ## pt
SELECT lo_get(1234) ## pt
SELECT encode(lo_get(1234), 'escape') ## pt
SELECT loread(lo_open(1234, 262144), 100) ## pt
SELECT * FROM pg_temp.x
SELECT * FROM pg_toast.pg_toast_1
SELECT col_description(1, 1), obj_description(1)
SELECT has_table_privilege('secret', 'SELECT')
TABLE pg_authid ## pt
SELECT * FROM ONLY pg_authid ## pt
SELECT * FROM (TABLE pg_shadow) x ## pt
SELECT pg_relation_filepath('t')
SELECT pg_get_userbyid(10)
SELECT pg_config()
""",
    ),
    Group(
        "disguise",
        "two lexers read it differently: quotes, comments, dollars, invisible characters",
        r"""
SELECT 'a\'; COMMIT; DELETE FROM t; SELECT 'b\''
SELECT E'a\'; COMMIT; DELETE FROM t; --'; DELETE FROM t
SELECT $$a$$; DELETE FROM t; SELECT $$b$$
SELECT $a$ $b$ $a$; DELETE FROM t; --$b$
SELECT 1 AS a$b$; DELETE FROM t; --$b$
SELECT 1 /* /* */ */; DELETE FROM t
SELECT 1 --⏎; DELETE FROM t
SELECT 1 /*!50000 ; DELETE FROM t */; DELETE FROM t
SELECT 1 /*!50000 INTO t2 */
SELECT /*+ SeqScan(t) */ * FROM t
SELECT "a"";"; DELETE FROM t; --"
SELECT U&'\0027; DELETE FROM t; --'
SELECT U&'d\0061t\+000061'
SELECT U&"id" FROM t
SELECT 1␀; DELETE FROM t
SELECT␣1; DELETE FROM t
SELECT 1;␣DELETE FROM t
SELECT '␀'; DELETE FROM t
SELECT "pg_read_file"('{folder}/canary.txt') ## pt
SELECT "PG_SLEEP"(1)
SELECT pg_catalog."pg_read_file"('{folder}/canary.txt') ## pt
SELECT "pg_catalog".pg_read_file('{folder}/canary.txt') ## pt
SELECT pg_catalog . pg_read_file ( '{folder}/canary.txt' ) ## pt
SELECT pg_read_file /* x */ ('{folder}/canary.txt') ## pt
SELECT pg_read_file --⏎('{folder}/canary.txt') ## pt
SELECT PG_READ_FILE('{folder}/canary.txt') ## pt
SELECT app.pg_catalog.pg_read_file('{folder}/canary.txt') ## pt
SELECT 1 DELETE FROM t ## a
SELECT id FROM t INTO t2
SELECT 1 "INTO" INTO x
SELECT B'1'; DELETE FROM t
SELECT X'1'; DELETE FROM t
SELECT N'a\'; DELETE FROM t; --'
SELECT 'a'⏎'b'; DELETE FROM t
SELECT 1--1; DELETE FROM t⏎; DELETE FROM t
SELECT $1
SELECT :name
SELECT ?
SELECT %s
SELECT @x
SELECT {{x}}
SELECT 1_; DELETE FROM t
\copy t TO '{folder}/copied.txt'
\! touch {folder}/touched.txt
SELECT 1 \gexec
""",
    ),
    Group(
        "position",
        "a function is called where a careless guard does not look",
        r"""
SELECT * FROM ROWS FROM (generate_series(1, 2), pg_ls_dir('{folder}')) AS x
VALUES (pg_read_file('{folder}/canary.txt')) ## pt
VALUES (1), ((SELECT pg_read_file('{folder}/canary.txt')::int))
SELECT 1 FROM t ORDER BY lo_create(0) ## rp
SELECT 1 FROM t LIMIT (SELECT lo_create(0)::bigint) ## rp
SELECT 1 FROM t OFFSET (SELECT lo_create(0)::bigint) ## rp
SELECT CASE WHEN true THEN pg_read_file('{folder}/canary.txt') END ## pt
SELECT CASE lo_create(0) WHEN 0 THEN 1 END ## rp
SELECT count(*) FILTER (WHERE lo_create(0) > 0) FROM t ## rp
SELECT x.a FROM t, LATERAL (SELECT pg_read_file('{folder}/canary.txt')) AS x(a) ## pt
SELECT (ARRAY[(pg_read_file('{folder}/canary.txt'))])[1] ## pt
SELECT (1, (2, pg_read_file('{folder}/canary.txt'))) ## pt
WITH x AS (SELECT pg_read_file('{folder}/canary.txt')) SELECT * FROM x ## pt
WITH x AS MATERIALIZED (SELECT lo_create(0)) SELECT * FROM x ## rp
SELECT row(pg_read_file('{folder}/canary.txt')) ## pt
SELECT sum(1) OVER (PARTITION BY lo_create(0)) FROM t ## rp
SELECT sum(1) OVER w FROM t WINDOW w AS (ORDER BY lo_create(0)) ## rp
SELECT lag(id, lo_create(0)::int) OVER () FROM t ## rp
SELECT * FROM t JOIN t b ON lo_create(0) > 0 ## rp
SELECT * FROM t WHERE id IN (SELECT lo_create(0)::int) ## rp
SELECT DISTINCT ON (lo_create(0)) id FROM t ## rp
SELECT 1 UNION ALL SELECT lo_create(0)::int ## rp
SELECT count(*) FROM t GROUP BY GROUPING SETS ((lo_create(0))) ## rp
SELECT count(*) FROM t HAVING lo_create(0) > 0 ## rp
SELECT * FROM t TABLESAMPLE BERNOULLI (lo_create(0)::float)
SELECT * FROM t TABLESAMPLE BERNOULLI (100) REPEATABLE (lo_create(0)::int) ## rp
SELECT percentile_cont(lo_create(0)::int % 1) WITHIN GROUP (ORDER BY id) FROM t ## rp
SELECT string_agg('a', lo_create(0)::text ORDER BY id) FROM t ## rp
SELECT array_agg(id ORDER BY lo_create(0)) FROM t ## rp
SELECT ARRAY(SELECT lo_create(0)) ## rp
SELECT EXISTS (SELECT lo_create(0))
SELECT 1 = ANY (ARRAY[lo_create(0)::int]) ## rp
SELECT 1 BETWEEN 0 AND lo_create(0)::int ## rp
SELECT CAST(lo_create(0) AS int) ## rp
SELECT COALESCE(NULL, lo_create(0)) ## rp
SELECT GREATEST(1, lo_create(0)::int) ## rp
SELECT NULLIF(lo_create(0)::int, 1) ## rp
SELECT EXTRACT(epoch FROM to_timestamp(lo_create(0)::int)) ## rp
SELECT interval '1 day' * lo_create(0)::int ## rp
SELECT 'a' LIKE lo_create(0)::text ## rp
SELECT (SELECT lo_create(0)) ## rp
SELECT json_build_object('a', lo_create(0)) ## rp
SELECT to_json(pg_read_file('{folder}/canary.txt')) ## pt
SELECT format('%s', pg_read_file('{folder}/canary.txt')) ## pt
SELECT jsonb_path_query('{{}}', '$', jsonb_build_object('x', lo_create(0))) ## rp
SELECT make_interval(secs => lo_create(0)::int) ## rp
SELECT concat(VARIADIC ARRAY[lo_create(0)::text]) ## rp
SELECT overlay('abc' PLACING lo_create(0)::text FROM 1) ## rp
SELECT substring('abc' FROM lo_create(0)::int) ## rp
SELECT trim(both lo_create(0)::text FROM 'x') ## rp
SELECT position(lo_create(0)::text IN 'x') ## rp
SELECT lo_create(0) IS NULL ## rp
SELECT lo_create(0)::text COLLATE "C" ## rp
SELECT now() AT TIME ZONE lo_create(0)::text
SELECT t.id FROM t NATURAL JOIN (SELECT lo_create(0)::int AS id) x ## rp
SELECT * FROM generate_series(1, least(1, lo_create(0)::int)) ## rp
SELECT (ARRAY[1,2])[lo_create(0)::int] ## rp
SELECT '{{}}'::jsonb -> lo_create(0)::text ## rp
SELECT -lo_create(0)::int ## rp
SELECT NOT lo_create(0) > 0 ## rp
""",
    ),
    Group(
        "cost",
        "it takes the machine instead of the data",
        r"""
SELECT pg_sleep(600) ## rpt
SELECT pg_sleep_for('1 hour') ## rpt
SELECT pg_sleep_until('2999-01-01') ## rpt
SELECT count(*) FROM generate_series(1, 100000000) a, generate_series(1, 1000) b ## rgpt
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n ## rgpt
SELECT bool_or(repeat('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1000) ~ '^((((a+)+)+)+)+((((a+)+)+)+)+b$') FROM generate_series(1, 10000000) ## rgpt
SELECT count(*) FROM generate_series(1, 2000000000) i WHERE md5(i::text) LIKE '%a%b%c%d%e%f%0%1%2%3%4%' ## rgpt
SELECT i, md5(i::text) FROM generate_series(1, 2000000000) i ## rgpt
""",
    ),
    Group(
        "CVE class",
        "shapes that broke other products",
        r"""
SELECT 1 FROM t WHERE id = 1 OR 1=1; COMMIT; DROP TABLE t; --
/* leading comment */ DELETE FROM t
-- leading comment⏎DELETE FROM t
(DELETE FROM t)
((SELECT 1)); DELETE FROM t
 ⏎ ; DELETE FROM t
;DELETE FROM t
SELECT * FROM t; -- ok⏎; DELETE FROM t
WITH a AS (SELECT 1) /* x */ DELETE FROM t USING a
WITH t2 AS (INSERT INTO t SELECT 5 RETURNING id) SELECT count(*) FROM t2, t ## p
SELECT evil_secdef() FROM (SELECT 1) AS pg_catalog ## rp
EXPLAIN (ANALYZE) SELECT lo_create(0) ## rp
EXPLAIN ANALYZE EXECUTE p
EXPLAIN SELECT 1
DESCRIBE t
SELECT CURRVAL('s'), LASTVAL()
CREATE OR REPLACE VIEW orders AS SELECT 1
INSERT INTO t(id) VALUES (1) ON CONFLICT DO NOTHING
COPY (DELETE FROM t RETURNING *) TO STDOUT
SELECT pg_read_file('/etc/passwd') AS "SELECT 1"
SELECT json_populate_record(NULL::t, '{{"id": 1}}').sneaky
GARBAGE
SELECT
SELECT ' unterminated
SELECT (1
SELECT 1 FROM
""",
    ),
)

POSTGRES: Final[tuple[Attack, ...]] = tuple(attacks("postgresql", _GROUPS))
