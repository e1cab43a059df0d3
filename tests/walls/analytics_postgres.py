"""PostgreSQL's words for the generator of analytics."""

from typing import Final

from tests.walls.words import Words

_VISITS: Final = "FROM visit v WHERE (v.data ->> 'ms')::int > #"

POSTGRES: Final = Words(
    exact=lambda n: f"({n})::numeric",
    month=lambda d: f"date_trunc('month', {d})::date",
    matches=lambda text, pattern: f"{text} ~ '{pattern}'",
    group_by=lambda keys, short: (
        ", ".join(str(i + 1) for i in range(len(keys))) if short else ", ".join(keys)
    ),
    materialized="AS MATERIALIZED",
    aggregates=(
        "array_agg(s.id ORDER BY s.id)",
        "(array_agg(s.amount ORDER BY s.amount DESC, s.id))[1]",
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY s.amount)",
        "jsonb_object_agg(s.id, s.amount)",
        "every(s.quantity > 0)",
        "sum(s.amount)::float8 / count(*)",
    ),
    statistics=(
        "percentile_cont(0.9) WITHIN GROUP (ORDER BY s.amount)",
        "percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY s.amount)",
        "mode() WITHIN GROUP (ORDER BY s.quantity)",
        "corr(s.quantity, s.id)",
        "regr_slope(s.quantity, s.id)",
        "var_pop(s.amount)",
        "stddev_pop(s.amount)",
        "count(DISTINCT s.customer_id)",
        "rank(100) WITHIN GROUP (ORDER BY s.amount)",
        "bit_or(s.quantity)",
        "covar_samp(s.quantity, s.id)",
        "any_value(s.channel ORDER BY s.id)",
    ),
    dates=(
        "date_trunc('week', s.sold_at)",
        "to_char(s.day, 'YYYY-\"Q\"Q')",
        "extract(isodow FROM s.day)",
        "date_part('hour', s.sold_at)",
        "(s.day + interval '1 month')::date",
        "date_bin('6 hours', s.sold_at, timestamp '2024-01-01')",
        "s.day - c.since",
        "age(s.day, c.since)",
        "s.sold_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin'",
        "make_date(extract(year FROM s.day)::int, 1, 1)",
        "date_trunc('quarter', s.day)::date",
        "justify_interval(s.sold_at - timestamp '2024-01-01')",
        "s.day::text",
        "extract(epoch FROM s.sold_at)::bigint / 86400",
        "s.day BETWEEN date '2024-02-01' AND date '2024-02-01' + interval '90 days'",
        "(s.day, s.day + 30) OVERLAPS (date '2024-03-01', date '2024-04-01')",
        "to_timestamp(extract(epoch FROM s.day))",
        "interval '1 day' * s.quantity",
    ),
    texts=(
        "regexp_replace(s.note, '(\\d+) for (\\w)', '\\2-\\1')",
        "(regexp_match(s.note, '(\\d+)'))[1]::int",
        "s.note ~* '^NOTE 1' AND s.note !~ 'x$'",
        "substring(s.note FROM '\\d+')",
        "split_part(s.note, ' ', -1)",
        "initcap(replace(s.note, ' ', '_'))",
        "position('for' IN s.note)",
        "overlay(s.channel PLACING 'XX' FROM 2 FOR 1)",
        "array_to_string(regexp_split_to_array(s.note, '\\s+'), '|')",
        "format('%s: %s', c.name, to_char(s.amount, 'FM9990.00'))",
        "translate(c.name, 'Cus', 'cUS')",
        "s.note SIMILAR TO 'Note (1|2)%'",
        "s.note ILIKE ANY (ARRAY['%1', '%Z'])",
        "md5(c.name)",
        "string_to_array(s.note, ' ')",
        "p.tags @> ARRAY['t1'] OR 't2' = ANY (p.tags)",
        "p.tags[1] || p.tags[array_length(p.tags, 1)]",
        "regexp_count(s.note, 'o')",
        "concat_ws(', ', c.tier, c.region, NULL)",
        "c.name COLLATE \"C\" < 'D'",
        "$$dollar's$$ || E'\\ttab'",
    ),
    json=(
        f"SELECT v.id, v.data ->> 'page', v.data #>> '{{device,os}}' {_VISITS} ORDER BY 1",
        (
            f"SELECT v.data -> 'device' ->> 'os' AS os, avg((v.data ->> 'ms')::numeric) {_VISITS}"
            " GROUP BY 1 ORDER BY 1"
        ),
        (
            "SELECT tag, count(*) FROM visit v, jsonb_array_elements_text(v.data -> 'tags') AS tag"
            " WHERE (v.data ->> 'ms')::int > # GROUP BY tag ORDER BY tag"
        ),
        (
            "SELECT v.id, t.tag, t.n FROM visit v CROSS JOIN LATERAL jsonb_array_elements_text("
            "v.data -> 'tags') WITH ORDINALITY AS t(tag, n) WHERE v.id < # ORDER BY 1, 3"
        ),
        f"SELECT jsonb_agg(v.data -> 'page' ORDER BY v.id) {_VISITS}",
        f"SELECT v.id {_VISITS} AND v.data @> '{{\"page\": \"/a\"}}' AND v.data ? 'tags' ORDER BY 1",
        (
            f"SELECT v.id, jsonb_path_query_first(v.data, '$.tags[*] ? (@ like_regex \"^a\")')"
            f" {_VISITS} ORDER BY 1"
        ),
        (
            "SELECT v.id, jt.page, jt.ms FROM visit v, JSON_TABLE(v.data, '$' COLUMNS (page text PATH"
            " '$.page', ms int PATH '$.ms')) AS jt WHERE jt.ms > # ORDER BY 1"
        ),
        (
            f"SELECT json_build_object('page', v.data -> 'page', 'n', count(*)) {_VISITS}"
            " GROUP BY v.data -> 'page' ORDER BY v.data -> 'page'"
        ),
        (
            "SELECT e.key, count(*) FROM visit v, jsonb_each(v.data) AS e(key, value) WHERE v.id < #"
            " GROUP BY 1 ORDER BY 1"
        ),
        f"SELECT v.id, v.data - 'tags' || jsonb_build_object('x', v.id) {_VISITS} ORDER BY 1",
        f"SELECT v.id, JSON_VALUE(v.data, '$.page'), v.data['ms'] {_VISITS} ORDER BY 1",
        f"SELECT v.id, v.data @? '$.tags[*] ? (@ == \"a1\")' {_VISITS} ORDER BY 1",
        (
            'SELECT r.* FROM jsonb_to_recordset(\'[{"a": 1, "b": "x"}, {"a": #}]\') AS r(a int, b text)'
            " ORDER BY 1"
        ),
        f"SELECT v.id, v.data #- '{{device,os}}', v.data -> 'tags' -> 0 {_VISITS} ORDER BY 1",
    ),
    pivots=(),
    special=(
        (
            "SELECT DISTINCT ON (customer_id) customer_id, day, amount FROM sale WHERE quantity > #"
            " ORDER BY customer_id, amount DESC, id"
        ),
        (
            "SELECT d::date, coalesce(sum(s.amount), 0) FROM generate_series(date '2024-01-01', date"
            " '2024-02-10', interval '# days') AS g(d) LEFT JOIN sale s ON s.day = d::date GROUP BY 1"
            " ORDER BY 1"
        ),
        (
            "SELECT width_bucket(amount, 0, 200, #) AS b, count(*), int4range(min(quantity),"
            " max(quantity), '[]') FROM sale GROUP BY 1 ORDER BY 1"
        ),
        (
            "SELECT id, sum(amount) OVER (ORDER BY day RANGE BETWEEN interval '# days' PRECEDING AND"
            " CURRENT ROW) FROM sale ORDER BY id"
        ),
        (
            "SELECT id, count(*) OVER (ORDER BY quantity GROUPS BETWEEN # PRECEDING AND CURRENT ROW"
            " EXCLUDE TIES) FROM sale ORDER BY id"
        ),
        "SELECT * FROM (VALUES (1, 'a'), (#, 'b')) AS v(n, s) JOIN product p ON p.id = v.n ORDER BY 1",
        "SELECT x.i, x.v FROM unnest(ARRAY['a', 'b', 'c']) WITH ORDINALITY AS x(v, i) WHERE x.i < #",
        (
            "SELECT id, rank() OVER w, sum(amount) OVER (w ROWS # PRECEDING) FROM sale WINDOW w AS"
            " (PARTITION BY channel ORDER BY amount DESC, id) ORDER BY id"
        ),
        (
            "SELECT ARRAY(SELECT id FROM product WHERE id < # ORDER BY id DESC), (SELECT array_agg(name"
            " ORDER BY name) FROM product WHERE id < #)"
        ),
        (
            "SELECT id FROM customer WHERE (region, tier) IN (('north', 'gold'), ('south', 'basic'))"
            " AND (id, id) > (#, 1) ORDER BY 1"
        ),
        "SELECT quantity FROM sale ORDER BY quantity DESC FETCH FIRST # ROWS WITH TIES",
        "SELECT * FROM ROWS FROM (generate_series(1, #), unnest(ARRAY[7, 8])) AS x(a, b)",
        "SELECT count(*) FROM sale TABLESAMPLE BERNOULLI (100) REPEATABLE (#)",
        "TABLE product ORDER BY id LIMIT #",
        "VALUES (1, 'x'), (#, NULL) ORDER BY 1 DESC",
        (
            "SELECT ts_rank(to_tsvector('simple', note), to_tsquery('simple', 'note & #')), id FROM sale"
            " WHERE to_tsvector('simple', note) @@ plainto_tsquery('simple', 'note') ORDER BY 2 LIMIT 5"
        ),
        (
            "SELECT daterange(min(day), max(day), '[]') @> date '2024-0#-01', range_agg(int4range(id, id"
            " + 1)) FROM sale WHERE id < 9"
        ),
        (
            "SELECT c.id, c.name, t FROM customer c CROSS JOIN (SELECT unnest(tags) AS t FROM product"
            " WHERE id = #) x WHERE c.id < 4 ORDER BY 1, 3"
        ),
        'SELECT round(avg(amount), 2) AS "Ø amount", count(*) AS "№" FROM sale WHERE id % # = 0',
        (
            "WITH RECURSIVE r(id, path) AS (SELECT id, ARRAY[id] FROM customer WHERE referrer IS NULL"
            " UNION ALL SELECT c.id, path || c.id FROM customer c JOIN r ON c.referrer = r.id WHERE"
            " cardinality(path) < # AND NOT c.id = ANY (path)) SELECT id, path FROM r ORDER BY path"
        ),
        (
            "WITH RECURSIVE r(id, up) AS (SELECT id, referrer FROM customer WHERE id = # UNION SELECT"
            " c.id, c.referrer FROM customer c, r WHERE c.id = r.up) SEARCH BREADTH FIRST BY id SET o"
            " CYCLE id SET looped USING way SELECT id, looped FROM r ORDER BY o"
        ),
        "SELECT 1_000 + 0x1F + #, 7 / 2, 7 % 4, 2 ^ 3, |/ 16, 5 | 3, ~5, 1 << #, -7 / 2, 1e3, .5",
        (
            "SELECT c.region, x.day FROM customer c JOIN LATERAL (SELECT max(day) AS day FROM sale WHERE"
            " customer_id = c.id) x ON x.day IS NOT NULL WHERE c.id <= # ORDER BY 1, 2"
        ),
    ),
)
