"""DuckDB's words for the generator of analytics."""

from typing import Final

from tests.walls.words import Words

_VISITS: Final = "FROM visit v WHERE (v.data ->> 'ms')::INT > #"

DUCKDB: Final = Words(
    exact=lambda n: f"({n})::DECIMAL(30, 6)",
    month=lambda d: f"date_trunc('month', {d})::DATE",
    matches=lambda text, pattern: f"regexp_matches({text}, '{pattern}')",
    group_by=lambda keys, short: "ALL" if short else ", ".join(keys),
    materialized="AS MATERIALIZED",
    aggregates=(
        "list(s.id ORDER BY s.id)",
        "list(s.id ORDER BY s.amount DESC, s.id)[1:3]",
        "median(s.amount)",
        "arg_max(s.id, s.amount * 1000 + s.id)",
        "quantile_cont(s.amount, 0.9)",
        "count_if(s.quantity > 4)",
        "approx_count_distinct(s.customer_id)",
        "histogram(s.quantity)",
        "sum(s.amount)::DOUBLE / count(*)",
    ),
    statistics=(
        "quantile_cont(s.amount, [0.25, 0.5, 0.75])",
        "quantile_disc(s.amount, 0.9)",
        "percentile_cont(0.9) WITHIN GROUP (ORDER BY s.amount)",
        "mode(s.quantity ORDER BY s.quantity)",
        "mad(s.amount)",
        "var_pop(s.quantity)",
        "max(s.amount, 2)",
        "min_by(s.id, s.amount * 1000 + s.id)",
        "first(s.id ORDER BY s.day, s.id)",
        "approx_count_distinct(s.id)",
        "bit_xor(s.quantity)",
        "entropy(s.quantity)",
        "count(DISTINCT s.customer_id)",
        "string_agg(s.channel, '|' ORDER BY s.id)",
    ),
    dates=(
        "date_trunc('week', s.sold_at)",
        "strftime(s.day, '%Y-%m')",
        "dayname(s.day)",
        "date_part('hour', s.sold_at)",
        "(s.day + INTERVAL 1 MONTH)::DATE",
        "time_bucket(INTERVAL '10 days', s.day)",
        "date_diff('month', c.since, s.day)",
        "s.day - c.since",
        "last_day(s.day)",
        "year(s.day) * 100 + month(s.day)",
        "s.day + to_days(s.quantity)",
        "date_sub('week', c.since, s.day)",
        "make_date(year(s.day), 1, 1)",
        "epoch(s.sold_at)::BIGINT // 86400",
        "s.sold_at - INTERVAL '90 minutes'",
        "s.day + INTERVAL (s.quantity) DAY",
        "strptime(strftime(s.day, '%d/%m/%Y'), '%d/%m/%Y')",
        "date_trunc('quarter', s.day)",
        "quarter(s.day)",
    ),
    texts=(
        "regexp_extract(s.note, '(\\d+)', 1)",
        "regexp_replace(s.note, '\\d', '#', 'g')",
        "s.note ILIKE 'note 1%' AND s.note NOT SIMILAR TO '.*x'",
        "string_split(s.note, ' ')[2]",
        "s.note[1:4] || s.note[-1]",
        "list_transform(p.tags, lambda t: upper(t) || '!')",
        "[t FOR t IN p.tags IF t LIKE '%1']",
        "array_to_string(list_sort(p.tags), '|')",
        "format('{}: {:.2f}', c.name, s.amount::DOUBLE)",
        "printf('%05d', s.id)",
        "c.name.upper().replace('CUSTOMER', 'c')",
        "s.note GLOB 'Note 1*'",
        "levenshtein(c.region, s.channel)",
        "starts_with(c.name, 'C') AND contains(c.name, '1')",
        "{'a': c.name, 'b': [s.id]}.b[1]",
        "MAP {'k': s.channel}['k']",
        "struct_pack(n := c.name, r := c.region)",
        "TRY_CAST(s.note AS INTEGER)",
        "list_filter(p.tags, lambda t: t <> 't1').len()",
        "ifnull(c.tier, 'none')",
        "regexp_split_to_array(s.note, ' ')",
        "strip_accents('é') || chr(65)",
        "s.note ~ 'Note [0-9]+ for .'",
    ),
    json=(
        f"SELECT v.id, v.data ->> 'page', v.data ->> '$.device.os' {_VISITS} ORDER BY 1",
        (
            f"SELECT v.data -> 'device' ->> 'os' AS os, avg((v.data ->> 'ms')::INT) {_VISITS} GROUP BY 1"
            " ORDER BY 1"
        ),
        (
            f"SELECT unnest(from_json(v.data -> 'tags', '[\"VARCHAR\"]')) AS tag, v.id {_VISITS}"
            " ORDER BY 2, 1"
        ),
        (
            f"SELECT v.id, json_extract_string(v.data, '$.tags[0]'), json_array_length(v.data -> 'tags')"
            f" {_VISITS} ORDER BY 1"
        ),
        "SELECT json_group_array(v.id) FROM (SELECT id FROM visit ORDER BY id LIMIT #) v",
        f"SELECT v.id {_VISITS} AND json_contains(v.data, '\"a1\"') ORDER BY 1",
        (
            "SELECT v.id, e.key, e.value FROM visit v, json_each(v.data) e WHERE v.id < # AND e.key ="
            " 'page' ORDER BY 1"
        ),
        f"SELECT v.id, (v.data ->> 'page') = '/a' AS home, v.data.ms {_VISITS} ORDER BY 1",
        f"SELECT to_json({{'n': count(*), 'top': max(v.id)}}) {_VISITS}",
        f"SELECT v.id, json_keys(v.data), json_type(v.data -> 'ms') {_VISITS} ORDER BY 1",
        (
            f"SELECT v.id, v.data ->> '$.tags[*]', json_merge_patch(v.data, '{{\"x\": 1}}') {_VISITS}"
            " ORDER BY 1"
        ),
    ),
    pivots=(
        (
            "PIVOT sale ON channel IN ('web', 'shop', 'phone') USING sum(amount) GROUP BY quantity"
            " ORDER BY quantity"
        ),
        (
            "PIVOT sale ON channel IN ('web', 'shop') USING sum(amount) AS total, count(*) AS n GROUP BY"
            " customer_id ORDER BY customer_id LIMIT 9"
        ),
        (
            "SELECT * FROM (SELECT quantity, channel, amount FROM sale) PIVOT (sum(amount) AS s, avg("
            "amount) AS a FOR channel IN ('web', 'shop')) ORDER BY quantity"
        ),
        (
            "UNPIVOT (SELECT id, quantity::DOUBLE AS q, amount::DOUBLE AS a FROM sale) ON q, a INTO NAME"
            " metric VALUE v ORDER BY id, metric LIMIT 40"
        ),
        (
            "FROM (SELECT id, quantity::DOUBLE AS q, discount AS d FROM sale) UNPIVOT INCLUDE NULLS (v FOR"
            " metric IN (q, d)) SELECT metric, count(v), count(*) GROUP BY metric ORDER BY metric"
        ),
        (
            "SELECT * FROM (PIVOT sale ON quantity IN (1, 4, 7) USING max(day) GROUP BY channel) ORDER BY"
            " channel"
        ),
        (
            "WITH x AS (SELECT channel, category, amount FROM sale JOIN product p ON p.id = product_id)"
            " PIVOT x ON category IN ('food', 'tools') USING avg(amount) GROUP BY channel ORDER BY channel"
        ),
    ),
    special=(
        (
            "SELECT * FROM sale QUALIFY row_number() OVER (PARTITION BY channel ORDER BY amount DESC, id)"
            " <= # ORDER BY id"
        ),
        (
            "SELECT id, channel, rank() OVER w AS r FROM sale WINDOW w AS (PARTITION BY channel ORDER BY"
            " amount) QUALIFY r < # ORDER BY id"
        ),
        (
            "SELECT s.id, v.at FROM sale s ASOF JOIN visit v ON s.customer_id = v.customer_id AND"
            " s.sold_at >= v.at WHERE s.quantity > # ORDER BY s.id"
        ),
        (
            "SELECT s.id, v.id FROM sale s ASOF LEFT JOIN visit v ON s.customer_id = v.customer_id AND"
            " s.sold_at > v.at WHERE s.id % # = 0 ORDER BY s.id"
        ),
        "SELECT * EXCLUDE (note, discount) REPLACE (amount * # AS amount) FROM sale ORDER BY id",
        "SELECT COLUMNS('(id|amount)') FROM sale WHERE quantity = # ORDER BY 1",
        "SELECT min(COLUMNS(* EXCLUDE (note))) FROM sale WHERE id > #",
        "FROM sale SELECT channel, sum(amount) AS total WHERE quantity > # GROUP BY ALL ORDER BY ALL",
        "FROM product WHERE id < # ORDER BY id",
        (
            "SELECT id FROM customer SEMI JOIN sale ON customer.id = sale.customer_id AND quantity > #"
            " ORDER BY id"
        ),
        (
            "SELECT id FROM customer ANTI JOIN sale ON customer.id = sale.customer_id AND quantity > #"
            " ORDER BY id"
        ),
        "SELECT id, unnest(tags) AS tag FROM product WHERE id > # ORDER BY id, tag",
        "SELECT p.id, t.tag FROM product p, unnest(p.tags) AS t(tag) WHERE p.id < # ORDER BY 1, 2",
        (
            "SELECT DISTINCT ON (customer_id) customer_id, id FROM sale WHERE quantity > # ORDER BY"
            " customer_id, id"
        ),
        (
            "SELECT id FROM customer UNION ALL BY NAME SELECT price, id FROM product ORDER BY id, price"
            " LIMIT #"
        ),
        (
            "SELECT id, sum(amount) OVER (ORDER BY day RANGE BETWEEN INTERVAL # DAYS PRECEDING AND"
            " CURRENT ROW) FROM sale ORDER BY id"
        ),
        (
            "SELECT id, first_value(discount IGNORE NULLS) OVER (ORDER BY id ROWS BETWEEN # PRECEDING AND"
            " CURRENT ROW) FROM sale ORDER BY id"
        ),
        (
            "SELECT list_reduce([1, 2, #], lambda a, b: a + b), list_zip([1], ['a']), [1, 2, 3, #][2:],"
            " range(#), list_aggregate([1, #], 'sum')"
        ),
        "SELECT amount * 2 AS twice, twice + # AS more FROM sale WHERE twice > 100 ORDER BY id LIMIT 5",
        "SELECT total: sum(amount), n: count(*) FROM sale WHERE quantity < #",
        "SELECT i, i ** 2, i // 2, i / 2, i % 3, 1_000 + i, 0x1F FROM range(#) r(i) ORDER BY i",
        (
            "SELECT d.date, count(s.id) FROM day d LEFT JOIN sale s ON s.day = d.date WHERE d.month = #"
            " GROUP BY d.date ORDER BY d.date"
        ),
        "SELECT count(*) FROM (SELECT * FROM sale USING SAMPLE # ROWS)",
        (
            "WITH RECURSIVE t(n, total) USING KEY (n) AS (SELECT 1, 1 UNION SELECT n, total + 1 FROM t"
            " WHERE total < #) FROM t"
        ),
        (
            "SELECT channel, max(amount) FILTER (quantity > #) AS m FROM sale GROUP BY channel HAVING m > 1"
            " ORDER BY m DESC"
        ),
        "SELECT #, 'dollar', $$it's$$, E'a\\tb', [1, 2] || [#], TRUE AND NOT FALSE, 2 ** 3 ** 2",
    ),
)
