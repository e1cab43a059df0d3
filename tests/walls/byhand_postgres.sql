SELECT region, count(*) FROM customer GROUP BY region
SELECT DISTINCT ON (customer_id) customer_id, day, amount FROM sale ORDER BY customer_id, day DESC, id
SELECT customer_id, sum(amount) FILTER (WHERE channel = 'web') AS web, sum(amount) FILTER (WHERE channel <> 'web') FROM sale GROUP BY 1
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount), percentile_cont(ARRAY[0.25,0.5,0.75]) WITHIN GROUP (ORDER BY amount) FROM sale
SELECT mode() WITHIN GROUP (ORDER BY channel), percentile_disc(0.9) WITHIN GROUP (ORDER BY amount DESC) FILTER (WHERE quantity > 2) FROM sale
SELECT rank(50) WITHIN GROUP (ORDER BY amount), cume_dist(100.0) WITHIN GROUP (ORDER BY amount), percent_rank(100) WITHIN GROUP (ORDER BY amount), dense_rank(10) WITHIN GROUP (ORDER BY quantity) FROM sale
SELECT id, sum(amount) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) FROM sale
SELECT id, sum(amount) OVER (ORDER BY day RANGE BETWEEN INTERVAL '7 days' PRECEDING AND CURRENT ROW) FROM sale
SELECT id, sum(amount) OVER (ORDER BY day GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) FROM sale
SELECT id, avg(amount) OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE TIES) FROM sale
SELECT id, count(*) OVER (ORDER BY quantity RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP) FROM sale
SELECT id, avg(amount) OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE NO OTHERS) FROM sale
SELECT id, nth_value(amount, 2) OVER w, last_value(amount) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM sale WINDOW w AS (PARTITION BY channel ORDER BY id)
SELECT id, lead(amount, 2, 0.0) OVER w - amount FROM sale WINDOW w AS (PARTITION BY channel ORDER BY id), v AS (ORDER BY id)
SELECT id, sum(amount) OVER w2 FROM sale WINDOW w AS (PARTITION BY channel), w2 AS (w ORDER BY id)
SELECT id, sum(amount) FILTER (WHERE quantity > 3) OVER (PARTITION BY channel ORDER BY id) FROM sale
WITH RECURSIVE r AS (SELECT id, referrer, 1 AS depth FROM customer WHERE id = 5 UNION ALL SELECT c.id, c.referrer, r.depth + 1 FROM customer c JOIN r ON c.id = r.referrer WHERE r.depth < 10) SELECT * FROM r
WITH RECURSIVE r(id, referrer, path) AS (SELECT id, referrer, ARRAY[id] FROM customer UNION ALL SELECT c.id, c.referrer, path || c.id FROM r JOIN customer c ON c.id = r.referrer WHERE NOT c.id = ANY(path)) SELECT id, array_length(path, 1) FROM r LIMIT 1000
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n+1 FROM t WHERE n < 100) SELECT sum(n) FROM t
WITH RECURSIVE r(id, referrer) AS (SELECT id, referrer FROM customer WHERE id=1 UNION SELECT c.id, c.referrer FROM customer c, r WHERE c.id = r.referrer) SEARCH DEPTH FIRST BY id SET ord SELECT * FROM r ORDER BY ord
WITH RECURSIVE r(id, referrer) AS (SELECT id, referrer FROM customer WHERE id=1 UNION ALL SELECT c.id, c.referrer FROM customer c, r WHERE c.id = r.referrer) SEARCH BREADTH FIRST BY id SET ord CYCLE id SET is_cycle USING path SELECT id, is_cycle FROM r
WITH RECURSIVE r(id, referrer) AS (SELECT id, referrer FROM customer WHERE id=1 UNION ALL SELECT c.id, c.referrer FROM customer c, r WHERE c.id = r.referrer) CYCLE id SET is_cycle TO 'Y' DEFAULT 'N' USING path SELECT id, is_cycle FROM r
WITH a AS MATERIALIZED (SELECT * FROM sale), b AS NOT MATERIALIZED (SELECT * FROM customer) SELECT count(*) FROM a JOIN b ON a.customer_id = b.id
SELECT region, tier, count(*), grouping(region, tier) FROM customer GROUP BY GROUPING SETS ((region, tier), ROLLUP (tier), CUBE (region), ())
SELECT region, tier, count(*) FROM customer GROUP BY region, ROLLUP (tier)
SELECT region, count(*) FROM customer GROUP BY DISTINCT ROLLUP (region, tier), ROLLUP (region, tier)
SELECT region, count(*) FROM customer GROUP BY ()  , region
SELECT count(*) FROM customer GROUP BY ()
SELECT customer_id, max(CASE WHEN channel = 'web' THEN amount END) AS web, max(CASE WHEN channel='shop' THEN amount END) FROM sale GROUP BY 1
SELECT c.name, s.* FROM customer c CROSS JOIN LATERAL (SELECT amount, day FROM sale WHERE customer_id = c.id ORDER BY amount DESC LIMIT 2) s
SELECT c.name, s.amount FROM customer c LEFT JOIN LATERAL (SELECT amount FROM sale WHERE customer_id = c.id ORDER BY amount DESC LIMIT 1) s ON true
SELECT c.id, t FROM product c, unnest(c.tags) t
SELECT c.id, t.tag, t.n FROM product c, unnest(c.tags) WITH ORDINALITY AS t(tag, n)
SELECT * FROM ROWS FROM (generate_series(1,3), unnest(ARRAY['a','b'])) AS x(a, b)
SELECT * FROM ROWS FROM (generate_series(1,3), generate_series(5,6)) WITH ORDINALITY AS x(a, b, n)
SELECT * FROM unnest(ARRAY[1,2], ARRAY['x','y','z']) AS u(a,b)
SELECT data->>'page', (data->'device'->>'os'), data#>>'{device,os}', data #> '{tags,0}', data ? 'page', data ?| ARRAY['x','page'], data ?& ARRAY['page','ms'], data @> '{"page": "/a"}', '{"page":"/a"}' <@ data FROM visit
SELECT data - 'page', data #- '{device,os}', data || '{"x": 1}', data['page'], data['tags'][0] FROM visit
SELECT data @? '$.tags[*] ? (@ == "a1")', data @@ '$.ms > 100' FROM visit
SELECT jsonb_path_query(data, '$.tags[*]') FROM visit
SELECT jt.* FROM visit, JSON_TABLE(data, '$' COLUMNS (page text PATH '$.page', ms int PATH '$.ms', os text PATH '$.device.os')) AS jt
SELECT jt.* FROM visit, JSON_TABLE(data, '$.tags[*]' COLUMNS (n FOR ORDINALITY, tag text PATH '$')) AS jt
SELECT JSON_VALUE(data, '$.page'), JSON_QUERY(data, '$.tags'), JSON_EXISTS(data, '$.ms ? (@ > 100)') FROM visit
SELECT json_object('a': 1, 'b': 2), json_array(1, 2, 3), json_objectagg(region: n), json_arrayagg(n ORDER BY n) FROM (SELECT region, count(*) n FROM customer GROUP BY 1) x
SELECT '{"a":1}' IS JSON, '[1]' IS JSON ARRAY, 'x' IS NOT JSON, '{"a":1}' IS JSON OBJECT WITH UNIQUE KEYS
SELECT jsonb_object_agg(region, n), json_agg(x), jsonb_agg(x ORDER BY n) FROM (SELECT region, count(*) n FROM customer GROUP BY 1) x
SELECT to_jsonb(c), row_to_json(c) FROM customer c LIMIT 3
SELECT x.* FROM jsonb_to_recordset('[{"a":1,"b":"x"},{"a":2}]') AS x(a int, b text)
SELECT * FROM jsonb_each('{"a":1}') , jsonb_object_keys('{"z":1}') k
SELECT * FROM json_to_record('{"a":1}') AS x(a int)
SELECT date_trunc('week', sold_at), extract(dow FROM sold_at), extract(isoyear from sold_at), extract(quarter FROM day), date_part('hour', sold_at), extract(julian from day) FROM sale
SELECT day + 3, day - 3, day - date '2024-01-01', day + interval '1 month', sold_at - interval '90 minutes', sold_at - sold_at, day + time '10:00' FROM sale
SELECT sold_at AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York', sold_at::date, sold_at::time, timezone('Asia/Tokyo', sold_at) FROM sale
SELECT to_char(sold_at, 'YYYY-"Q"Q'), to_char(amount, 'FM999,990.00'), to_date('2024-02-01','YYYY-MM-DD'), to_timestamp('05 Dec 2000', 'DD Mon YYYY'), to_number('1,234.5', '9,999.9') FROM sale
SELECT age(sold_at), age(sold_at, '2024-01-01'), justify_interval(interval '36 hours'), interval '1' year, interval '1-2' year to month, interval '3 4:05' day to minute, '2 days'::interval, make_interval(days => 3, hours => 2) FROM sale WHERE id < 3 AND false
SELECT (sold_at, sold_at + interval '1 day') OVERLAPS (timestamp '2024-02-01', timestamp '2024-02-03') FROM sale
SELECT d::date, coalesce(sum(s.amount),0) FROM generate_series('2024-01-01'::date, '2024-01-31'::date, '1 day') d LEFT JOIN sale s ON s.day = d::date GROUP BY 1
SELECT day IN (date '2024-01-02', '2024-01-03'), day BETWEEN SYMMETRIC '2024-05-01' AND '2024-01-01', day NOT BETWEEN '2024-01-01' AND '2024-02-01' FROM sale
SELECT note ~ '^Note', note !~ 'x', note ~* 'NOTE', note !~* 'zz', note LIKE 'N%' , note NOT LIKE '%x', note ILIKE 'n%', note SIMILAR TO '%(1|2)%', note NOT SIMILAR TO 'x', note LIKE 'a!%' ESCAPE '!', note ~~ 'N%', note !~~ 'N%', note ~~* 'n%', note ^@ 'Note' FROM sale
SELECT regexp_replace(note, '(\w+) (\d+)', '\2 \1'), regexp_matches(note, '(\d)(\d)', 'g'), regexp_split_to_array(note, '\s+'), regexp_count(note, 'o'), regexp_substr(note, '\d+'), regexp_instr(note, '\d'), regexp_like(note, '^N') FROM sale
SELECT regexp_split_to_table(note, ' ') w, count(*) FROM sale GROUP BY 1
SELECT overlay(note placing 'XX' from 2 for 1), position('t' in note), trim(leading 'N' from note), trim(trailing from note), trim(note), btrim(note,'N'), ltrim(note), trim(both from note), trim('x' from note) FROM sale
SELECT format('%s-%s', name, region), concat_ws('/', name, tier, region), string_agg(name, ',' ORDER BY name DESC) FROM customer GROUP BY name, region, tier
SELECT array_agg(DISTINCT region ORDER BY region), array_agg(id) FILTER (WHERE id < 4), cardinality(array_agg(id)) FROM customer
SELECT ARRAY(SELECT id FROM product ORDER BY id LIMIT 3), ARRAY[]::int[], '{1,2}'::int[], array_cat(ARRAY[1],ARRAY[2])
SELECT id FROM customer WHERE (region, tier) IN (('north','gold'),('south','basic'))
SELECT id FROM customer WHERE (region, tier) IN (SELECT region, tier FROM customer WHERE id < 5)
SELECT id FROM customer WHERE ROW(region, tier) = ROW('north','gold') OR (region, tier) < ('m','z')
SELECT id FROM customer WHERE region = ANY(ARRAY['north']) AND id > ALL(ARRAY[1,2]) AND id <> SOME(SELECT 1)
SELECT id FROM customer WHERE tier IS NULL OR closed IS TRUE OR closed IS NOT FALSE OR (closed IS UNKNOWN) OR tier ISNULL OR tier NOTNULL
SELECT id FROM customer WHERE tier IS DISTINCT FROM 'gold' AND tier IS NOT DISTINCT FROM 'basic'
SELECT id FROM customer WHERE NOT EXISTS (SELECT FROM sale WHERE customer_id = customer.id)
SELECT id FROM customer WHERE EXISTS (SELECT 1 FROM sale s WHERE s.customer_id = customer.id AND s.amount > 100) EXCEPT ALL SELECT 3 ORDER BY 1 DESC LIMIT 5
(SELECT id FROM customer LIMIT 3) UNION ALL (SELECT id FROM product ORDER BY id LIMIT 2) ORDER BY 1
SELECT 1 UNION SELECT 2 INTERSECT SELECT 2 EXCEPT SELECT 1
(SELECT 1 UNION SELECT 2) INTERSECT SELECT 2
SELECT id FROM customer UNION (SELECT id FROM product EXCEPT SELECT 4)
SELECT * FROM customer NATURAL JOIN (SELECT id, price FROM product) p
SELECT * FROM customer c FULL OUTER JOIN product p USING (id) WHERE coalesce(c.id, p.id) < 30
SELECT * FROM (customer c CROSS JOIN product p)
SELECT a.id FROM (customer a JOIN sale b ON a.id = b.customer_id) LEFT JOIN product p ON p.id = b.product_id
SELECT count(*) FROM sale TABLESAMPLE BERNOULLI (100)
SELECT count(*) FROM sale TABLESAMPLE SYSTEM (100) REPEATABLE (7)
SELECT amount::int, CAST(amount AS numeric(12,1)), amount::float8, quantity::smallint, id::bigint, '12'::integer, 'a'::char(3), 'abc'::varchar(2), true::int, 1::bool, '10.0.0.1'::inet, '{"a":1}'::jsonb, int '5', float8 '1.5', numeric '1.50', bool 'yes', text 'x', date '2024-01-01', timestamptz '2024-01-01 00:00+02', time '10:00', timetz '10:00+01', json '{"a":1}' FROM sale
SELECT 1 + 2 || 'a', 'a' || 1 + 2, 'a' || 'b' LIKE 'ab', 5 & 3 = 1, 1 | 2 + 4, 2 + 3 << 1, 'a' || NULL IS NULL, 1 IS NULL = false, - 2 ^ 2
SELECT 1 WHERE 1 = 1 AND 2 = 2 OR 3 = 4 AND NOT 5 = 5
SELECT 1_000_000, 0x1F, 0b101, 0o17, 1e3, .5, 5., 1.5e-3
SELECT 'a\b', E'a\\b', 'a\nb', '\', 'tab	x', 'é', '日本', '😀'
SELECT coalesce(tier, 'none'), nullif(tier,'gold'), greatest(id, 5), least(id, 5), CASE tier WHEN 'gold' THEN 1 WHEN 'silver' THEN 2 ELSE 0 END FROM customer
SELECT corr(amount, quantity), covar_pop(amount, quantity), covar_samp(amount, quantity), regr_slope(amount, quantity), regr_intercept(amount, quantity), regr_r2(amount, quantity), stddev(amount), stddev_pop(amount), variance(amount), var_pop(amount), bool_and(quantity > 0), bool_or(quantity > 8), every(quantity > 0), bit_and(quantity), bit_or(quantity), bit_xor(quantity) FROM sale
SELECT count(DISTINCT (customer_id, product_id)), count(DISTINCT customer_id), sum(DISTINCT quantity), count(*) FROM sale
SELECT any_value(region), array_agg(region ORDER BY region NULLS FIRST) FROM customer
SELECT year, month, sum(amount) FROM sale JOIN day ON sale.day = day.date GROUP BY CUBE (year, month) HAVING sum(amount) > 10 ORDER BY year NULLS FIRST, month DESC NULLS LAST
SELECT * FROM sale ORDER BY id OFFSET 10 ROWS FETCH NEXT 5 ROWS ONLY
SELECT quantity FROM sale ORDER BY quantity FETCH FIRST 5 ROWS WITH TIES
SELECT id FROM sale ORDER BY id LIMIT ALL OFFSET 690
SELECT id FROM sale ORDER BY id LIMIT (SELECT 3) OFFSET 1 + 1
SELECT name COLLATE "C" FROM customer ORDER BY name COLLATE "C" DESC
SELECT md5(name), encode(sha256(name::bytea), 'hex'), upper(name), initcap(name), reverse(name), repeat('x', 3), lpad(name, 20, '*'), left(name, -2), ascii(name), chr(65), length(name), octet_length(name), bit_length(name), quote_literal(name), split_part(name, ' ', -1), starts_with(name, 'C'), translate(name, 'C', 'K'), strpos(name, 'u'), to_hex(id), position('o' IN name), char_length(name) FROM customer
SELECT c, (c).name, (c).* FROM customer c
SELECT c.* , p.name AS "Product Name" FROM customer AS c, product AS p WHERE c.id = p.id
SELECT row(1, 'a'), (1, 2), ROW(c.*) FROM customer c
SELECT count(c) FROM customer c
SELECT customer.name FROM public.customer
SELECT public.customer.name FROM public.customer
SELECT "customer"."name" AS "Name" FROM "public"."customer" "customer"
SELECT generate_series(1, 3), generate_series(1, 2)
SELECT i, i * i AS sq FROM generate_series(1, 5) AS i
SELECT i FROM generate_series(1, 5) g(i) WHERE i % 2 = 0
SELECT n FROM (VALUES (1), (2)) v(n)
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v
SELECT v.column1 FROM (VALUES (1)) v
VALUES (1, 2), (3, 4) ORDER BY 1 DESC LIMIT 1
TABLE customer
(TABLE customer) ORDER BY id
WITH x AS (TABLE customer) SELECT count(*) FROM x
WITH x(a, b) AS (SELECT id, name FROM customer) SELECT a FROM x
WITH v AS (VALUES (1, 'a'), (2, 'b')) SELECT * FROM v
SELECT ((SELECT max(amount) FROM sale) - (SELECT min(amount) FROM sale)) AS spread
SELECT id, (SELECT sum(amount) FROM sale s WHERE s.customer_id = c.id) AS total FROM customer c
SELECT current_date - current_date, now() = now(), current_timestamp(0) IS NOT NULL, localtimestamp IS NULL, CURRENT_TIME IS NULL, localtime(0) IS NULL
SELECT ts_rank(to_tsvector('english', name), to_tsquery('customer')), to_tsvector(name) @@ plainto_tsquery('customer'), to_tsvector('simple', name) @@ 'a & b'::tsquery FROM customer
SELECT int4range(1, 10) @> 5, int4range(1,5) && int4range(4,8), lower(int4range(1,5)), daterange('2024-01-01','2024-02-01') @> day, range_agg(int4range(id, id + 1)), int4range(1,5) * int4range(3,8), int4range(1,5) -|- int4range(5,8), isempty(int4range(1,1)), int4range(1,5) << int4range(7,8), '[1,3]'::int4range FROM sale GROUP BY day
SELECT gen_random_uuid() IS NOT NULL, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid
SELECT sum(amount) / count(*)::numeric, sum(amount)::numeric / nullif(count(*), 0), (100.0 * count(*) FILTER (WHERE channel = 'web') / count(*))::numeric(5, 2) FROM sale
SELECT channel, round(avg(amount)::numeric, 2), round(100.0 * sum(amount) / sum(sum(amount)) OVER (), 1) FROM sale GROUP BY channel ORDER BY sum(amount) DESC
SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY channel ORDER BY amount DESC, id) AS rn FROM sale) t WHERE rn <= 3
SELECT day, sum(amount) AS total, avg(sum(amount)) OVER (ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) FROM sale GROUP BY day
SELECT ntile(4) OVER (ORDER BY amount), percent_rank() OVER (ORDER BY amount), cume_dist() OVER (ORDER BY amount), first_value(id) OVER (ORDER BY amount, id) FROM sale
SELECT date_trunc('month', day)::date AS month, count(DISTINCT customer_id) FROM sale GROUP BY date_trunc('month', day) ORDER BY month
SELECT id FROM customer ORDER BY CASE region WHEN 'north' THEN 1 ELSE 2 END, id
SELECT string_agg(DISTINCT tier, '|') FROM customer
SELECT year, month, weekend, date FROM day WHERE date < '2024-01-05'
SELECT day.year, day.date FROM day
SELECT d.date - 1 AS previous FROM day AS d WHERE d.month = 2 AND NOT d.weekend
SELECT at, data FROM visit
SELECT max(at) - min(at) FROM visit
SELECT extract(epoch FROM max(at) - min(at)) / 3600 FROM visit
SELECT extract(epoch from (at - lag(at) over (partition by customer_id order by at))) from visit
SELECT customer_id, count(*) FILTER (WHERE gap > interval '30 minutes') FROM (SELECT customer_id, at - lag(at) OVER (PARTITION BY customer_id ORDER BY at) AS gap FROM visit) g GROUP BY 1
SELECT id, sum(is_new) OVER (PARTITION BY customer_id ORDER BY at) AS session FROM (SELECT *, CASE WHEN at - lag(at) OVER (PARTITION BY customer_id ORDER BY at) < '2 days' THEN 0 ELSE 1 END AS is_new FROM visit) v
SELECT date_bin('15 minutes', sold_at, '2024-01-01') FROM sale
SELECT sold_at::date::text || 'x', (amount > 50)::int, -amount::int, NOT closed::bool FROM sale, customer WHERE customer.id = 1
SELECT amount BETWEEN 10 AND 20 OR amount NOT BETWEEN 5 AND 6 AND true FROM sale
SELECT * FROM sale WHERE note LIKE ANY (ARRAY['Note 1%', '%z'])
SELECT * FROM sale WHERE note NOT LIKE ALL (ARRAY['Note 1%', '%z'])
SELECT * FROM sale WHERE note ILIKE ANY ('{%A,%B}')
SELECT * FROM sale WHERE note ~ ANY (ARRAY['1$', 'z'])
SELECT num_nulls(tier, name), num_nonnulls(tier, name) FROM customer
SELECT (ARRAY['a','b'])[1], (SELECT ARRAY[1,2,3])[2]
SELECT sum(amount) AS s FROM sale HAVING count(*) > 0
SELECT 1 AS a, 2 AS b ORDER BY a, b
SELECT DISTINCT region, tier FROM customer ORDER BY region DESC NULLS LAST, tier NULLS FIRST
SELECT ALL region FROM customer
SELECT count(ALL region) FROM customer
SELECT id FROM ONLY customer
SELECT id FROM customer *
SELECT c.name FROM customer c WHERE c.since >= (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY since - date '2022-01-01') FROM customer)::int + date '2022-01-01'
SELECT t.day, t.amount FROM sale t WHERE t.amount = (SELECT max(amount) FROM sale WHERE day = t.day)
SELECT pg_typeof(amount), pg_size_pretty(1024::bigint), pg_column_size(note) FROM sale
SELECT lower(name), upper(region) FROM customer GROUP BY 1, 2 HAVING count(*) >= 1 ORDER BY 1 LIMIT 10 OFFSET 2
SELECT id FROM customer;
SELECT id FROM customer; -- done
SELECT array_agg(x ORDER BY x) FROM unnest(ARRAY[3,1,2]) x
SELECT a, b FROM unnest(ARRAY[1,2]) WITH ORDINALITY u(a, b)
SELECT k, v FROM jsonb_each_text('{"a": 1}') AS e(k, v)
SELECT e.* FROM visit v CROSS JOIN LATERAL jsonb_array_elements_text(v.data -> 'tags') WITH ORDINALITY AS e(tag, n) WHERE v.id < 5
SELECT (data ->> 'ms')::int AS ms, (data -> 'tags' ->> 0) FROM visit WHERE (data ->> 'ms')::int > 3000
SELECT data -> 'tags' -> 0, data -> 'device' ->> 'os' = 'mac' FROM visit
SELECT sum((data ->> 'ms')::numeric) FROM visit GROUP BY data ->> 'page' HAVING avg((data ->> 'ms')::int) > 5
SELECT jsonb_set(data, '{page}', '"x"'), jsonb_strip_nulls(data), jsonb_pretty(data), jsonb_typeof(data), jsonb_insert(data, '{tags,0}', '"z"') FROM visit LIMIT 3
SELECT bit_count(B'1011'), get_bit(B'10', 0), 'abc'::bytea || '\x00'::bytea, decode('ff', 'hex'), convert_from('abc'::bytea, 'UTF8')
SELECT min(id) FILTER (WHERE region = 'north'), max(id) FROM customer GROUP BY closed, region = 'north'
SELECT grouping(channel) + grouping(product_id), channel, sum(amount), rank() OVER (PARTITION BY grouping(channel) + grouping(product_id) ORDER BY sum(amount) DESC) FROM sale GROUP BY ROLLUP (channel, product_id)
SELECT * FROM sale s WHERE s.id IN (1, 2, 3) AND s.customer_id NOT IN (SELECT id FROM customer WHERE closed) AND (s.amount, s.id) >= (10, 5)
SELECT stddev_samp(amount) / avg(amount) AS cv FROM sale GROUP BY product_id HAVING avg(amount) <> 0
SELECT least(array_agg(id), ARRAY[1]) FROM customer
SELECT extract(day from interval '40 days'), extract(month from timestamp '2024-03-01'), EXTRACT(millennium FROM now()) > 0, date_part('epoch', interval '1 hour'), extract(timezone_hour from now()) = 0
SELECT 'now'::timestamp IS NULL, 'today'::date IS NULL, timestamp 'epoch', date 'epoch'
SELECT interval '1 day' * 3, interval '1 day' / 2, 3 * interval '2 hours', now() - interval '1 week' < now(), (interval '1 day')::text
SELECT cast(x as date) FROM (SELECT '2024-01-01' AS x) s
SELECT CASE WHEN a THEN b ELSE c END FROM (VALUES (true, 1, 2)) v(a, b, c)
SELECT round(random()::numeric, 0) >= 0
SELECT cast(null as int), null::text, NULL
SELECT a.*, b.* FROM (SELECT 1 AS x) a, (SELECT 2 AS y) b
SELECT sum(x) FROM (SELECT 1 AS x UNION ALL SELECT 2) s
SELECT x FROM (SELECT 1 AS x UNION ALL SELECT 2) AS s WHERE x > ANY (SELECT 1)
SELECT array_length(string_to_array('a,b', ','), 1), string_to_table('a,b', ',')
SELECT amount::money FROM sale WHERE false
SELECT to_char(interval '1 hour 5 minutes', 'HH24:MI'), to_char(125, '999'), to_char(date '2024-01-05', 'Day DD Month'), to_char(now(), 'TZ') IS NULL
SELECT 1_000_000, 0x1F, 0b101, 0o17, 1e3, .5, 5., 1.5e-3, 1e3+1, 2e+5, 0xFF_FF
SELECT JSON_OBJECTAGG(region VALUE n) FROM (SELECT region, count(*) n FROM customer GROUP BY 1) x
SELECT 2 ^ 3 ^ 2, -2 ^ 2, 2 * 3 + 4, (2 + 3) * 4, 10 - 3 - 2, 100 / 10 / 2, 7 % 4 * 2, NOT true = false, 3 - -2, - - 3, +5, 1 < 2
SELECT pg_catalog.count(*), pg_catalog.upper('a') FROM customer
SELECT a.id,b.id FROM customer a JOIN customer b ON (a.id = b.referrer) WHERE a.region = 'north' ORDER BY 1,2
SELECT (CASE WHEN id > 3 THEN 'a' END) || 'b', 'a' || 'b' = 'ab', id::text || '%' FROM customer
SELECT substring(name, '\d+')::int AS n FROM customer
SELECT max(amount) FILTER (WHERE channel='web') OVER (PARTITION BY customer_id) FROM sale
SELECT extract(week FROM day)::int AS w, to_char(day, 'IYYY-IW'), date_part('week', day) FROM sale GROUP BY 1, 2, 3
SELECT s.day, s.amount, c.name FROM sale s INNER JOIN customer c ON c.id=s.customer_id LEFT OUTER JOIN product p ON p.id=s.product_id AND p.price>10 WHERE s.day>='2024-01-01'::date AND s.day<'2024-01-01'::date+interval '3 month'
SELECT name FROM customer WHERE name LIKE '%' || 'er 1' || '%' AND name NOT LIKE ALL(ARRAY['x%'])
SELECT ("customer"."region") FROM "customer" GROUP BY ("customer"."region")
SELECT NULLIF(count(*), 0)::float / 3, count(*)::decimal FROM customer
SELECT CAST(sum(amount) AS decimal(15,4)) / CAST(count(*) AS decimal(15,4)) * 100 FROM sale
SELECT customer_id, day, amount - lag(amount, 1, amount) OVER (PARTITION BY customer_id ORDER BY day, id) FROM sale
SELECT 10::real, 'x'::text COLLATE "C" < 'y', (now() AT TIME ZONE 'utc')::date IS NOT NULL
SELECT DATE '2024-01-01' + 1, TIMESTAMP '2024-01-01 00:00:00' + INTERVAL '1 day 2 hours', INTERVAL '90' MINUTE, INTERVAL '2 weeks', interval '1 mon', interval 'P1Y2M', interval '1 year 2 months'
SELECT greatest(date '2024-01-01', day) FROM sale
SELECT id FROM sale WHERE day = (SELECT max(day) FROM sale) OR (quantity, amount) = (SELECT 1, 2.0)
SELECT array_agg(ROW(id, name) ORDER BY id) FROM product WHERE id < 3
SELECT * FROM generate_series(timestamp '2024-01-01', timestamp '2024-01-02', interval '6 hours') AS t(ts)
SELECT to_char(generate_series(date '2024-01-01', date '2024-03-01', interval '1 month'), 'Mon YY')
SELECT coalesce(sum(amount) FILTER (WHERE discount IS NOT NULL), 0) AS d FROM sale WHERE NOT (channel = 'web' OR channel IS NULL)
SELECT round((sum(amount) / 3)::numeric, 2) AS "avg €", count(*) AS "№" FROM sale
