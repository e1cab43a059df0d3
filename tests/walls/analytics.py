"""The grammar of the seeded generator of analytical queries about the shop.

It makes SELECTs whose rows do not depend on an order that is not stated, so that two ways of
writing one can be compared by their rows. What a dialect has not, or says in another way, its own
maker overrides; `makers.py` lists them.
"""

import random
import re
from collections.abc import Callable
from typing import Final

from tests.walls.words import Words

BASE: Final = "sale s JOIN customer c ON c.id = s.customer_id JOIN product p ON p.id = s.product_id"
TEXTS: Final = ("c.region", "c.tier", "s.channel", "p.category", "c.name", "s.note")
DIMENSIONS: Final = ("c.region", "c.tier", "s.channel", "p.category", "s.quantity", "c.closed")
NUMBERS: Final = ("s.amount", "s.quantity", "p.price", "s.id", "c.id")
DATES: Final = ("s.day", "c.since", "s.sold_at")


class Maker:
    """Makes queries of one dialect; as it is, of PostgreSQL and DuckDB."""

    def __init__(self, name: str, words: Words, seed: int) -> None:
        self._dice = random.Random(f"{name} {seed}")
        self._words = words
        self._shapes = self._all_shapes()

    def _all_shapes(self) -> tuple[Callable[[], str], ...]:
        return (
            self._grouped, self._windowed, self._with, self._recursive, self._sets,
            self._grouping_sets, self._pivoted, self._lateral, self._json, self._dates,
            self._texts, self._statistics, self._subqueries, self._filtered, self._cohorts,
            self._special,
        )  # fmt: skip

    def make(self, index: int) -> str:
        """A query; consecutive numbers go through all shapes."""
        return self._shapes[index % len(self._shapes)]()

    def _pick(self, *choices: str) -> str:
        return self._dice.choice(choices)

    def _some(self, choices: tuple[str, ...], least: int, most: int) -> list[str]:
        return self._dice.sample(choices, self._dice.randint(least, most))

    def _chance(self, share: float) -> bool:
        return self._dice.random() < share

    def number(self, depth: int = 2) -> str:
        """A numeric expression."""
        if depth == 0 or self._chance(0.25):
            return self._pick(*NUMBERS, str(self._dice.randint(1, 40)), "2.5", "s.discount")
        inner = depth - 1
        return self._pick(
            f"({self.number(inner)} {self._pick('+', '-', '*')} {self.number(inner)})",
            f"{self.number(inner)} / nullif({self.number(inner)}, 0)",
            f"coalesce({self.number(inner)}, 0)",
            f"abs({self.number(inner)})",
            f"round({self._words.exact(self.number(inner))}, {self._dice.randint(0, 2)})",
            f"CASE WHEN {self.condition(inner)} THEN {self.number(inner)} ELSE 0 END",
            f"greatest({self.number(inner)}, {self.number(inner)})",
            f"length({self.text(inner)})",
            f"extract({self._pick('year', 'month', 'day', 'dow', 'quarter', 'doy', 'week')}"
            f" FROM {self._pick(*DATES)})",
            f"s.quantity % {self._dice.randint(2, 5)}",
            f"-{self._pick(*NUMBERS)}",
            f"floor({self.number(inner)})",
            self._words.cast(self.number(inner), "double precision"),
        )

    def text(self, depth: int = 2) -> str:
        """A text expression."""
        if depth == 0 or self._chance(0.3):
            return self._pick(*TEXTS, "'x'", "'it''s'")
        inner = depth - 1
        return self._pick(
            f"upper({self.text(inner)})",
            f"lower({self.text(inner)})",
            f"{self.text(inner)} || '-' || {self.text(inner)}",
            f"coalesce({self.text(inner)}, 'none')",
            f"substring({self.text(inner)} FROM {self._dice.randint(1, 3)} FOR 4)",
            f"replace({self.text(inner)}, 'e', '_')",
            f"trim({self.text(inner)})",
            f"left({self.text(inner)}, 3)",
            f"CASE WHEN {self.condition(inner)} THEN {self.text(inner)} ELSE 'other' END",
            f"nullif({self.text(inner)}, 'web')",
            f"lpad({self.text(inner)}, 12, '*')",
            f"concat({self.text(inner)}, '/', {self.text(inner)})",
            f"reverse({self.text(inner)})",
            f"split_part({self.text(inner)}, ' ', 1)",
        )

    def condition(self, depth: int = 2) -> str:
        """A condition."""
        inner = max(0, depth - 1)
        made = self._pick(
            f"s.channel = '{self._pick('web', 'shop', 'phone')}'",
            f"c.region IN ('north', '{self._pick('south', 'east', 'west')}')",
            f"s.amount BETWEEN {self._dice.randint(1, 50)} AND {self._dice.randint(51, 200)}",
            f"s.day >= date '2024-0{self._dice.randint(1, 9)}-01'",
            f"{self.text(inner)} LIKE '%{self._pick('a', 'e', '1', 'r 2')}%'",
            f"c.tier IS {self._pick('', 'NOT ')}NULL",
            f"c.tier IS DISTINCT FROM '{self._pick('gold', 'basic')}'",
            f"{self.number(inner)} {self._pick('<', '<=', '>', '>=', '<>', '=')} 20",
            "NOT c.closed",
            f"s.quantity IN ({self._dice.randint(1, 4)}, {self._dice.randint(5, 9)})",
            self._words.matches("s.note", self._pick("^N", "[0-9]{2}", "for [a-m]$")),
            "EXISTS (SELECT 1 FROM visit v WHERE v.customer_id = c.id)",
            "s.product_id NOT IN (SELECT id FROM product WHERE price > 80)",
            "s.amount > (SELECT avg(amount) FROM sale)",
        )
        if depth > 0 and self._chance(0.4):
            return f"({made} {self._pick('AND', 'OR')} {self.condition(depth - 1)})"
        return made

    def aggregate(self) -> str:
        """An aggregate."""
        n = self.number(1)
        made = self._pick(
            f"sum({n})", f"avg({n})", f"min({n})", f"max({n})", "count(*)", f"count({n})",
            "count(DISTINCT s.customer_id)", f"stddev_samp({self._words.exact('s.amount')})",
            "sum(DISTINCT s.quantity)", f"max({self.text(1)})", f"min({self._pick(*DATES)})",
            "string_agg(c.region, ',' ORDER BY c.region, s.id)",
            "bool_or(c.closed)", "count(*) * 100.0 / nullif(sum(s.quantity), 0)",
            *self._words.aggregates,
        )  # fmt: skip
        if self._chance(0.25) and not re.search(r"WITHIN| / |\]$", made):
            return f"{made} FILTER (WHERE {self.condition(1)})"
        return made

    def _where(self) -> str:
        return f" WHERE {self.condition()}" if self._chance(0.7) else ""

    def _over(self, *, framed: bool = True) -> str:
        parts: list[str] = []
        if self._chance(0.6):
            parts.append(f"PARTITION BY {', '.join(self._some(DIMENSIONS, 1, 2))}")
        parts.append(f"ORDER BY {self._pick('s.amount DESC', 's.day', 's.quantity')}, s.id")
        if framed and self._chance(0.4):
            parts.append(
                self._pick(
                    "ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
                    "ROWS UNBOUNDED PRECEDING",
                    "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
                    "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
                    "ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING",
                    "ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW",
                )
            )
        return f"OVER ({' '.join(parts)})"

    def window(self) -> str:
        """A window function."""
        over = self._over(framed=False)
        return self._pick(
            f"row_number() {over}", f"rank() {over}", f"dense_rank() {over}", f"ntile(4) {over}",
            f"percent_rank() {over}", f"cume_dist() {over}",
            f"lag(s.amount, {self._dice.randint(1, 3)}, 0.0) {over}", f"lead(s.day) {over}",
            f"first_value(s.amount) {self._over()}", f"last_value(s.id) {self._over()}",
            f"nth_value(s.amount, 2) {self._over()}", f"sum(s.amount) {self._over()}",
            f"avg(s.quantity) {self._over()}", f"count(*) {self._over()}",
            f"s.amount - lag(s.amount) {over}", f"max(s.amount) {self._over()} - s.amount",
            f"sum(s.amount) FILTER (WHERE {self.condition(0)}) {self._over()}",
        )  # fmt: skip

    def _grouped(self) -> str:
        keys = self._some(DIMENSIONS, 1, 3)
        values = [self.aggregate() for _ in range(self._dice.randint(1, 4))]
        selected = ", ".join([*keys, *(f"{v} AS v{i}" for i, v in enumerate(values))])
        having = f" HAVING count(*) > {self._dice.randint(1, 5)}" if self._chance(0.4) else ""
        order = f" ORDER BY {', '.join(str(i + 1) for i in range(len(keys)))}"
        limit = f" LIMIT {self._dice.randint(3, 20)}" if self._chance(0.5) else ""
        by = self._words.group_by(keys, self._chance(0.3))
        return f"SELECT {selected} FROM {BASE}{self._where()} GROUP BY {by}{having}{order}{limit}"

    def _windowed(self) -> str:
        values = ", ".join(f"{self.window()} AS w{i}" for i in range(self._dice.randint(1, 3)))
        inner = f"SELECT s.id, c.region, s.amount, {values} FROM {BASE}{self._where()}"
        if self._chance(0.5):
            return f"SELECT * FROM ({inner}) AS x WHERE x.id % 3 = 0 ORDER BY x.id"
        return f"{inner} ORDER BY s.id"

    def _with(self) -> str:
        kind = self._words.materialized if self._chance(0.3) else "AS"
        return (
            f"WITH monthly {kind} (SELECT {self._words.month('s.day')} AS m, {self._pick('c.region', 's.channel')}"
            f" AS k, {self._pick('sum(s.amount)', 'count(*)', 'avg(s.amount)')} AS v FROM {BASE}"
            f"{self._where()} GROUP BY 1, 2), growth (m, k, v, g) AS (SELECT m, k, v, v - lag(v)"
            f" OVER (PARTITION BY k ORDER BY m) FROM monthly) SELECT m, k, round({self._words.exact('v')}, 2)"
            f" AS v, CASE WHEN g > 0 THEN 'up' WHEN g < 0 THEN 'down' END AS way FROM growth"
            f" WHERE v > {self._dice.randint(0, 50)} ORDER BY m, k"
        )

    def _recursive(self) -> str:
        deep = self._dice.randint(2, 6)
        return self._pick(
            f"WITH RECURSIVE r AS (SELECT id, referrer, 0 AS depth FROM customer WHERE id ="
            f" {self._dice.randint(1, 60)} UNION ALL SELECT c.id, c.referrer, r.depth + 1 FROM"
            f" customer c JOIN r ON c.id = r.referrer WHERE r.depth < {deep}) SELECT depth,"
            " count(*), min(id) FROM r GROUP BY depth ORDER BY depth",
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {deep * 10})"
            " SELECT i, count(s.id), sum(s.amount) FROM n LEFT JOIN sale s ON s.quantity = n.i"
            " GROUP BY i ORDER BY i",
            "WITH RECURSIVE f(a, b, n) AS (VALUES (0, 1, 1) UNION ALL SELECT b, a + b, n + 1 FROM f"
            f" WHERE n < {deep * 4}) SELECT n, a FROM f ORDER BY n",
        )

    def _sets(self) -> str:
        tables = ("customer", "product", "sale", "visit")
        first, second, third = (self._dice.choice(tables) for _ in range(3))
        one = self._pick("UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL")
        two = self._pick("UNION", "UNION ALL", "EXCEPT")
        where = f" WHERE id > {self._dice.randint(1, 20)}"
        made = f"SELECT id FROM {first}{where} {one} SELECT id FROM {second}"
        if self._chance(0.5):
            made = f"({made}) {two} (SELECT id FROM {third}{where})"
        return f"SELECT count(*), sum(id), max(id) FROM ({made}) AS x"

    def _grouping_sets(self) -> str:
        one, two, three = self._dice.sample(DIMENSIONS, 3)
        by = self._pick(
            f"GROUPING SETS (({one}, {two}), ({three}), ())",
            f"ROLLUP ({one}, {two}, {three})",
            f"CUBE ({one}, {two}, {three})",
            f"{one}, ROLLUP ({two}, {three})",
            f"GROUPING SETS (({one}), ROLLUP ({two}, {three}))",
            f"{one}, {two}, {three}",
        )
        return (
            f"SELECT {one}, {two}, {three}, grouping({one}, {two}) AS g, {self.aggregate()} AS v"
            f" FROM {BASE}{self._where()} GROUP BY {by} ORDER BY 4, 1 NULLS FIRST,"
            f" 2 NULLS LAST, 3 DESC NULLS LAST"
        )

    def _pivoted(self) -> str:
        if self._words.pivots and self._chance(0.6):
            return self._pick(*self._words.pivots)
        columns = ", ".join(
            f"sum(CASE WHEN s.channel = '{channel}' THEN s.amount ELSE 0 END) AS {channel}"
            for channel in ("web", "shop", "phone")
        )
        key = self._dice.choice(DIMENSIONS)
        return f"SELECT {key} AS k, {columns} FROM {BASE}{self._where()} GROUP BY 1 ORDER BY 1"

    def _lateral(self) -> str:
        top = self._dice.randint(1, 3)
        join = self._pick("CROSS JOIN LATERAL", "LEFT JOIN LATERAL", ", LATERAL")
        on = " ON true" if join.startswith("LEFT") else ""
        between = join if join.startswith(",") else f" {join}"
        return (
            f"SELECT c.id, x.amount, x.day FROM customer c{between} (SELECT s.amount, s.day FROM"
            f" sale s WHERE s.customer_id = c.id AND s.quantity > {self._dice.randint(1, 5)}"
            f" ORDER BY s.amount DESC, s.id LIMIT {top}) AS x{on} ORDER BY c.id, x.amount, x.day"
        )

    def _json(self) -> str:
        return re.sub(
            "#(?![>-])", str(self._dice.randint(500, 4000)), self._pick(*self._words.json)
        )

    def _dates(self) -> str:
        what = self._pick(*self._words.dates)
        return (
            f"SELECT {what} AS d, {self.aggregate()} AS v FROM {BASE}{self._where()}"
            f" GROUP BY 1 ORDER BY 1 {self._pick('', 'DESC ')}NULLS LAST"
            f" LIMIT {self._dice.randint(5, 50)}"
        )

    def _texts(self) -> str:
        what = self._pick(*self._words.texts, self.text())
        return f"SELECT s.id, {what} AS t, {self.text()} AS u FROM {BASE}{self._where()} ORDER BY 1"

    def _statistics(self) -> str:
        one = self._pick(*self._words.statistics)
        two = self._pick(*self._words.statistics)
        key = self._pick("c.region", "s.channel", "p.category")
        return (
            f"SELECT {key}, {one} AS a, {two} AS b FROM {BASE}{self._where()} GROUP BY 1 ORDER BY 1"
        )

    def _subqueries(self) -> str:
        n = self._dice.randint(1, 5)
        return self._pick(
            "SELECT c.id, (SELECT sum(s.amount) FROM sale s WHERE s.customer_id = c.id) AS total,"
            " (SELECT max(v.at) FROM visit v WHERE v.customer_id = c.id) AS seen FROM customer c"
            f" WHERE c.id > {n} ORDER BY total DESC NULLS LAST, c.id",
            f"SELECT s.id FROM sale s WHERE s.amount = (SELECT max(x.amount) FROM sale x WHERE"
            f" x.customer_id = s.customer_id) AND s.quantity > {n} ORDER BY 1",
            "SELECT p.category, avg(x.total) FROM (SELECT product_id, sum(amount) AS total FROM sale"
            f" GROUP BY product_id HAVING count(*) > {n}) x JOIN product p ON p.id = x.product_id"
            " GROUP BY 1 ORDER BY 1",
            "SELECT c.name FROM customer c WHERE NOT EXISTS (SELECT 1 FROM sale s WHERE"
            f" s.customer_id = c.id AND s.quantity = {n}) AND c.id <> ALL (SELECT referrer FROM"
            " customer WHERE referrer IS NOT NULL) ORDER BY 1",
            f"SELECT c.region, count(*) FROM customer c LEFT JOIN (SELECT DISTINCT customer_id FROM"
            f" sale WHERE quantity > {n}) b ON b.customer_id = c.id WHERE b.customer_id IS NULL GROUP"
            " BY c.region ORDER BY 1",
            "SELECT a.id, b.id FROM customer a FULL OUTER JOIN product b ON a.id = b.id"
            f" WHERE coalesce(a.id, b.id) % {n + 1} = 0 ORDER BY 1, 2",
        )  # fmt: skip

    def _filtered(self) -> str:
        picked = ", ".join(
            f"{make()} AS e{i}"
            for i, make in enumerate(self._dice.choices((self.number, self.text), k=3))
        )
        distinct = "DISTINCT " if self._chance(0.2) else ""
        order = "ORDER BY 1, 2, 3" if distinct else "ORDER BY s.id"
        rest = f"LIMIT {self._dice.randint(1, 50)} OFFSET {self._dice.randint(0, 9)}"
        return f"SELECT {distinct}{picked} FROM {BASE} WHERE {self.condition()} {order} {rest}"

    def _cohorts(self) -> str:
        month = self._words.month
        return (
            f"WITH first_buy AS (SELECT customer_id, min(day) AS d FROM sale GROUP BY customer_id),"
            f" kept AS (SELECT {month('f.d')} AS cohort, {month('s.day')} AS m, count(DISTINCT"
            f" s.customer_id) AS n FROM sale s JOIN first_buy f USING (customer_id) WHERE"
            f" s.quantity >= {self._dice.randint(1, 4)} GROUP BY 1, 2) SELECT cohort, m, n, 100.0 * n"
            " / first_value(n) OVER (PARTITION BY cohort ORDER BY m) AS share FROM kept ORDER BY 1, 2"
        )

    def _special(self) -> str:
        return self._pick(*self._words.special).replace("#", str(self._dice.randint(2, 6)))
