"""What SQLite says otherwise than the generator's grammar, and its own words."""

from collections.abc import Callable
from typing import Final

from typing_extensions import override

from tests.walls.analytics import BASE, DATES, DIMENSIONS, NUMBERS, TEXTS, Maker
from tests.walls.words import Words

_MS: Final = "CAST(v.data ->> '$.ms' AS INTEGER)"
_VISITS: Final = f"FROM visit v WHERE {_MS} > #"

SQLITE: Final = Words(
    exact=lambda n: f"CAST({n} AS REAL)",
    month=lambda d: f"strftime('%Y-%m-01', {d})",
    matches=lambda text, pattern: f"{text} GLOB '*[0-9]*'",
    group_by=lambda keys, short: (
        ", ".join(str(i + 1) for i in range(len(keys))) if short else ", ".join(keys)
    ),
    materialized="AS MATERIALIZED",
    aggregates=(
        "group_concat(DISTINCT s.channel)",
        "json_group_array(s.id)",
        "json_group_object(s.id, s.channel)",
        "total(s.amount)",
        "sum(s.quantity > 3)",
        "sum(iif(c.closed, s.amount, 0))",
        "max(s.amount) - min(s.amount)",
        "sum(s.amount) / count(*)",
        "avg(s.amount) FILTER (WHERE s.quantity > 2)",
        "count(DISTINCT s.product_id) FILTER (WHERE s.channel <> 'web')",
        "max(s.day, '2024-06-01')",
    ),
    statistics=(
        "avg(s.quantity * s.quantity) - avg(s.quantity) * avg(s.quantity)",
        "sqrt(max(0, avg(s.quantity * s.quantity) - avg(s.quantity) * avg(s.quantity)))",
        "count(DISTINCT s.customer_id)",
        "sum(s.amount * s.quantity) / sum(s.quantity)",
        "exp(avg(ln(s.quantity)))",
        "round(total(s.amount), 2)",
        "sum(abs(s.quantity - 5))",
        "min(s.amount) IS max(s.amount)",
        "group_concat(s.id, '|')",
        "max(s.id) FILTER (WHERE s.discount IS NULL)",
        "json_array(min(s.id), max(s.id), count(*))",
        "pow(count(*), 2) % 7",
    ),
    dates=(
        "strftime('%Y-W%W', s.sold_at)",
        "strftime('%d/%m/%Y', s.day)",
        "strftime('%Y', s.day) || '-Q' || ((CAST(strftime('%m', s.day) AS INTEGER) + 2) / 3)",
        "CAST(strftime('%w', s.day) AS INTEGER)",
        "date(s.day, 'start of month')",
        "date(s.day, 'start of year', '+6 months', '-1 day')",
        "date(s.day, '+1 month')",
        "date(s.day, '-' || s.quantity || ' days')",
        "date(s.day, 'weekday 0', '-6 days')",
        "datetime(s.sold_at, '-90 minutes')",
        "time(s.sold_at)",
        "CAST(julianday(s.day) - julianday(c.since) AS INTEGER)",
        "unixepoch(s.sold_at) / 86400",
        "datetime(unixepoch(s.sold_at), 'unixepoch')",
        "substr(s.day, 1, 7)",
        "date(s.sold_at)",
        "strftime('%H', s.sold_at) / 6",
        "s.day BETWEEN '2024-02-01' AND date('2024-02-01', '+90 days')",
        "strftime('%j', s.day) - 1",
        "strftime('%s', s.sold_at) % 7",
        "date(s.day) > date('2024-03-01')",
        "julianday(s.sold_at) - 2460000.5",
    ),
    texts=(
        "substr(s.note, instr(s.note, ' ') + 1)",
        "instr(s.note, 'for')",
        "s.note GLOB 'Note [0-9]* for [a-m]'",
        "s.note NOT GLOB '*x'",
        "s.note LIKE 'note\\_%' ESCAPE '\\'",
        "replace(upper(s.note), ' ', '_')",
        "trim(c.name, 'Cr')",
        "ltrim(c.name, 'Cus')",
        "rtrim(c.name, '0123456789')",
        "printf('%s: %.2f', c.name, s.amount)",
        "format('%05d|%-8s|%x', s.id, s.channel, s.quantity)",
        "hex(c.region)",
        "quote(s.note)",
        "unicode(c.region)",
        "char(65 + s.quantity, 66)",
        "typeof(s.note) || '/' || typeof(s.amount)",
        "c.region = 'NORTH' COLLATE NOCASE",
        "c.region COLLATE BINARY > 'f'",
        "coalesce(s.note, c.tier, 'none')",
        "iif(s.note IS NULL, 'no', 'yes')",
        "'it''s' || ' \"quoted\"'",
        "soundex(c.name)",
        "'a' || s.id || NULL",
        "CASE s.channel WHEN 'web' THEN 'w' WHEN 'shop' THEN 's' ELSE '?' END",
        "length(x'00ff') || length('žluť')",
        "s.note IS NOT c.name",
        "s.note ISNULL",
        "s.note NOTNULL",
        "NOT s.note LIKE '%1%'",
        "substr(s.channel, -2, 2)",
        "likely(s.quantity > 3)",
        "c.tier IN ('gold', NULL)",
    ),
    json=(
        f"SELECT v.id, v.data ->> 'page', v.data -> 'device' ->> 'os' {_VISITS} ORDER BY 1",
        f"SELECT v.data ->> '$.device.os' AS os, avg({_MS}) {_VISITS} GROUP BY 1 ORDER BY 1",
        f"SELECT j.value, count(*) FROM visit v, json_each(v.data, '$.tags') AS j WHERE {_MS} > # GROUP BY 1 ORDER BY 1",
        "SELECT v.id, j.key, j.value, j.type FROM visit v JOIN json_each(v.data -> 'tags') AS j WHERE v.id < # ORDER BY 1, 2",
        "SELECT t.fullkey, t.atom FROM visit v, json_tree(v.data) AS t WHERE v.id = # AND t.atom IS NOT NULL",
        f"SELECT json_extract(v.data, '$.tags[0]'), json_extract(v.data, '$.ms', '$.page') {_VISITS} ORDER BY v.id",
        f"SELECT json_group_array(v.data ->> 'page') FROM (SELECT * FROM visit ORDER BY id) v WHERE {_MS} > #",
        f"SELECT json_object('page', v.data ->> 'page', 'n', count(*)) {_VISITS} GROUP BY v.data ->> 'page' ORDER BY 1",
        f"SELECT v.id, json_set(v.data, '$.ms', v.id), json_remove(v.data, '$.tags') {_VISITS} ORDER BY 1",
        f"SELECT v.id, json_array_length(v.data, '$.tags'), json_type(v.data, '$.ms'), json_valid(v.data) {_VISITS} ORDER BY 1",
        f"SELECT v.id, json_patch(v.data, '{{\"ms\": null, \"x\": #}}'), json_insert(v.data, '$.y', 1) {_VISITS} ORDER BY 1",
        f"SELECT v.id, json_replace(v.data, '$.page', 'x'), json_quote(v.data ->> 'page') {_VISITS} ORDER BY 1",
        f"SELECT v.id {_VISITS} AND EXISTS (SELECT 1 FROM json_each(v.data, '$.tags') WHERE value = 'a1') ORDER BY 1",
        f"SELECT v.data ->> 'page' AS p, json_group_object(v.id, {_MS}) {_VISITS} GROUP BY p ORDER BY p",
        "SELECT value ->> 'a', value -> 'b' FROM json_each('[{\"a\": 1, \"b\": [#]}, {\"a\": 2}]')",
    ),
    pivots=(
        (
            "SELECT p.category, sum(s.amount) FILTER (WHERE s.channel = 'web') AS web, count(*) FILTER (WHERE"
            f" s.channel = 'shop') AS shops, sum(iif(s.channel = 'phone', 1, 0)) AS phones FROM {BASE}"
            " GROUP BY p.category"
        ),
        (
            "SELECT strftime('%Y', day) AS \"year\", sum(CASE WHEN strftime('%m', day) <= '03' THEN amount END)"
            ' AS "Q1", sum(CASE WHEN strftime(\'%m\', day) BETWEEN \'04\' AND \'06\' THEN amount END) AS "Q2"'
            ' FROM sale GROUP BY "year"'
        ),
    ),
    special=(
        (
            "SELECT customer_id, day, amount FROM (SELECT *, row_number() OVER (PARTITION BY customer_id ORDER"
            " BY amount DESC, id) AS r FROM sale) WHERE r <= #"
        ),
        (
            "WITH RECURSIVE d(day) AS (SELECT '2024-01-01' UNION ALL SELECT date(day, '+# days') FROM d WHERE"
            " day < '2024-02-10') SELECT d.day, coalesce(sum(s.amount), 0) FROM d LEFT JOIN sale s ON s.day ="
            " d.day GROUP BY d.day ORDER BY 1"
        ),
        "SELECT customer_id, max(amount), day FROM sale GROUP BY customer_id HAVING count(*) > # ORDER BY 1",
        "SELECT id, sum(amount) OVER (ORDER BY quantity RANGE BETWEEN # PRECEDING AND CURRENT ROW) FROM sale ORDER BY id",
        "SELECT id, count(*) OVER (ORDER BY quantity GROUPS BETWEEN # PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM sale ORDER BY id",
        "SELECT id, rank() OVER w, sum(amount) OVER (w ROWS # PRECEDING) FROM sale WINDOW w AS (PARTITION BY channel ORDER BY amount DESC, id) ORDER BY id",
        "SELECT id FROM customer WHERE (region, tier) IN (VALUES ('north', 'gold'), ('south', 'basic')) AND (id, id) > (#, 1) ORDER BY 1",
        "SELECT id FROM sale ORDER BY id LIMIT # OFFSET 3",
        "SELECT id FROM sale ORDER BY id LIMIT #, 4",
        "VALUES (1, 'x'), (#, NULL)",
        "SELECT column1 + #, column2 FROM (VALUES (1, 'a'), (2, 'b'))",
        "SELECT v.n, p.name FROM (SELECT 1 AS n UNION ALL SELECT #) v JOIN product p ON p.id = v.n ORDER BY 1",
        "WITH v(n, s) AS (VALUES (1, 'a'), (#, 'b')) SELECT * FROM v JOIN product p ON p.id = v.n",
        'SELECT round(avg(amount), 2) AS "Ø amount", count(*) AS [№], max(id) AS `a b` FROM sale WHERE id % # = 0',
        "SELECT 7 / 2, 7 % 4, 7.0 / 2, 5 | 3, 5 & 3, ~5, 1 << #, -7 / 2, 1e3, .5, 0x1F, 9 >> 1, '7' + 1, 'x' + 1",
        "SELECT 1 = #, 1 == 1, 1 <> 2, 1 != 2, 1 IS NOT 2, NULL IS NULL, NOT 1, 1 AND 0 OR 1, 1 BETWEEN 0 AND #, 'a' < 'b', 1 IS TRUE, 0 IS NOT FALSE",
        "SELECT CAST('12abc' AS INTEGER), CAST(# AS TEXT), CAST('1.5' AS REAL), CAST('7' AS NUMERIC), CAST(1.9 AS INT), CAST('x' AS BLOB), CAST(1 AS VARCHAR(9))",
        "SELECT max(1, #, 3), min(1, 2), sign(-#), abs(-#), round(1.555, 1), ceil(1.2), floor(1.8), trunc(1.9), mod(7, #), pow(2, #), sqrt(16), pi()",
        "SELECT * FROM customer c NATURAL JOIN (SELECT id FROM product WHERE id > #)",
        "SELECT a.id, b.id FROM customer a RIGHT JOIN product b ON a.id = b.id AND a.id % # = 0 ORDER BY 2",
        "SELECT c.id, s.id FROM customer AS c, sale AS s WHERE c.id = s.customer_id AND s.quantity = # ORDER BY 2 LIMIT 5",
        "SELECT channel c, count(*) n FROM sale GROUP BY c HAVING n > # ORDER BY n DESC, c",
        "SELECT (SELECT group_concat(name, '+') FROM (SELECT name FROM product WHERE id < # ORDER BY id)), (SELECT count(*) FROM sale)",
        "SELECT id, first_value(id) OVER (PARTITION BY channel ORDER BY amount, id), lead(id, #, -1) OVER (ORDER BY id) FROM sale ORDER BY id",
        (
            "WITH RECURSIVE r(id, path) AS (SELECT id, '' || id FROM customer WHERE referrer IS NULL UNION ALL"
            " SELECT c.id, r.path || '/' || c.id FROM customer c JOIN r ON c.referrer = r.id WHERE"
            " length(r.path) < 4 + #) SELECT id, path FROM r ORDER BY path"
        ),
        (
            "WITH RECURSIVE r AS (SELECT id, referrer FROM customer WHERE id = # UNION SELECT c.id, c.referrer"
            " FROM customer c, r WHERE c.id = r.referrer) SELECT * FROM r"
        ),
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i * 2 FROM n LIMIT # OFFSET 1) SELECT i FROM n",
        "WITH a AS NOT MATERIALIZED (SELECT * FROM sale), b AS (SELECT * FROM a WHERE quantity > #) SELECT count(*) FROM b",
        "SELECT main.sale.id, sale.channel FROM main.sale WHERE main.sale.quantity = # ORDER BY sale.id",
        "SELECT rowid, id FROM sale WHERE rowid <= # ORDER BY rowid",
        "SELECT ALL channel FROM sale WHERE quantity > # ORDER BY id LIMIT 3",
        "SELECT EXISTS (SELECT 1 FROM sale WHERE quantity > #), (SELECT 1 WHERE 0) IS NULL",
        "SELECT iif(# > 3, 'a', 'b'), ifnull(NULL, #), nullif(1, 1), coalesce(NULL, 2), total(amount) FROM sale",
        "SELECT id FROM sale NOT INDEXED WHERE quantity = # ORDER BY id",
        "SELECT date('2024-01-3#'), datetime('2024-01-01', '+1.5 hours'), strftime('%Y-%m-%dT%H:%M:%f', '2024-01-01 01:02:03.456')",
    ),
)  # fmt: skip


class SqliteMaker(Maker):
    """Dates are texts; no GROUPING SETS, no LATERAL, no INTERVAL, no ALL of a set operation."""

    def __init__(self, seed: int) -> None:
        super().__init__("sqlite", SQLITE, seed)

    @override
    def _all_shapes(self) -> tuple[Callable[[], str], ...]:
        return (*super()._all_shapes(), self._special)

    @override
    def number(self, depth: int = 2) -> str:
        if depth == 0 or self._chance(0.25):
            return self._pick(*NUMBERS, str(self._dice.randint(1, 40)), "2.5", "s.discount")
        inner = depth - 1
        return self._pick(
            f"({self.number(inner)} {self._pick('+', '-', '*')} {self.number(inner)})",
            f"{self.number(inner)} / nullif({self.number(inner)}, 0)",
            f"coalesce({self.number(inner)}, 0)",
            f"ifnull({self.number(inner)}, -1)",
            f"abs({self.number(inner)})",
            f"round({self.number(inner)}, {self._dice.randint(0, 2)})",
            f"CASE WHEN {self.condition(inner)} THEN {self.number(inner)} ELSE 0 END",
            f"iif({self.condition(inner)}, {self.number(inner)}, 0)",
            f"max({self.number(inner)}, {self.number(inner)})",
            f"length({self.text(inner)})",
            f"CAST(strftime('%{self._pick('Y', 'm', 'd', 'w', 'j', 'W')}', {self._pick(*DATES)})"
            " AS INTEGER)",
            f"s.quantity {self._pick('%', '&', '|', '<<', '>>')} {self._dice.randint(1, 4)}",
            f"-{self._pick(*NUMBERS)}",
            f"floor({self.number(inner)})",
            f"CAST({self.number(inner)} AS {self._pick('REAL', 'INTEGER', 'INT', 'DOUBLE PRECISION')})",
            f"({self.condition(0)})",
        )

    @override
    def text(self, depth: int = 2) -> str:
        if depth == 0 or self._chance(0.3):
            return self._pick(*TEXTS, "'x'", "'it''s'")
        inner = depth - 1
        return self._pick(
            f"upper({self.text(inner)})",
            f"lower({self.text(inner)})",
            f"{self.text(inner)} || '-' || {self.text(inner)}",
            f"coalesce({self.text(inner)}, 'none')",
            f"substr({self.text(inner)}, {self._dice.randint(1, 3)}, 4)",
            f"substring({self.text(inner)}, -{self._dice.randint(1, 3)})",
            f"replace({self.text(inner)}, 'e', '_')",
            f"trim({self.text(inner)})",
            f"CASE WHEN {self.condition(inner)} THEN {self.text(inner)} ELSE 'other' END",
            f"iif({self.condition(inner)}, {self.text(inner)}, NULL)",
            f"nullif({self.text(inner)}, 'web')",
            f"printf('%12s|%s', {self.text(inner)}, {self.number(0)})",
            f"CAST({self.number(inner)} AS TEXT)",
        )

    @override
    def condition(self, depth: int = 2) -> str:
        inner = max(0, depth - 1)
        made = self._pick(
            f"s.channel = '{self._pick('web', 'shop', 'phone')}'",
            f"c.region IN ('north', '{self._pick('south', 'east', 'west')}')",
            f"s.amount BETWEEN {self._dice.randint(1, 50)} AND {self._dice.randint(51, 200)}",
            f"s.day >= '2024-0{self._dice.randint(1, 9)}-01'",
            f"s.day < date('2024-0{self._dice.randint(1, 9)}-01', '+3 months')",
            f"{self.text(inner)} LIKE '%{self._pick('a', 'e', '1', 'r 2')}%'",
            f"c.tier IS {self._pick('', 'NOT ')}NULL",
            f"c.tier IS NOT '{self._pick('gold', 'basic')}'",
            f"c.tier IS DISTINCT FROM '{self._pick('gold', 'basic')}'",
            f"{self.number(inner)} {self._pick('<', '<=', '>', '>=', '<>', '!=', '=', '==')} 20",
            "NOT c.closed",
            f"s.quantity IN ({self._dice.randint(1, 4)}, {self._dice.randint(5, 9)})",
            f"s.note {self._pick('GLOB', 'NOT GLOB')} '{self._pick('N*', '*[0-9][0-9]*')}'",
            "EXISTS (SELECT 1 FROM visit v WHERE v.customer_id = c.id)",
            "s.product_id NOT IN (SELECT id FROM product WHERE price > 80)",
            "s.amount > (SELECT avg(amount) FROM sale)",
        )
        if depth > 0 and self._chance(0.4):
            return f"({made} {self._pick('AND', 'OR')} {self.condition(depth - 1)})"
        return made

    @override
    def aggregate(self) -> str:
        n = self.number(1)
        made = self._pick(
            f"sum({n})", f"avg({n})", f"min({n})", f"max({n})", "count(*)", f"count({n})",
            "count(DISTINCT s.customer_id)", "sum(DISTINCT s.quantity)", f"max({self.text(1)})",
            f"min({self._pick(*DATES)})", "group_concat(c.region, ';')", "max(c.closed)",
            "count(*) * 100.0 / nullif(sum(s.quantity), 0)", *self._words.aggregates,
        )  # fmt: skip
        if self._chance(0.25) and made.endswith(")") and made.count("(") == 1 and "," not in made:
            return f"{made} FILTER (WHERE {self.condition(1)})"
        return made

    @override
    def _grouping_sets(self) -> str:
        one, two = self._dice.sample(DIMENSIONS, 2)
        value, where = self.aggregate(), self._where()
        return (
            f"SELECT {one} AS a, {two} AS b, {value} AS v FROM {BASE}{where} GROUP BY 1, 2 UNION ALL"
            f" SELECT {one}, NULL, {value} FROM {BASE}{where} GROUP BY 1 UNION ALL SELECT NULL, NULL,"
            f" {value} FROM {BASE}{where} ORDER BY 1 NULLS LAST, 2 DESC NULLS FIRST"
        )

    @override
    def _sets(self) -> str:
        tables = ("customer", "product", "sale", "visit")
        first, second, third = (self._dice.choice(tables) for _ in range(3))
        how = ("UNION", "UNION ALL", "INTERSECT", "EXCEPT")
        return (
            f"SELECT count(*), sum(id), max(id) FROM (SELECT id FROM {first} WHERE id >"
            f" {self._dice.randint(1, 20)} {self._pick(*how)} SELECT id FROM {second}"
            f" {self._pick(*how)} SELECT id FROM {third} WHERE id < {self._dice.randint(9, 90)}) AS x"
        )

    @override
    def _lateral(self) -> str:
        top = self._dice.randint(1, 3)
        return (
            "SELECT c.id, x.amount, x.day FROM customer c LEFT JOIN (SELECT customer_id, amount, day,"
            " row_number() OVER (PARTITION BY customer_id ORDER BY amount DESC, id) AS place FROM sale"
            f" WHERE quantity > {self._dice.randint(1, 5)}) AS x ON x.customer_id = c.id AND"
            f" x.place <= {top} ORDER BY c.id, x.amount, x.day"
        )

    @override
    def _subqueries(self) -> str:
        return (
            super()
            ._subqueries()
            .replace(
                "<> ALL (SELECT referrer FROM customer WHERE referrer IS NOT NULL)",
                "NOT IN (SELECT referrer FROM customer WHERE referrer IS NOT NULL)",
            )
        )
