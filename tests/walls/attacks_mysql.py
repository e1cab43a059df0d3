"""Attacks on MySQL and MariaDB. Measured on an all-powerful session when the role's wall is off."""

from typing import Final

from tests.walls.attacks import Attack, Group, attacks

_GROUPS: Final = (
    Group(
        "several statements",
        "the second statement leaves the transaction that the first one was wrapped in",
        r"""
SELECT 1; DROP TABLE t
SELECT 1; COMMIT; DELETE FROM t; SELECT 1
COMMIT; INSERT INTO t VALUES (1)
ROLLBACK; DELETE FROM t
COMMIT AND CHAIN; DELETE FROM t
SELECT 1;DELETE FROM my
SELECT 1; ; ; DELETE FROM t
SELECT 1 /* x */ ; -- y⏎ DELETE FROM t
SELECT 1⏎;⏎DELETE FROM t
(SELECT 1); TRUNCATE t
VALUES (1); DELETE FROM t
WITH a AS (SELECT 1) SELECT * FROM a; DELETE FROM t
COMMIT; CREATE TABLE x (a INT)
COMMIT; CREATE USER intruder
COMMIT; SET GLOBAL event_scheduler = ON ## t
COMMIT; SET SESSION TRANSACTION READ WRITE; DELETE FROM t ## t
SET autocommit = 1; DELETE FROM t
START TRANSACTION READ WRITE; DELETE FROM t; COMMIT ## t
UNLOCK TABLES; DELETE FROM t
SELECT 1; SELECT 'x' INTO OUTFILE '{folder}/stacked.txt' ## t
ROLLBACK; CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {port}, MASTER_USER = 'x'; START SLAVE ## t
SELECT 1; BEGIN NOT ATOMIC DELETE FROM my; END
DELIMITER // DELETE FROM t //
SELECT 1\G DELETE FROM t
""",
    ),
    Group(
        "transaction control",
        "a transaction that is not read-only any more protects nothing",
        r"""
ROLLBACK
COMMIT
COMMIT AND CHAIN
COMMIT RELEASE
BEGIN
BEGIN WORK
START TRANSACTION READ WRITE
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ WRITE
SET TRANSACTION READ WRITE
SET SESSION TRANSACTION READ WRITE
SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED ## r
SET GLOBAL TRANSACTION READ WRITE
SET @@session.tx_read_only = 0
SET autocommit = 0
SAVEPOINT a
RELEASE SAVEPOINT a
ROLLBACK TO SAVEPOINT a
XA START 'x'
XA PREPARE 'x'
XA COMMIT 'x'
""",
    ),
    Group(
        "write",
        "it changes rows",
        r"""
INSERT INTO t VALUES (1)
INSERT INTO t SELECT 1 RETURNING id
INSERT INTO my VALUES (2) RETURNING id
INSERT INTO my VALUES (2)
INSERT IGNORE INTO t VALUES (1)
INSERT DELAYED INTO my VALUES (1)
INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE id = 2
INSERT INTO t SET id = 9
REPLACE INTO t VALUES (1)
REPLACE INTO t VALUES (1) RETURNING id
UPDATE t SET id = 2
UPDATE my SET id = 2
UPDATE t, orders SET t.id = 1
DELETE FROM t
DELETE FROM my
DELETE FROM t RETURNING id
DELETE FROM my RETURNING id
DELETE t FROM t JOIN orders USING (id)
DELETE HISTORY FROM history
TRUNCATE t
TRUNCATE TABLE t
WITH x AS (SELECT 1) DELETE FROM t
WITH x AS (SELECT 1) UPDATE t SET id = 1
EXPLAIN DELETE FROM t
EXPLAIN ANALYZE DELETE FROM t
ANALYZE DELETE FROM my ## p
ANALYZE FORMAT=JSON DELETE FROM my ## p
ANALYZE FORMAT=JSON UPDATE t SET id = 7 ## p
SELECT NEXTVAL(s) ## p
SELECT NEXT VALUE FOR s ## p
SELECT SETVAL(s, 100) ## p
SELECT evil() ## p
SELECT app.evil() ## p
SELECT `evil`() ## p
SELECT id FROM t WHERE evil() = 1 ## p
SELECT * FROM t ORDER BY evil() ## p
SELECT app.upper('x') ## p
SELECT `upper`('x')
LOAD DATA INFILE '{folder}/numbers.txt' INTO TABLE numbers
LOAD DATA INFILE '{folder}/numbers.txt' INTO TABLE my
LOAD DATA LOCAL INFILE '{folder}/numbers.txt' INTO TABLE numbers
LOAD XML INFILE '{folder}/numbers.txt' INTO TABLE numbers
""",
    ),
    Group(
        "schema",
        "it changes what there is",
        r"""
CREATE TABLE x (a INT)
CREATE TABLE x AS SELECT 1
CREATE TABLE x LIKE t
CREATE TEMPORARY TABLE x AS SELECT 1
CREATE TEMPORARY TABLE orders AS SELECT 666 AS id
CREATE OR REPLACE TABLE t (a INT)
CREATE VIEW big AS SELECT 1
CREATE DATABASE eve
CREATE USER intruder
CREATE ROLE intruder
CREATE FUNCTION f() RETURNS INT RETURN 1
CREATE PROCEDURE p() SELECT 1
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.id = 1
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t
CREATE SERVER z FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1')
CREATE SEQUENCE q
CREATE INDEX i ON t (id)
CREATE PACKAGE k AS END
ALTER TABLE t ADD b INT
ALTER TABLE t ENGINE = MyISAM
ALTER DATABASE app CHARACTER SET latin1
ALTER USER reader IDENTIFIED BY 'x'
ALTER SEQUENCE s RESTART 7
DROP TABLE t
DROP TABLE IF EXISTS t
DROP DATABASE app
DROP SEQUENCE s
DROP FUNCTION evil
DROP USER reader
DROP PREPARE p
RENAME TABLE t TO u
RENAME USER reader TO intruder
GRANT ALL ON *.* TO reader
GRANT writers TO reader
REVOKE ALL PRIVILEGES, GRANT OPTION FROM reader
OPTIMIZE TABLE my
ANALYZE TABLE t PERSISTENT FOR ALL ## p
ANALYZE TABLE t
REPAIR TABLE my
CHECK TABLE t
CHECKSUM TABLE t
""",
    ),
    Group(
        "session",
        "it poisons the session that the next question gets, or the whole server",
        r"""
SET @a = 1 ## r
SET @`a` = 1 ## r
SET SESSION max_statement_time = 0 ## r
SET max_statement_time = 0 ## r
SET GLOBAL general_log = 1 ## t
SET GLOBAL general_log_file = '{folder}/x.php' ## t
SET GLOBAL slow_query_log_file = '{folder}/x.php' ## t
SET GLOBAL max_connections = 10 ## t
SET GLOBAL local_infile = 0 ## t
SET GLOBAL init_connect = 'DELETE FROM app.t' ## t
SET GLOBAL event_scheduler = ON ## t
SET PASSWORD = PASSWORD('x') ## r
SET PASSWORD FOR reader = PASSWORD('x') ## r
SET NAMES latin1 ## r
SET CHARACTER SET latin1 ## r
SET sql_mode = 'ANSI_QUOTES' ## r
SET SESSION sql_mode = 'ORACLE' ## r
SET time_zone = '+09:00' ## r
SET STATEMENT max_statement_time = 0 FOR SELECT 1
SET ROLE NONE
SET ROLE writers
SET DEFAULT ROLE writers FOR reader
SET foreign_key_checks = 0 ## r
SET insert_id = 7
SET default_storage_engine = MyISAM ## r
SELECT 1 INTO @a ## r
SELECT id INTO @a FROM t LIMIT 1 ## r
SELECT @a := 1 ## rp
SELECT @a := @a + 1 FROM t ## rp
SELECT @`a` := 7 ## rp
SELECT @a
SELECT LAST_INSERT_ID(7) ## rp
PREPARE p FROM 'SELECT 1' ## r
EXECUTE p
DEALLOCATE PREPARE p
USE mysql ## t
USE other ## t
FLUSH STATUS
FLUSH PRIVILEGES
FLUSH TABLES
FLUSH LOGS
RESET QUERY CACHE
RESET MASTER
PURGE BINARY LOGS BEFORE NOW()
CACHE INDEX my IN default
LOAD INDEX INTO CACHE my
DECLARE c CURSOR FOR SELECT 1
GET DIAGNOSTICS @a = NUMBER ## r
SIGNAL SQLSTATE '45000'
SHOW TABLES
SHOW GRANTS
SHOW VARIABLES
SHOW CREATE TABLE t
HELP 'x'
""",
    ),
    Group(
        "lock",
        "others wait for it",
        r"""
SELECT GET_LOCK('datelier', 10) ## rp
SELECT GET_LOCK('k', 10), 1 ## rp
SELECT * FROM t WHERE GET_LOCK('k', 0) ## rp
SELECT * FROM t ORDER BY GET_LOCK('k', 0) ## rp
SELECT * FROM (SELECT GET_LOCK('k', 0)) AS x ## rp
VALUES (GET_LOCK('k', 0)) ## rp
SELECT IF(1, GET_LOCK('k', 0), 2) ## rp
SELECT RELEASE_LOCK('k')
SELECT RELEASE_ALL_LOCKS()
SELECT IS_FREE_LOCK('k')
SELECT IS_USED_LOCK('k')
DO GET_LOCK('k', 0) ## r
DO RELEASE_ALL_LOCKS()
LOCK TABLES t WRITE
LOCK TABLES t READ
LOCK TABLE orders READ LOCAL
UNLOCK TABLES
FLUSH TABLES WITH READ LOCK
FLUSH TABLES t FOR EXPORT
BACKUP STAGE START ## t
BACKUP LOCK t
HANDLER t OPEN ## r
HANDLER t READ FIRST
HANDLER t CLOSE
SELECT * FROM t FOR UPDATE
SELECT * FROM t LOCK IN SHARE MODE
SELECT * FROM t FOR SHARE
SELECT * FROM t FOR UPDATE SKIP LOCKED
SELECT * FROM t FOR UPDATE NOWAIT
SELECT * FROM (SELECT * FROM t FOR UPDATE) AS x
WITH c AS (SELECT * FROM t LOCK IN SHARE MODE) SELECT * FROM c
""",
    ),
    Group(
        "file",
        "it writes or reads a file of the server",
        r"""
SELECT 1 INTO OUTFILE '{folder}/out.txt' ## t
SELECT 1 INTO DUMPFILE '{folder}/out.txt' ## t
SELECT * FROM t INTO OUTFILE '{folder}/out.txt' FIELDS TERMINATED BY ',' ## t
SELECT * INTO OUTFILE '{folder}/out.txt' FROM t ## t
(SELECT 1 INTO OUTFILE '{folder}/out.txt')
(SELECT 1) INTO OUTFILE '{folder}/out.txt' ## t
SELECT 1 UNION SELECT 2 INTO OUTFILE '{folder}/out.txt' ## t
SELECT 1 FROM DUAL INTO OUTFILE '{folder}/out.txt' CHARACTER SET utf8mb4 LINES STARTING BY '<?php' ## t
VALUES (1) INTO OUTFILE '{folder}/out.txt' ## t
WITH c AS (SELECT 1) SELECT * FROM c INTO OUTFILE '{folder}/out.txt' ## t
TABLE t INTO OUTFILE '{folder}/out.txt'
EXPLAIN SELECT 1 INTO OUTFILE '{folder}/out.txt'
ANALYZE SELECT 1 INTO OUTFILE '{folder}/out.txt' ## pt
ANALYZE FORMAT=JSON SELECT 1 INTO DUMPFILE '{folder}/out.txt' ## pt
SELECT LOAD_FILE('{folder}/canary.txt') ## pt
SELECT load_file ('{folder}/canary.txt') ## pt
SELECT * FROM t WHERE id = LOAD_FILE('{folder}/canary.txt') ## p
SELECT `LOAD_FILE`('{folder}/canary.txt') ## pt
SELECT HEX(LOAD_FILE(CONCAT('{folder}', '/canary.txt')))
SELECT CONCAT('', LOAD_FILE('{folder}/canary.txt')) FROM t GROUP BY 1 ## pt
SELECT (SELECT LOAD_FILE('{folder}/canary.txt')) ## pt
SELECT JSON_ARRAY(LOAD_FILE('{folder}/canary.txt')) ## pt
VALUES (LOAD_FILE('{folder}/canary.txt')) ## pt
LOAD DATA INFILE '{folder}/canary.txt' INTO TABLE other.secret
CREATE TABLE x (a TEXT) ENGINE = CSV DATA DIRECTORY '{folder}'
CREATE TABLE x (a INT) ENGINE = MyISAM DATA DIRECTORY = '{folder}'
CREATE TABLESPACE x ADD DATAFILE '{folder}/x.ibd'
CLONE LOCAL DATA DIRECTORY '{folder}/x'
IMPORT TABLE FROM '{folder}/x'
""",
    ),
    Group(
        "network",
        "the server calls somebody for us",
        r"""
CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {port}, MASTER_USER = 'x' ## t
START SLAVE
START ALL SLAVES
STOP SLAVE
CREATE TABLE x (a INT) ENGINE = FEDERATED CONNECTION = 'mysql://x@127.0.0.1:{port}/app/t'
CREATE SERVER z FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1', PORT {port})
INSTALL SONAME 'ha_federatedx'; CREATE TABLE x (a INT) ENGINE = FEDERATED CONNECTION = 'mysql://x@127.0.0.1:{port}/app/t'
SELECT MASTER_POS_WAIT('f', 4, 1), 2
SELECT * FROM mysql.slave_master_info
""",
    ),
    Group(
        "code",
        "it runs code that is not in the statement",
        r"""
CALL evil_call()
CALL app.evil_call()
EXECUTE IMMEDIATE 'DELETE FROM t'
EXECUTE IMMEDIATE CONCAT('DELETE ', 'FROM my')
PREPARE p FROM 'DELETE FROM t'
INSTALL PLUGIN x SONAME 'x.so'
INSTALL SONAME 'ha_blackhole'
INSTALL SONAME 'locales'
UNINSTALL PLUGIN metadata_lock_info
UNINSTALL SONAME 'metadata_lock_info'
CREATE FUNCTION sys_exec RETURNS INT SONAME 'udf.so'
CREATE AGGREGATE FUNCTION x RETURNS STRING SONAME 'udf.so'
BEGIN NOT ATOMIC DELETE FROM my; END
BEGIN NOT ATOMIC DELETE FROM t; COMMIT; SELECT 1; END
IF 1 THEN DELETE FROM my; END IF
FOR i IN 1..2 DO DELETE FROM my; END FOR
WHILE 0 DO DELETE FROM my; END WHILE
CASE 1 WHEN 1 THEN DELETE FROM my; END CASE
BINLOG 'x'
DO evil()
SELECT sys_exec('id')
SELECT sys_eval('id')
""",
    ),
    Group(
        "hidden SQL",
        "a text holds the statement, where no parser looks",
        r"""
EXECUTE IMMEDIATE 'SELECT word FROM other.secret' ## t
SELECT sneaky() ## pt
SELECT app.sneaky() ## pt
SELECT * FROM t WHERE sneaky() IS NOT NULL
SELECT JSON_ARRAYAGG(sneaky()) FROM t ## pt
SELECT EXTRACTVALUE(1, CONCAT('~', (SELECT word FROM other.secret)))
SELECT UPDATEXML(1, CONCAT('~', (SELECT word FROM other.secret)), 1)
SELECT EXTRACTVALUE('<a>canary</a>', '/a')
SELECT NAME_CONST('a', 1)
SELECT NAME_CONST((SELECT word FROM other.secret), 1)
SELECT * FROM t PROCEDURE ANALYSE()
SELECT * FROM t PROCEDURE ANALYSE(EXTRACTVALUE(1, CONCAT('~', VERSION())), 1)
""",
    ),
    Group(
        "neighbour",
        "it ends or watches somebody else's session",
        r"""
KILL {pid} ## t
KILL QUERY {pid}
KILL CONNECTION {pid} ## t
KILL SOFT CONNECTION {pid} ## t
KILL USER root ## t
SHUTDOWN ## t
SHUTDOWN WAIT FOR ALL SLAVES ## t
SELECT * FROM information_schema.PROCESSLIST
SHOW FULL PROCESSLIST
SHOW ENGINE INNODB STATUS
SHOW EXPLAIN FOR {pid}
SELECT CONNECTION_ID()
SELECT UUID_SHORT()
""",
    ),
    Group(
        "secret",
        "it reads what is none of the source's",
        r"""
SELECT * FROM mysql.user
SELECT * FROM mysql.global_priv
SELECT * FROM `mysql`.`user`
SELECT * FROM MySQL.db
SELECT * FROM information_schema.tables
SELECT * FROM INFORMATION_SCHEMA.USER_PRIVILEGES
SELECT * FROM performance_schema.threads
SELECT * FROM sys.session
SELECT * FROM other.secret ## pt
SELECT * FROM `other`.`secret` ## pt
SELECT * FROM OTHER.secret
SELECT (SELECT word FROM other.secret LIMIT 1) ## pt
SELECT * FROM orders o JOIN mysql.user u
SELECT other.secret.word FROM other.secret ## pt
SELECT * FROM t UNION ALL SELECT word FROM other.secret ## pt
SELECT EXISTS (SELECT 1 FROM other.secret WHERE word LIKE 'canary%')
SELECT * FROM t WHERE id IN (SELECT word FROM other.secret) ## p
WITH c AS (SELECT * FROM other.secret) SELECT * FROM c ## pt
SELECT * FROM t NATURAL JOIN other.secret ## pt
SELECT * FROM (other.secret) ## pt
SELECT * FROM (t, other.secret) ## pt
SELECT * FROM { OJ t LEFT OUTER JOIN other.secret ON 1 } ## pt
TABLE other.secret
DESCRIBE other.secret
SHOW CREATE USER owner
SHOW COLUMNS FROM other.secret
SELECT USER(), CURRENT_USER(), DATABASE()
SELECT CURRENT_USER
SELECT CURRENT_ROLE
SELECT SESSION_USER(), SYSTEM_USER()
SELECT SCHEMA()
SELECT @@version
SELECT @@global.secure_file_priv
SELECT @@session.sql_mode
SELECT @@hostname, @@datadir
SELECT PREVIOUS VALUE FOR s
SELECT LASTVAL(s)
SELECT ROW_COUNT(), FOUND_ROWS()
SELECT DEFAULT(id) FROM t
SELECT * FROM t FOR SYSTEM_TIME ALL
SELECT * FROM history FOR SYSTEM_TIME ALL
""",
    ),
    Group(
        "disguise",
        "one reader sees another statement than the other",
        r"""
SELECT 1 /*!50000 INTO OUTFILE '{folder}/x' */ ## t
SELECT 1 /*! INTO OUTFILE '{folder}/x' */ ## t
SELECT 1 /*M! INTO OUTFILE '{folder}/x' */ ## t
SELECT 1 /*M!100100 INTO OUTFILE '{folder}/x' */ ## t
SELECT 1 /* !50000 INTO OUTFILE '{folder}/x' */
SELECT /*!99999 1, */ 2
SELECT /*!40000 LOAD_FILE('{folder}/canary.txt') */ ## pt
SELECT 1 /*!, LOAD_FILE('{folder}/canary.txt') */ ## pt
SELECT/*!50000*/LOAD_FILE('{folder}/canary.txt') ## pt
SELECT /*!LOAD_FILE*/('{folder}/canary.txt') ## pt
SELECT LOAD_FILE/**/('{folder}/canary.txt') ## pt
/*! DELETE FROM my */
/*!50000 DELETE FROM my */
/*M! DELETE FROM my */
/*!*/ DELETE FROM my
-- x⏎DELETE FROM my
# x⏎DELETE FROM my
SELECT 1 -- ⏎INTO OUTFILE '{folder}/x' ## t
SELECT 1 # ⏎INTO OUTFILE '{folder}/x' ## t
SELECT 1--1; DELETE FROM my
SELECT 1 #; DELETE FROM my ## a
SELECT "a" FROM DUAL INTO OUTFILE '{folder}/x' ## t
SELECT 'a\'' INTO OUTFILE '{folder}/x' -- ' ## t
SELECT '\' INTO OUTFILE ', '{folder}/x' INTO DUMPFILE '{folder}/y' ## t
SELECT '\\' INTO OUTFILE '{folder}/x' -- ' ## t
SELECT 'a''\'' INTO OUTFILE '{folder}/x' -- ' ## t
SELECT "\" INTO OUTFILE ", '{folder}/x' INTO OUTFILE '{folder}/y' ## t
SELECT `a\` INTO OUTFILE '{folder}/x' -- `
SELECT 'x\'; DELETE FROM my; -- ' ## a
SELECT 'a\'; COMMIT; DELETE FROM my; SELECT 'b\''
SELECT 1␀; DELETE FROM my
SELECT␣1; DELETE FROM my
SELECT * FROM t /* /* */; DELETE FROM my; -- */
SELECT 1 /* unfinished
SELECT /*+ SET_VAR(max_execution_time=0) */ 1
SELECT /*+ MAX_EXECUTION_TIME(0) */ 1
SELECT _latin1'x' INTO OUTFILE '{folder}/x' ## t
SELECT N'x' INTO OUTFILE '{folder}/x' ## t
SELECT x'41' INTO OUTFILE '{folder}/x' ## t
SELECT 0x41 INTO OUTFILE '{folder}/x' ## t
SELECT * FROM JSON_TABLE('[]', '$[*]' COLUMNS (a TEXT PATH '$' DEFAULT '\\' ON EMPTY)) AS j WHERE ' ON EMPTY)) AS j, other.secret WHERE ' = ' OR ' ## a
SELECT JSON_VALUE('{{}}', '$.a' DEFAULT '\\' ON EMPTY), ' ON EMPTY), sneaky(), CONCAT(' = ', \''
SELECT ?
SELECT * FROM t WHERE id = :id
SELECT GET_LOCK/* */('k', 0) ## rp
SELECT 1 INTO/**/OUTFILE '{folder}/x' ## t
SELECT 1 INTO⏎⏎OUTFILE⏎'{folder}/x' ## t
SELECT 1 iNtO oUtFiLe '{folder}/x' ## t
SELECT 1 AS INTO OUTFILE '{folder}/x'
""",
    ),
    Group(
        "position",
        "a call hides where a simple reader does not look",
        r"""
SELECT * FROM t GROUP BY GET_LOCK('k', 0) ## rp
SELECT COUNT(*) FROM t HAVING GET_LOCK('k', 0) ## rp
SELECT (SELECT GET_LOCK('k', 0)) ## rp
SELECT IF(1, GET_LOCK('k', 0), 0) ## rp
SELECT CASE WHEN GET_LOCK('k', 0) THEN 1 END ## rp
SELECT COALESCE(NULL, GET_LOCK('k', 0)) ## rp
SELECT * FROM t LIMIT 1 OFFSET GET_LOCK('k', 0)
SELECT SUM(id) OVER (PARTITION BY GET_LOCK('k', 0)) FROM t ## rp
SELECT SUM(id) OVER w FROM t WINDOW w AS (ORDER BY GET_LOCK('k', 0)) ## rp
SELECT GROUP_CONCAT(id ORDER BY GET_LOCK('k', 0)) FROM t ## rp
SELECT * FROM t a JOIN t b ON GET_LOCK('k', 0) ## rp
SELECT * FROM t WHERE (1, GET_LOCK('k', 0)) = (1, 0) ## rp
SELECT * FROM t WHERE id IN (1, GET_LOCK('k', 0)) ## rp
SELECT * FROM t WHERE id BETWEEN 1 AND GET_LOCK('k', 0) ## rp
SELECT * FROM t WHERE 'a' LIKE GET_LOCK('k', 0) ## rp
SELECT 'a' REGEXP GET_LOCK('k', 0) ## rp
SELECT NOW() + INTERVAL GET_LOCK('k', 0) DAY ## rp
SELECT CAST(GET_LOCK('k', 0) AS CHAR) ## rp
SELECT CONVERT(GET_LOCK('k', 0) USING utf8mb4) ## rp
SELECT TRIM(LEADING GET_LOCK('k', 0) FROM 'x') ## rp
SELECT SUBSTRING('x' FROM GET_LOCK('k', 0)) ## rp
SELECT EXTRACT(DAY FROM FROM_UNIXTIME(GET_LOCK('k', 0))) ## rp
SELECT JSON_EXTRACT('{{}}', CONCAT('$.', GET_LOCK('k', 0))) ## rp
SELECT * FROM JSON_TABLE(CONCAT('[', GET_LOCK('k', 0), ']'), '$[*]' COLUMNS (a INT PATH '$')) AS j ## rp
SELECT 1 UNION ALL SELECT GET_LOCK('k', 0) ## rp
WITH c AS (SELECT GET_LOCK('k', 0)) SELECT * FROM c ## rp
WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT GET_LOCK('k', 0) FROM c WHERE i > 0) SELECT * FROM c ## rp
SELECT * FROM t WHERE EXISTS (SELECT GET_LOCK('k', 0))
SELECT BINARY GET_LOCK('k', 0) ## rp
SELECT -GET_LOCK('k', 0) ## rp
SELECT NOT GET_LOCK('k', 0) ## rp
SELECT GET_LOCK('k', 0) COLLATE utf8mb4_bin ## rp
SELECT ROW(1, GET_LOCK('k', 0)) = ROW(1, 1) ## rp
SELECT MATCH (note) AGAINST (GET_LOCK('k', 0)) FROM orders
""",
    ),
    Group(
        "cost",
        "it never ends, or eats the machine",
        r"""
SELECT SLEEP(100) ## rpt
SELECT sleep (100) ## rpt
DO SLEEP(100) ## rt
SELECT BENCHMARK(1000000000, MD5('x')) ## rpt
SELECT COUNT(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b WHERE a.seq * b.seq % 7 = 3 ## rgpta
SELECT COUNT(*) FROM orders a, orders b, orders c, orders d, orders e, orders f ## rgpta
SELECT MAX(SHA2(REPEAT('x', 1000000), 512)) FROM seq_1_to_100000 ## rgpta
SELECT MAX(REPEAT('a', 30) REGEXP '^(a+)+$b') FROM seq_1_to_10000000 ## rgpta
SELECT MASTER_GTID_WAIT('0-1-1000', 100) ## rpt
SELECT GROUP_CONCAT(a.seq) FROM seq_1_to_100000 a, seq_1_to_100000 b ## rgpta
""",
    ),
    Group(
        "CVE class",
        "products were broken this way",
        r"""
SELECT 1; COMMIT; DROP TABLE t; SELECT 1
SELECT '\'; DROP TABLE t; -- ' ## a
WITH x AS (SELECT 1) DELETE FROM my
/* leading comment */ DELETE FROM my
EXPLAIN FORMAT=JSON DELETE FROM t
SELECT * FROM t; /*!50000 DELETE FROM my */
SELECT 1 FROM t WHERE 1 = 1 OR SLEEP(0) UNION SELECT LOAD_FILE('{folder}/canary.txt') ## pt
SELECT 1 INTO OUTFILE '{folder}/shell.php' LINES TERMINATED BY '<?php system($_GET[0]) ?>' ## t
SET GLOBAL general_log_file = '{folder}/shell.php'; SET GLOBAL general_log = 1; SELECT '<?php ?>' ## t
CREATE TABLE x (a TEXT); LOAD DATA INFILE '{folder}/canary.txt' INTO TABLE x
""",
    ),
)

MYSQL: Final[tuple[Attack, ...]] = tuple(attacks("mysql", _GROUPS))
