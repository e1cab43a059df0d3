SELECT channel, sum(amount) FROM sale GROUP BY ALL ORDER BY ALL
FROM sale SELECT channel, count(*) GROUP BY channel
FROM sale
FROM sale LIMIT 3
FROM sale WHERE id < 5
SELECT * EXCLUDE (note, discount) FROM sale
SELECT * EXCLUDE note FROM sale
SELECT * REPLACE (amount * 2 AS amount) FROM sale
SELECT * RENAME (amount AS total) FROM sale
SELECT s.* EXCLUDE (id), c.name FROM sale s JOIN customer c ON c.id = s.customer_id
SELECT COLUMNS('a.*') FROM sale
SELECT COLUMNS(* EXCLUDE (id)) FROM customer
SELECT COLUMNS(lambda c: c LIKE 'a%') FROM sale
SELECT min(COLUMNS(*)) FROM sale
SELECT * LIKE 'a%' FROM sale
SELECT max(COLUMNS(* EXCLUDE note)), min(COLUMNS('(.*)_id')) AS "min_\1" FROM sale
SELECT * FROM sale QUALIFY row_number() OVER (PARTITION BY channel ORDER BY amount DESC, id) <= 2
SELECT *, rank() OVER w AS r FROM sale WINDOW w AS (PARTITION BY channel ORDER BY amount) QUALIFY r < 3
SELECT s.id, v.at FROM sale s ASOF JOIN visit v ON s.customer_id = v.customer_id AND s.sold_at >= v.at
SELECT s.id, v.at FROM sale s ASOF LEFT JOIN visit v USING (customer_id, id)
SELECT s.id, v.at FROM sale s ASOF LEFT JOIN visit v ON s.customer_id = v.customer_id AND s.sold_at > v.at
SELECT * FROM customer SEMI JOIN sale ON customer.id = sale.customer_id AND amount > 190
SELECT * FROM customer ANTI JOIN sale ON customer.id = sale.customer_id AND amount > 190
SELECT * FROM customer POSITIONAL JOIN product
PIVOT sale ON channel IN ('web', 'shop') USING sum(amount) GROUP BY quantity
PIVOT sale ON channel IN ('web', 'shop') USING sum(amount) AS total, count(*) AS n GROUP BY quantity ORDER BY quantity LIMIT 5
SELECT * FROM sale PIVOT (sum(amount) FOR channel IN ('web', 'shop') GROUP BY quantity)
SELECT * FROM (SELECT quantity, channel, amount FROM sale) PIVOT (sum(amount) AS s, avg(amount) AS a FOR channel IN ('web', 'shop'))
FROM (SELECT id, quantity, amount FROM sale) UNPIVOT (value FOR name IN (quantity, amount))
UNPIVOT (SELECT id, quantity::DOUBLE AS q, amount::DOUBLE AS a FROM sale) ON q, a INTO NAME metric VALUE v
UNPIVOT (SELECT id, quantity::DOUBLE AS q, amount::DOUBLE AS a FROM sale) ON COLUMNS(* EXCLUDE (id)) INTO NAME metric VALUE v
SELECT * FROM (SELECT id, quantity::DOUBLE AS q, discount AS d FROM sale) UNPIVOT INCLUDE NULLS (v FOR metric IN (q, d))
SELECT list(id ORDER BY id), list(DISTINCT channel ORDER BY channel) FROM sale
SELECT list_sort([3,1,2], 'DESC'), list_aggregate([1,2], 'sum'), list_sum([1,2]), list_contains([1,2],1), array_to_string([1,2], ','), flatten([[1],[2]]), [1,2] || [3], len([1,2]), [1,2,3][-1], [1,2,3][2:], [1,2,3,4][1:4:2], list_zip([1],[2]), list_value(1,2), range(1, 5, 2), generate_series(1, 3), unnest([1,2])
SELECT MAP {'a': 1, 'b': 2} AS m, m['a'], map_keys(m), map_values(m), element_at(m, 'a'), map([1,2],['x','y']), map_from_entries([(1,'a')]), cardinality(m)
SELECT data->>'page', data->'device'->>'os', data->>'$.device.os', json_extract(data, '$.ms'), json_extract_string(data, '$.tags[0]'), data->'$.tags', json_array_length(data->'tags'), json_type(data), json_keys(data), json_valid('{}'), data.page FROM visit
SELECT (data->>'ms')::INT AS ms, json_extract(data, ['$.page', '$.ms']), from_json(data, '{"page":"VARCHAR"}'), json_transform(data, '{"ms":"INTEGER"}'), data->>'$.tags[*]' FROM visit
SELECT unnest(from_json(data->'tags', '["VARCHAR"]')) AS tag, count(*) FROM visit GROUP BY 1
SELECT json_group_array(region), json_group_object(name, id), to_json(c), json_object('a', 1), json_array(1,2), json_merge_patch('{"a":1}', '{"b":2}'), json_structure('{"a":1}') FROM customer c GROUP BY c
SELECT e.key, e.value FROM visit, json_each(data) e WHERE visit.id = 1
SELECT unnest({'a': 1, 'b': 2}), unnest([{'x': 1}], recursive := true)
SELECT id, unnest(tags) AS tag FROM product
SELECT p.id, t.tag FROM product p, unnest(p.tags) AS t(tag)
SELECT p.id, t.tag, t.n FROM product p, unnest(p.tags) WITH ORDINALITY AS t(tag, n)
SELECT approx_count_distinct(customer_id), approx_quantile(amount, 0.5) IS NOT NULL, quantile_cont(amount, [0.25, 0.5]), quantile_disc(amount, 0.9), median(amount), mode(channel), mad(amount), entropy(channel), kurtosis(amount), skewness(amount), histogram(quantity), arg_max(id, amount), arg_min(id, amount), max_by(id, amount), min(id, 3), max(amount, 2), first(id ORDER BY id), last(id ORDER BY id), any_value(1), product(quantity / 10.0), sem(amount), favg(amount), fsum(amount), geomean(amount), bitstring_agg(quantity, 1, 9), string_agg(channel, ',' ORDER BY id), list(id ORDER BY id)[1:3], count_if(quantity > 3), bool_and(true), approx_top_k(channel, 2), reservoir_quantile(amount, 0.5) IS NOT NULL, sumkahan(amount), arg_max(id, amount, 3), arbitrary(1) FROM sale
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount), percentile_disc(0.5) WITHIN GROUP (ORDER BY amount DESC), mode() WITHIN GROUP (ORDER BY channel) FROM sale
SELECT channel, sum(amount) FILTER (quantity > 2), count(*) FILTER (WHERE quantity > 2) FROM sale GROUP BY channel
SELECT regexp_extract(note, '(\d+)', 1), regexp_extract(note, '(\w+) (\d+)', ['w','n']), regexp_matches(note, '^N'), regexp_replace(note, '\d', '#', 'g'), regexp_full_match(note, 'N.*'), regexp_extract_all(note, '\d'), regexp_split_to_array(note, ' '), note SIMILAR TO 'N.*', note ~ 'N.*', note !~ 'x', note LIKE 'N%', note ILIKE 'n%', note NOT ILIKE 'z%', note GLOB 'N*', note LIKE 'a$%' ESCAPE '$', note ^@ 'N', note ~~ 'N%', note ~~~ 'N*', note ~~* 'n%', starts_with(note, 'N'), prefix(note, 'N'), contains(note, 'o'), suffix(note, 'a') FROM sale
SELECT string_split(note, ' ')[1], split_part(note, ' ', 2), note[1], note[1:3], note[-3:], left(note, 2), right(note, 2), substring(note, 2, 3), substring(note from 2 for 3), lpad(note, 30, '*'), format('{}-{}', id, channel), printf('%05d', id), concat_ws('-', id, channel), concat(id, channel), levenshtein('a', 'b'), jaccard('ab', 'bc'), jaro_winkler_similarity('a', 'b'), upper(note), lower(note), reverse(note), trim(note), trim(note, 'N'), strip_accents('é'), length(note), strlen(note), md5(note), sha256(note), hash(note), base64(note::BLOB), hex(note), bar(quantity, 0, 10, 5), repeat('a', 3), replace(note, 'N', 'M'), position('o' in note), instr(note, 'o'), chr(65), ord('A'), unicode('A'), translate(note, 'N', 'M'), url_encode('a b'), parse_filename('/a/b.c'), to_base(10, 2), bin(5), list_string_agg(['a','b']) FROM sale
SELECT a.i, b.j FROM range(3) a(i), range(2) b(j)
SELECT * FROM generate_series(1, 5) g(i)
SELECT * FROM range(date '2024-01-01', date '2024-01-05', INTERVAL 1 DAY) r(d)
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(n, s)
VALUES (1, 2), (3, 4)
SELECT * FROM sale USING SAMPLE 100 PERCENT (bernoulli)
SELECT * FROM sale TABLESAMPLE 100%
SELECT * FROM sale USING SAMPLE reservoir(700 ROWS) REPEATABLE (1)
SELECT count(*) FROM sale TABLESAMPLE reservoir(50 ROWS)
SELECT count(*) FROM (SELECT * FROM sale USING SAMPLE 50)
SELECT * FROM sale ORDER BY id LIMIT 10%
SELECT * FROM sale ORDER BY id LIMIT 10 OFFSET 5
SELECT region, tier, grouping(region), grouping_id(region, tier), count(*) FROM customer GROUP BY CUBE (region, tier)
SELECT region, count(*) FROM customer GROUP BY ROLLUP (region), tier
SELECT region, tier, count(*) FROM customer GROUP BY GROUPING SETS ((region, tier), (region), ())
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT * FROM r
WITH RECURSIVE r(n, total) USING KEY (n) AS (SELECT 1, 1 UNION SELECT n, total + 1 FROM r WHERE total < 5) SELECT * FROM r
WITH a AS MATERIALIZED (SELECT * FROM sale) SELECT count(*) FROM a
SELECT id FROM customer UNION BY NAME SELECT id, price FROM product
SELECT id FROM customer UNION ALL BY NAME SELECT price, id FROM product
SELECT id FROM customer INTERSECT SELECT id FROM product
SELECT id FROM customer EXCEPT ALL SELECT id FROM product
SELECT sum(amount) OVER (ORDER BY day RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND CURRENT ROW) FROM sale
SELECT lag(amount IGNORE NULLS) OVER (ORDER BY id), first_value(discount IGNORE NULLS) OVER (ORDER BY id), nth_value(id, 2) OVER (ORDER BY id), lead(id, 1, 0) OVER (ORDER BY id), fill(discount) OVER (ORDER BY id) FROM sale
SELECT count(DISTINCT channel) OVER (PARTITION BY quantity), sum(amount) OVER (ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW), row_number() OVER () > 0 FROM sale
SELECT row_number(ORDER BY amount) OVER (ORDER BY id) FROM sale
SELECT s: amount, d: day FROM sale
SELECT amount AS a, a * 2 AS b, b + 1 AS c FROM sale WHERE a > 10
SELECT amount * 2 AS dbl FROM sale WHERE dbl > 100 GROUP BY dbl HAVING dbl > 120 ORDER BY dbl
SELECT 'a' || 1, concat('a', NULL), coalesce(NULL, 1), ifnull(NULL, 2), nullif(1, 1), if(true, 1, 2), CASE WHEN true THEN 1 END, greatest(1, 2), least(1, 2)
SELECT id FROM customer WHERE tier IS DISTINCT FROM 'gold' AND region IN ['north', 'south']
SELECT id FROM customer WHERE region IN ('north') AND id BETWEEN 1 AND 9 AND (region, tier) IN (('north','gold'))
SELECT id FROM customer WHERE 'north' IN (SELECT region FROM customer) AND id = ANY([1,2]) AND id IN (SELECT unnest([1,2]))
SELECT id FROM customer WHERE id > ALL (SELECT 1) OR NOT EXISTS (FROM sale WHERE customer_id = customer.id)
SELECT name.upper().lower() FROM customer
SELECT name.split(' ')[1].upper(), [1,2].list_sum() FROM customer
SELECT 'x'.upper()
SELECT ((1, 2)), (1, 'a')[1], row(1, 2)
SELECT c, c.name, c.* FROM customer c
SELECT t.id FROM sale AS t SEMI JOIN customer USING (id)
SELECT "id" AS "My Id", amount "A" FROM "sale"
SELECT count() FROM sale
SELECT * FROM sale WHERE day = '2024-01-05' AND sold_at::DATE > DATE '2024-01-01'
SELECT day, sum(amount), sum(sum(amount)) OVER (ORDER BY day) FROM sale GROUP BY day
SELECT channel, list(struct_pack(id := id, a := amount) ORDER BY id)[1] FROM sale GROUP BY channel
SELECT channel, max(amount) - min(amount) AS spread FROM sale GROUP BY channel HAVING spread > 1 ORDER BY spread DESC NULLS LAST
SELECT *, amount > avg(amount) OVER () AS above FROM sale
SELECT id, amount FROM sale ORDER BY 2 DESC, 1 LIMIT 3
SELECT year, month, date FROM day WHERE date < '2024-01-05'
SELECT d.date - 1, d.year FROM day d
SELECT DISTINCT ON (customer_id) customer_id, id FROM sale ORDER BY customer_id, id
SELECT unnest(range(3)) AS i, i + 1
SELECT [i * 2 FOR i IN range(5) IF i % 2 = 0]
SELECT [x, y] FROM (SELECT 1 AS x, 2 AS y)
SELECT list_has_any([1],[1,2]), [1] && [1,2], [1,2] @> [1], [1] <@ [1,2], array_cosine_similarity([1.0,2.0]::FLOAT[2], [2.0,3.0]::FLOAT[2]), list_distance([1,2],[2,3]), [1,2] <-> [2,3], [1.0] <=> [1.0]
SELECT 1 IS NOT NULL, NULL IS NULL, 1 NOTNULL, NULL ISNULL
SELECT CASE 1 WHEN 1 THEN 'a' ELSE 'b' END, 'it''s', E'a\nb', $$dollar$$, 'a\b', 'é😀'
SELECT sum(1) FROM sale, customer WHERE sale.customer_id = customer.id
SELECT sum(amount) FROM sale JOIN customer ON sale.customer_id = customer.id JOIN product ON product.id = sale.product_id WHERE region = 'north'
SELECT * FROM (FROM sale SELECT channel, amount WHERE amount > 100)
WITH t AS (FROM sale SELECT channel, amount) FROM t SELECT channel, sum(amount) GROUP BY ALL
WITH t(a) AS (SELECT 1), u AS (SELECT a + 1 AS b FROM t) SELECT * FROM t, u
SELECT (SELECT max(amount) FROM sale WHERE customer_id = c.id) FROM customer c
SELECT c.id, s.* FROM customer c, LATERAL (SELECT amount FROM sale WHERE customer_id = c.id ORDER BY amount DESC, id LIMIT 1) s
SELECT c.id, s.* FROM customer c LEFT JOIN LATERAL (SELECT amount FROM sale WHERE customer_id = c.id ORDER BY amount DESC, id LIMIT 1) s ON true
SELECT grouping(channel), channel, count(*) FROM sale GROUP BY CUBE(channel)
SELECT channel, count(*) FROM sale GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC
SELECT struct_insert({'a': 1}, b := 2), struct_keys({'a': 1}), union_tag(union_value(k := 1)), union_extract(union_value(k := 1), 'k')
SELECT x FROM (SELECT unnest([1,2,NULL]) AS x) ORDER BY x NULLS FIRST
SELECT any_value(x) FROM (VALUES (NULL), (1)) t(x)
SELECT first(x), last(x) FROM (VALUES (1)) t(x)
SELECT sum(x) FROM (VALUES (1::HUGEINT), (170141183460469231731687303715884105727 - 1)) t(x)
SELECT count(*) FROM sale s JOIN visit v ON s.customer_id = v.customer_id AND v.at BETWEEN s.sold_at - INTERVAL '1 DAY' AND s.sold_at
SELECT date '2024-01-01' + INTERVAL '1' MONTH, INTERVAL '1' YEAR, INTERVAL 1.5 DAY, INTERVAL (1 + 1) DAY, '1 month'::INTERVAL
SELECT '2024-01-01'::DATE::VARCHAR || 'x', 5::VARCHAR::INT + 1
SELECT strftime(sold_at, '%Y-W%V') AS w, count(*) FROM sale GROUP BY w
SELECT sum(CASE WHEN channel = 'web' THEN amount ELSE 0 END) / sum(amount) * 100 AS pct FROM sale
SELECT row_number() OVER (ORDER BY sum(amount) DESC), channel FROM sale GROUP BY channel
SELECT #1, #2 FROM sale ORDER BY #1
SELECT customer.region FROM main.customer
SELECT json_extract(data, '$.tags[#-1]'), data->0, data->>'/device/os', json(data), json_quote('a') FROM visit
SELECT sum(j::DOUBLE) FROM (SELECT unnest([1,2]) AS j)
SELECT array_agg(id ORDER BY id DESC NULLS LAST) FILTER (WHERE id < 5) FROM customer
SELECT array_slice([1,2,3], 1, 2), array_value(1,2), array_length([1,2]), list_slice([1,2,3], 1, 3, 2)
SELECT date_trunc('quarter', day) AS q, sum(amount) AS s, s - lag(s) OVER (ORDER BY q) AS d FROM sale GROUP BY q
SELECT hash(1), md5('a'), sha1('a'), md5_number('a'), uuid() IS NULL, gen_random_uuid() IS NULL, random() < 2
SELECT * FROM sale WHERE id % 2 == 0
SELECT * FROM sale WHERE NOT (id != 3)
SELECT x.y FROM (SELECT {'y': 1} AS x)
SELECT (x).y, x['y'] FROM (SELECT {'y': 1} AS x)
SELECT ('a', 1) = ('a', 1), [1, 2] < [1, 3], {'a': 1} = {'a': 1}
SELECT max(amount) FILTER (WHERE channel = 'web') OVER (PARTITION BY quantity) FROM sale
SELECT sale.*, c.name AS customer FROM sale JOIN customer c ON c.id = customer_id WHERE c.name LIKE '%1' ORDER BY ALL DESC LIMIT 4
SELECT id, first_value(discount IGNORE NULLS) OVER (ORDER BY id ROWS BETWEEN 6 PRECEDING AND CURRENT ROW), lag(discount IGNORE NULLS) OVER (ORDER BY id), last_value(discount RESPECT NULLS) OVER (ORDER BY id) FROM sale
SELECT arg_max(id, amount), any_value(discount), first(discount) FROM sale
