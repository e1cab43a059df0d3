"""Statements for SQLite that must be refused, and statements that must not be."""

SQLITE_ATTACKS = r"""
ATTACH '{folder}/x.db' AS z
ATTACH DATABASE ':memory:' AS z
ATTACH '{folder}/x.db' AS z; CREATE TABLE z.q(a)
DETACH main
PRAGMA writable_schema=1
PRAGMA journal_mode=delete
PRAGMA query_only=0
PRAGMA main.user_version=7
PRAGMA table_info(orders)
PRAGMA hard_heap_limit=0
SELECT load_extension('/tmp/x.so')
SELECT load_extension('/tmp/x.so', 'entry')
SELECT randomblob(900000000)
SELECT length(randomblob(9e8))
SELECT hex(zeroblob(900000000))
SELECT readfile('/etc/passwd')
SELECT writefile('{folder}/out', 'x')
SELECT edit('x')
SELECT eval('SELECT 1')
SELECT fts3_tokenizer('simple')
SELECT fts5(1)
SELECT sqlite_compileoption_get(1)
SELECT last_insert_rowid()
SELECT total_changes()
SELECT * FROM sqlite_master
SELECT * FROM main.sqlite_schema
SELECT * FROM sqlite_temp_master
SELECT sql FROM "sqlite_master"
SELECT * FROM [sqlite_master]
SELECT * FROM `SQLITE_MASTER`
SELECT * FROM pragma_table_info('orders')
SELECT * FROM pragma_database_list
SELECT * FROM pragma_writable_schema
SELECT * FROM dbstat
SELECT * FROM sqlite_dbpage
SELECT * FROM sqlite_stmt
SELECT * FROM fsdir('/')
SELECT * FROM temp.orders
SELECT * FROM z.orders
CREATE TABLE q(a)
CREATE TEMP TABLE q(a)
CREATE TEMP VIEW v AS SELECT 1
CREATE TABLE q AS SELECT * FROM orders
CREATE INDEX i ON orders(id)
CREATE TRIGGER g AFTER INSERT ON orders BEGIN DELETE FROM orders; END
CREATE VIRTUAL TABLE q USING fts5(a)
DROP TABLE orders
ALTER TABLE orders RENAME TO o2
INSERT INTO t VALUES (9)
INSERT OR REPLACE INTO t VALUES (9)
REPLACE INTO t VALUES (9)
UPDATE t SET id = 9
DELETE FROM t
DELETE FROM t RETURNING *
WITH x AS (SELECT 1) DELETE FROM t
WITH x AS (SELECT 1) INSERT INTO t SELECT 1
VACUUM
VACUUM INTO '{folder}/copy.db'
REINDEX
ANALYZE
BEGIN
BEGIN EXCLUSIVE
COMMIT
END
ROLLBACK
SAVEPOINT s
RELEASE s
COMMIT; DELETE FROM t
SELECT 1; DELETE FROM t
SELECT 1; SELECT 2
EXPLAIN DELETE FROM t
SELECT (SELECT load_extension('x'))
SELECT * FROM (SELECT randomblob(9))
VALUES (randomblob(9))
SELECT 1 ORDER BY randomblob(9)
SELECT 1 LIMIT length(randomblob(1))
SELECT CASE WHEN 1 THEN randomblob(9) END
SELECT count(*) FILTER (WHERE randomblob(1)) FROM t
WITH c AS (SELECT load_extension('x')) SELECT * FROM c
SELECT sum(load_extension('x')) OVER () FROM t
SELECT * FROM t WHERE load_extension('x')
SELECT ?1
SELECT :name
SELECT @name
SELECT $name
SELECT "nothing" FROM orders
SELECT `nothing` FROM orders
SELECT [nothing] FROM orders
SELECT region FROM orders WHERE region REGEXP 'x'
SELECT CAST(placed AS DATE) FROM orders
"""
# What the guard refuses although it would do no harm: SQLite would only answer otherwise than meant.
SQLITE_HARMLESS = ("nothing", "REGEXP", "AS DATE", "compileoption", "?1", "name", "LIMIT length")

SQLITE_ANALYTICS = r"""
SELECT region, count(*) AS n, sum(total) AS revenue FROM orders GROUP BY region ORDER BY revenue DESC
SELECT strftime('%Y-%m', placed) AS month, sum(total) FROM orders GROUP BY month ORDER BY month
SELECT date(placed, 'start of month'), count(*) FROM orders GROUP BY 1 ORDER BY 1
SELECT date(placed, 'weekday 0', '-6 days') AS week, avg(total) FROM orders GROUP BY week ORDER BY 1
SELECT julianday('2026-03-01') - julianday(placed) FROM orders ORDER BY id
SELECT CAST(strftime('%H', placed) AS INTEGER) AS hour, count(*) FROM orders GROUP BY 1 ORDER BY 1
SELECT unixepoch('2026-01-01'), datetime('2026-01-01', '+1 day'), time('12:00', '+90 minutes')
SELECT id, row_number() OVER (PARTITION BY region ORDER BY total DESC) AS r FROM orders ORDER BY id
SELECT id, sum(total) OVER (ORDER BY id ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) FROM orders
SELECT id, avg(total) OVER w, lag(total, 1, 0) OVER w FROM orders WINDOW w AS (ORDER BY id)
SELECT id, sum(id) OVER (ORDER BY id RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING) FROM orders
SELECT id, sum(id) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) FROM orders
SELECT id, ntile(4) OVER (ORDER BY total), cume_dist() OVER (ORDER BY total) FROM orders
SELECT id, first_value(id) OVER (PARTITION BY region ORDER BY id), nth_value(id, 2) OVER (ORDER BY id) FROM orders
SELECT region, total FROM (SELECT *, rank() OVER (PARTITION BY region ORDER BY total DESC) AS r FROM orders) WHERE r <= 2
WITH monthly AS (SELECT strftime('%Y-%m', placed) AS m, sum(total) AS s FROM orders GROUP BY 1) SELECT m, s, s - lag(s) OVER (ORDER BY m) FROM monthly
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 12) SELECT i FROM n
WITH RECURSIVE d(day) AS (SELECT '2026-01-01' UNION ALL SELECT date(day, '+1 day') FROM d WHERE day < '2026-01-10') SELECT day, count(id) FROM d LEFT JOIN orders ON date(placed) = day GROUP BY day
WITH a(x) AS (VALUES (1), (2)), b AS MATERIALIZED (SELECT 3 AS y) SELECT * FROM a, b
SELECT sum(CASE WHEN status = 'paid' THEN total ELSE 0 END) AS paid, sum(total) FILTER (WHERE status = 'open') AS open FROM orders
SELECT region, sum(iif(status = 'paid', 1, 0)) * 100.0 / count(*) AS share FROM orders GROUP BY region
SELECT region FROM orders UNION SELECT 'west' EXCEPT SELECT 'north'
SELECT id FROM orders INTERSECT SELECT id FROM t ORDER BY id
SELECT DISTINCT region, status FROM orders ORDER BY 1, 2
SELECT count(DISTINCT region), group_concat(DISTINCT status), total(total) FROM orders
SELECT group_concat(region, '; ') FROM (SELECT DISTINCT region FROM orders ORDER BY region)
SELECT region, count(*) FROM orders GROUP BY region HAVING count(*) > 5 ORDER BY count(*) DESC LIMIT 2
SELECT * FROM orders ORDER BY note DESC NULLS LAST, id LIMIT 5 OFFSET 3
SELECT * FROM orders LIMIT 3, 4
SELECT coalesce(note, '-'), ifnull(note, 'none'), nullif(region, 'north') FROM orders
SELECT id FROM orders WHERE note IS NULL OR note LIKE 'note 1%' ESCAPE '\'
SELECT id FROM orders WHERE region GLOB 'n*' AND region NOT LIKE '%x%'
SELECT id FROM orders WHERE id BETWEEN 3 AND 9 AND id NOT IN (4, 5) AND region IN (SELECT region FROM orders WHERE id < 3)
SELECT o.id, t.id FROM orders o LEFT JOIN t ON t.id = o.id WHERE o.id < 5
SELECT * FROM orders a JOIN orders b USING (id) WHERE a.id < 3
SELECT a.region, c.region FROM orders a CROSS JOIN t b JOIN orders c ON c.id = b.id WHERE a.id = 1
SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM t WHERE t.id = o.id)
SELECT (SELECT max(total) FROM orders), (SELECT count(*) FROM t)
SELECT upper(region), length(note), substr(region, 1, 3), instr(region, 'o'), replace(region, 'o', '0'), trim('  x '), ltrim('xxa', 'x') FROM orders LIMIT 3
SELECT printf('%.2f', total), round(total, 1), abs(-total), total / 3, id / 2, id % 3 FROM orders
SELECT max(id, 5), min(id, 5), sign(-3), pow(2, 10), sqrt(16), ln(2), log(2, 8), ceil(1.2), floor(1.8) FROM t
SELECT 'a' || 'b' || id, 1 + 2 || 'x', region COLLATE NOCASE = 'NORTH' FROM orders LIMIT 2
SELECT json_extract('{"a":[1,{"b":2}]}', '$.a[1].b'), '{"a.b":1,"c":2}' -> 'c', '{"k":"v"}' ->> 'k', '[5,6]' ->> 1
SELECT j.key, j.value FROM json_each('{"x":1,"y":2}') AS j ORDER BY j.key
SELECT json_group_array(id), json_group_object(id, region), json_object('a', 1), json_array(1, 2) FROM t JOIN orders USING (id)
SELECT CAST('12abc' AS INTEGER), CAST(1.7 AS INTEGER), CAST(5 AS TEXT), CAST('1.5' AS REAL), CAST('7' AS NUMERIC), CAST('x' AS BLOB)
SELECT typeof(1), typeof(1.0), typeof('x'), typeof(NULL), typeof(x'00'), quote('it''s'), hex('a'), unicode('a'), char(65, 66)
SELECT id IS NOT 3, note IS DISTINCT FROM 'x', note IS NOT NULL, id == 3, id <> 3, NOT id = 3, (1, 2) = (1, 2) FROM orders LIMIT 3
SELECT x'00ff', 0x1F, 1e3, .5, 9223372036854775807, -9223372036854775808, 1 << 3, ~5, 5 & 3, 5 | 3
SELECT "region", [status], `total` AS "the total" FROM "orders" ORDER BY "the total" LIMIT 2
SELECT region AS "group", 1 AS "x y" FROM main.orders LIMIT 1
VALUES (1, 'a'), (2, 'b')
SELECT rowid, id FROM orders LIMIT 2
SELECT avg(total * total) - avg(total) * avg(total) AS variance FROM orders
SELECT total FROM orders ORDER BY total LIMIT 1 OFFSET (SELECT count(*) / 2 FROM orders)
SELECT sum(total) OVER (PARTITION BY region ORDER BY id), percent_rank() OVER (ORDER BY total), dense_rank() OVER (ORDER BY region) FROM orders
"""
