"""What MySQL and MariaDB say otherwise than the generator's grammar, and their own words."""

from collections.abc import Callable
from typing import Final

from typing_extensions import override

from tests.walls.analytics import BASE, DATES, DIMENSIONS, NUMBERS, TEXTS, Maker
from tests.walls.words import Words

_MS: Final = "CAST(JSON_VALUE(v.data, '$.ms') AS SIGNED)"
_VISITS: Final = f"FROM visit v WHERE {_MS} > #"

MYSQL: Final = Words(
    exact=lambda n: f"CAST({n} AS DECIMAL(30, 6))",
    month=lambda d: f"DATE_FORMAT({d}, '%Y-%m-01')",
    matches=lambda text, pattern: f"{text} REGEXP '{pattern}'",
    group_by=lambda keys, short: (
        ", ".join(str(i + 1) for i in range(len(keys))) if short else ", ".join(keys)
    ),
    materialized="AS",
    aggregates=(
        "GROUP_CONCAT(s.id ORDER BY s.id DESC SEPARATOR '|')",
        "GROUP_CONCAT(DISTINCT s.channel ORDER BY s.channel)",
        "GROUP_CONCAT(s.channel, ':', s.id ORDER BY s.id SEPARATOR ' ')",
        "JSON_ARRAYAGG(s.id ORDER BY s.id)",
        "COUNT(DISTINCT s.customer_id, s.product_id)",
        "SUM(s.quantity > 3)",
        "SUM(IF(c.closed, s.amount, 0))",
        "BIT_OR(s.quantity)",
        "BIT_XOR(s.id)",
        "AVG(s.amount) / COUNT(*)",
        "SUM(s.amount) DIV 7",
        "STD(s.quantity)",
        "MAX(s.sold_at) - INTERVAL 1 HOUR",
    ),
    statistics=(
        "VAR_POP(s.quantity)",
        "VAR_SAMP(s.quantity)",
        "STDDEV_POP(s.quantity)",
        "VARIANCE(s.id)",
        "BIT_AND(s.quantity)",
        "COUNT(DISTINCT s.customer_id)",
        "SUM(s.amount * s.quantity) / SUM(s.quantity)",
        "ROUND(STDDEV_SAMP(s.quantity) / AVG(s.quantity), 4)",
        "(AVG(s.quantity * s.id) - AVG(s.quantity) * AVG(s.id)) / NULLIF(STD(s.quantity), 0)",
        "SUBSTRING_INDEX(GROUP_CONCAT(s.amount ORDER BY s.amount, s.id), ',', 1)",
        "EXP(AVG(LN(s.quantity)))",
        "MIN(s.amount) <=> MAX(s.amount)",
    ),
    dates=(
        "DATE_FORMAT(s.sold_at, '%x-W%v')",
        "DATE_FORMAT(s.day, '%W %M %e, %Y')",
        "YEAR(s.day) * 100 + MONTH(s.day)",
        "QUARTER(s.day)",
        "WEEKDAY(s.day)",
        "DAYNAME(s.day)",
        "LAST_DAY(s.day)",
        "DATE_ADD(s.day, INTERVAL 1 MONTH)",
        "DATE_SUB(s.day, INTERVAL s.quantity DAY)",
        "s.sold_at - INTERVAL 90 MINUTE",
        "INTERVAL 1 DAY + s.day",
        "s.day + INTERVAL '1-2' YEAR_MONTH",
        "s.sold_at + INTERVAL '1 02:03' DAY_MINUTE",
        "DATEDIFF(s.day, c.since)",
        "TIMESTAMPDIFF(MONTH, c.since, s.day)",
        "TIMESTAMPADD(WEEK, 2, s.day)",
        "TIMEDIFF(s.sold_at, TIMESTAMP(s.day))",
        "HOUR(s.sold_at)",
        "EXTRACT(YEAR_MONTH FROM s.day)",
        "EXTRACT(DAY_HOUR FROM s.sold_at)",
        "MAKEDATE(YEAR(s.day), 1)",
        "STR_TO_DATE(DATE_FORMAT(s.day, '%d/%m/%Y'), '%d/%m/%Y')",
        "FROM_UNIXTIME(UNIX_TIMESTAMP(s.sold_at) DIV 86400 * 86400)",
        "CAST(s.sold_at AS DATE)",
        "CONVERT(s.day, CHAR)",
        "YEARWEEK(s.day, 3)",
        "DATE(s.sold_at) BETWEEN '2024-02-01' AND '2024-02-01' + INTERVAL 90 DAY",
        "CONVERT_TZ(s.sold_at, '+00:00', '+02:00')",
        "SEC_TO_TIME(TIME_TO_SEC(TIME(s.sold_at)) DIV 3600 * 3600)",
        "ADDDATE(s.day, 3)",
        "PERIOD_DIFF(EXTRACT(YEAR_MONTH FROM s.day), 202401)",
    ),
    texts=(
        "REGEXP_REPLACE(s.note, '([0-9]+) for ([a-z])', '\\\\2-\\\\1')",
        "REGEXP_SUBSTR(s.note, '[0-9]+')",
        "REGEXP_INSTR(s.note, 'for')",
        "s.note REGEXP '^note 1' AND s.note NOT REGEXP 'x$'",
        "s.note RLIKE '[0-9]{2}'",
        "SUBSTRING_INDEX(s.note, ' ', -1)",
        "SUBSTRING_INDEX(SUBSTRING_INDEX(s.note, ' ', 2), ' ', -1)",
        "POSITION('for' IN s.note)",
        "LOCATE('o', s.note, 3)",
        "INSTR(s.channel, 'h')",
        "INSERT(s.channel, 2, 1, 'XX')",
        "MID(s.channel, 2, 2)",
        "FIELD(s.channel, 'shop', 'web')",
        "FIND_IN_SET(s.channel, 'web,phone')",
        "ELT(1 + s.quantity % 3, 'a', 'b', 'c')",
        "CONCAT_WS(', ', c.tier, c.region, NULL)",
        "FORMAT(s.amount * 1000, 2)",
        "LPAD(RIGHT(c.name, 2), 4, '0')",
        "TRIM(LEADING 'C' FROM c.name)",
        "TRIM(TRAILING FROM c.name)",
        "HEX(c.region)",
        "MD5(c.name)",
        "TO_BASE64(c.region)",
        "CRC32(c.name)",
        "c.name COLLATE utf8mb4_bin < 'D'",
        "BINARY c.region = 'NORTH'",
        "c.region = 'NORTH'",
        "CONVERT(c.name USING latin1)",
        "CAST(s.amount AS CHAR(3))",
        "REPEAT(LEFT(c.region, 1), s.quantity)",
        "SPACE(s.quantity)",
        "c.name SOUNDS LIKE 'custumer'",
        "STRCMP(c.region, s.channel)",
        "'it''s' 'two' \" \"\"parts\"\"\"",
        "'a\\'b\\\\c\\n'",
        "s.note LIKE 'Note!_%' ESCAPE '!'",
        "s.note LIKE 'Note\\_%'",
        "UCASE(c.region)",
        "CHAR(65 + s.quantity USING utf8mb4)",
        "CONV(s.id, 10, 16)",
    ),
    json=(
        f"SELECT v.id, JSON_UNQUOTE(JSON_EXTRACT(v.data, '$.page')), JSON_VALUE(v.data, '$.device.os') {_VISITS} ORDER BY 1",
        f"SELECT JSON_VALUE(v.data, '$.device.os') AS os, AVG({_MS}) {_VISITS} GROUP BY 1 ORDER BY 1",
        (
            "SELECT j.tag, COUNT(*) FROM visit v, JSON_TABLE(v.data, '$.tags[*]' COLUMNS (tag"
            f" VARCHAR(10) PATH '$')) AS j WHERE {_MS} > # GROUP BY j.tag ORDER BY j.tag"
        ),
        (
            "SELECT v.id, j.n, j.tag FROM visit v CROSS JOIN JSON_TABLE(v.data, '$.tags[*]' COLUMNS (n"
            " FOR ORDINALITY, tag VARCHAR(10) PATH '$' NULL ON EMPTY)) AS j WHERE v.id < # ORDER BY 1, 2"
        ),
        (
            "SELECT v.id, j.page, j.ms FROM visit v, JSON_TABLE(v.data, '$' COLUMNS (page VARCHAR(20)"
            " PATH '$.page', ms INT PATH '$.ms' DEFAULT '0' ON EMPTY, os VARCHAR(9) PATH"
            " '$.device.os')) AS j WHERE j.ms > # ORDER BY 1"
        ),
        f"SELECT JSON_ARRAYAGG(JSON_VALUE(v.data, '$.page') ORDER BY v.id) {_VISITS}",
        f"SELECT v.id {_VISITS} AND JSON_CONTAINS(v.data, '\"a1\"', '$.tags') ORDER BY 1",
        f"SELECT v.id, JSON_LENGTH(v.data, '$.tags'), JSON_KEYS(v.data), JSON_TYPE(v.data) {_VISITS} ORDER BY 1",
        (
            "SELECT JSON_OBJECT('page', JSON_VALUE(v.data, '$.page'), 'n', COUNT(*))"
            f" {_VISITS} GROUP BY JSON_VALUE(v.data, '$.page') ORDER BY 1"
        ),
        f"SELECT v.id, JSON_SET(v.data, '$.ms', v.id), JSON_REMOVE(v.data, '$.tags') {_VISITS} ORDER BY 1",
        f"SELECT v.id, JSON_EXTRACT(v.data, '$.tags[0]', '$.tags[1]') {_VISITS} ORDER BY 1",
        f"SELECT v.id, JSON_SEARCH(v.data, 'one', 'b%'), JSON_EXISTS(v.data, '$.device.os') {_VISITS} ORDER BY 1",
        f"SELECT JSON_VALUE(v.data, '$.page') AS p, JSON_OBJECTAGG(v.id, {_MS}) {_VISITS} GROUP BY p ORDER BY p",
        f"SELECT v.id, JSON_QUERY(v.data, '$.device'), JSON_VALID(v.data), JSON_DEPTH(v.data) {_VISITS} ORDER BY 1",
        f"SELECT v.id, JSON_MERGE_PATCH(v.data, '{{\"ms\": null, \"x\": #}}') {_VISITS} ORDER BY 1",
        f"SELECT v.id, JSON_CONTAINS_PATH(v.data, 'all', '$.ms', '$.page'), JSON_ARRAY(v.id, NULL, 'x') {_VISITS} ORDER BY 1",
    ),
    pivots=(
        (
            "SELECT p.category, SUM(IF(s.channel = 'web', s.amount, 0)) AS web, SUM(IF(s.channel ="
            f" 'shop', 1, 0)) AS shops, COUNT(CASE s.channel WHEN 'phone' THEN 1 END) AS phones FROM {BASE}"
            " GROUP BY p.category"
        ),
        (
            "SELECT YEAR(s.day) AS `year`, SUM(CASE QUARTER(s.day) WHEN 1 THEN s.amount END) AS `Q1`,"
            " SUM(CASE QUARTER(s.day) WHEN 2 THEN s.amount END) AS `Q2` FROM sale s GROUP BY `year`"
        ),
        (
            "SELECT c.region, MAX(CASE WHEN s.channel = 'web' THEN s.amount END) AS `web max`, GROUP_CONCAT("
            f"CASE WHEN s.quantity > 8 THEN s.id END ORDER BY s.id) AS `big ones` FROM {BASE} GROUP BY c.region"
        ),
    ),
    special=(
        (
            "SELECT customer_id, day, amount FROM (SELECT customer_id, day, amount, ROW_NUMBER() OVER"
            " (PARTITION BY customer_id ORDER BY amount DESC, id) AS r FROM sale) x WHERE r <= #"
        ),
        (
            "WITH RECURSIVE d (day) AS (SELECT DATE '2024-01-01' UNION ALL SELECT day + INTERVAL # DAY FROM"
            " d WHERE day < '2024-02-10') SELECT d.day, COALESCE(SUM(s.amount), 0) FROM d LEFT JOIN sale s"
            " ON s.day = d.day GROUP BY d.day ORDER BY 1"
        ),
        "SELECT seq, seq * # FROM seq_1_to_20 WHERE seq % # = 0",
        "SELECT id, rank() OVER w, SUM(amount) OVER w FROM sale WINDOW w AS (PARTITION BY channel ORDER BY amount DESC, id) ORDER BY id",
        "SELECT DISTINCT MEDIAN(amount) OVER (PARTITION BY channel) AS m FROM sale WHERE quantity > #",
        (
            "SELECT DISTINCT channel, PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY amount) OVER (PARTITION BY"
            " channel), PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY quantity) OVER (PARTITION BY channel) FROM"
            " sale WHERE quantity > #"
        ),
        "SELECT id FROM customer WHERE (region, tier) IN (('north', 'gold'), ('south', 'basic')) AND id > # ORDER BY 1",
        "SELECT id, quantity FROM sale ORDER BY quantity DESC, id LIMIT #, 5",
        "SELECT id FROM sale ORDER BY id LIMIT # OFFSET #",
        "SELECT quantity FROM sale ORDER BY quantity DESC FETCH FIRST # ROWS WITH TIES",
        "SELECT id FROM sale ORDER BY id OFFSET # ROWS FETCH NEXT 3 ROWS ONLY",
        "VALUES (1, 'x'), (#, NULL)",
        "SELECT * FROM (VALUES (1, 'a'), (#, 'b')) v JOIN product p ON p.id = v.`1` ORDER BY p.id",
        "SELECT ROUND(AVG(amount), 2) AS `Ø amount`, COUNT(*) AS `№` FROM sale WHERE id % # = 0",
        "SELECT 7 / 2, 7 DIV 2, 7 MOD 4, 7 % 4, 2 ^ 3, 5 | 3, 5 & 3, ~5, 1 << #, -7 DIV 2, 1e3, .5, 0x1F + 0, b'101' + 0, x'41'",
        "SELECT NOT 1, !0, 1 XOR #, 1 && 0, 1 || 0, NULL IS NULL, 1 IS TRUE, 0 IS NOT FALSE, 1 <=> NULL, 1 <> #, 1 != 2",
        "SELECT c.id, c.name FROM customer c STRAIGHT_JOIN sale s ON s.customer_id = c.id WHERE s.quantity = # GROUP BY c.id, c.name",
        "SELECT id FROM sale NATURAL JOIN (SELECT id FROM product WHERE id > #) x",
        "SELECT c.id, p.id FROM customer c RIGHT JOIN product p ON p.id = c.id AND c.id % # = 0 ORDER BY 2",
        "SELECT SQL_NO_CACHE COUNT(*) FROM sale WHERE quantity > #",
        "SELECT DISTINCTROW channel FROM sale WHERE quantity > #",
        "SELECT ALL channel FROM sale WHERE quantity > # ORDER BY id LIMIT 3",
        "SELECT GREATEST(1, #, 3), LEAST(1, 2), INTERVAL(#, 1, 3, 5), SIGN(-#), TRUNCATE(1.999, 1), CEIL(1.2), POW(2, #), MOD(7, #)",
        "SELECT CAST('12.5' AS DECIMAL(10, 2)), CAST(# AS CHAR), CAST(-1 AS UNSIGNED), CAST('7' AS SIGNED INTEGER), CAST('2024-01-02' AS DATETIME), CAST('x' AS BINARY)",
        "SELECT IFNULL(NULL, #), NULLIF(1, 1), COALESCE(NULL, 2), IF(# > 3, 'a', 'b'), ISNULL(NULL), NVL(NULL, 3), NVL2(1, 2, 3)",
        "SELECT channel, COUNT(*) AS n FROM sale GROUP BY channel HAVING n > # AND MAX(amount) > 10 ORDER BY n DESC, channel",
        "SELECT s.channel, x.n FROM sale s JOIN (SELECT channel, COUNT(*) AS n FROM sale GROUP BY channel) AS x USING (channel) WHERE s.id < # * 3",
        "SELECT (SELECT GROUP_CONCAT(name ORDER BY id) FROM product WHERE id < #) AS names, (SELECT COUNT(*) FROM sale) AS n",
        "(SELECT id FROM sale ORDER BY amount DESC, id LIMIT #) UNION ALL (SELECT id FROM product ORDER BY id LIMIT 2) ORDER BY 1",
        "SELECT id, FIRST_VALUE(id) OVER (PARTITION BY channel ORDER BY amount, id), LEAD(id, #) OVER (ORDER BY id) FROM sale ORDER BY id",
        "SELECT id, SUM(amount) OVER (ORDER BY quantity RANGE BETWEEN # PRECEDING AND CURRENT ROW) FROM sale ORDER BY id",
        (
            "WITH RECURSIVE r (id, path) AS (SELECT id, CAST(id AS CHAR(100)) FROM customer WHERE referrer IS"
            " NULL UNION ALL SELECT c.id, CONCAT(r.path, '/', c.id) FROM customer c JOIN r ON c.referrer ="
            " r.id WHERE LENGTH(r.path) < 4 + #) SELECT id, path FROM r ORDER BY path"
        ),
        (
            "WITH RECURSIVE r AS (SELECT id, referrer FROM customer WHERE id = # UNION SELECT c.id,"
            " c.referrer FROM customer c, r WHERE c.id = r.referrer) SELECT * FROM r"
        ),
        "SELECT id FROM sale USE INDEX () WHERE quantity = # ORDER BY id LIMIT 4",
        "SELECT sale.id, app.sale.channel FROM app.sale WHERE app.sale.quantity = # ORDER BY sale.id",
        "SELECT MAX(day), MIN(sold_at), MAX(TIME(sold_at)), TIME '10:11:12.5', TIMESTAMP '2024-01-02 03:04:05.25', DATE '2024-01-0#' FROM sale",
        "SELECT tag, COUNT(*) FROM (SELECT JSON_VALUE(data, '$.tags[0]') AS tag FROM visit WHERE id > #) x GROUP BY tag WITH ROLLUP",
    ),
)  # fmt: skip


class MySqlMaker(Maker):
    """No FILTER, no LATERAL, no FULL JOIN; `||` is OR, ROLLUP stands at the end."""

    def __init__(self, seed: int) -> None:
        super().__init__("mysql", MYSQL, seed)

    @override
    def _all_shapes(self) -> tuple[Callable[[], str], ...]:
        return (*super()._all_shapes(), self._special, self._correlated)

    @override
    def number(self, depth: int = 2) -> str:
        if depth == 0 or self._chance(0.25):
            return self._pick(*NUMBERS, str(self._dice.randint(1, 40)), "2.5", "s.discount")
        inner = depth - 1
        return self._pick(
            f"({self.number(inner)} {self._pick('+', '-', '*')} {self.number(inner)})",
            f"{self.number(inner)} / NULLIF({self.number(inner)}, 0)",
            f"COALESCE({self.number(inner)}, 0)",
            f"IFNULL({self.number(inner)}, -1)",
            f"ABS({self.number(inner)})",
            f"ROUND({self._words.exact(self.number(inner))}, {self._dice.randint(0, 2)})",
            f"CASE WHEN {self.condition(inner)} THEN {self.number(inner)} ELSE 0 END",
            f"IF({self.condition(inner)}, {self.number(inner)}, 0)",
            f"GREATEST({self.number(inner)}, {self.number(inner)})",
            f"CHAR_LENGTH({self.text(inner)})",
            f"EXTRACT({self._pick('YEAR', 'MONTH', 'DAY', 'QUARTER', 'WEEK')} FROM"
            f" {self._pick(*DATES)})",
            f"{self._pick('YEAR', 'MONTH', 'DAYOFMONTH', 'DAYOFWEEK', 'DAYOFYEAR', 'WEEK')}"
            f"({self._pick(*DATES)})",
            f"s.quantity {self._pick('%', 'MOD', 'DIV', '&', '|', '^')} {self._dice.randint(2, 5)}",
            f"-{self._pick(*NUMBERS)}",
            f"FLOOR({self.number(inner)})",
            f"CAST({self.number(inner)} AS DOUBLE)",
            f"({self.condition(0)})",
        )

    @override
    def text(self, depth: int = 2) -> str:
        if depth == 0 or self._chance(0.3):
            return self._pick(*TEXTS, "'x'", "'it''s'", '"double"')
        inner = depth - 1
        return self._pick(
            f"UPPER({self.text(inner)})",
            f"LOWER({self.text(inner)})",
            f"CONCAT({self.text(inner)}, '-', {self.text(inner)})",
            f"COALESCE({self.text(inner)}, 'none')",
            f"SUBSTRING({self.text(inner)} FROM {self._dice.randint(1, 3)} FOR 4)",
            f"SUBSTRING({self.text(inner)}, {self._dice.randint(1, 3)}, 4)",
            f"SUBSTR({self.text(inner)}, -{self._dice.randint(1, 3)})",
            f"REPLACE({self.text(inner)}, 'e', '_')",
            f"TRIM({self.text(inner)})",
            f"LEFT({self.text(inner)}, 3)",
            f"RIGHT({self.text(inner)}, 2)",
            f"CASE WHEN {self.condition(inner)} THEN {self.text(inner)} ELSE 'other' END",
            f"IF({self.condition(inner)}, {self.text(inner)}, NULL)",
            f"NULLIF({self.text(inner)}, 'web')",
            f"LPAD({self.text(inner)}, 12, '*')",
            f"REVERSE({self.text(inner)})",
            f"SUBSTRING_INDEX({self.text(inner)}, ' ', 1)",
        )

    @override
    def condition(self, depth: int = 2) -> str:
        inner = max(0, depth - 1)
        made = self._pick(
            f"s.channel = '{self._pick('web', 'shop', 'phone')}'",
            f"c.region IN ('north', '{self._pick('south', 'east', 'west')}')",
            f"s.amount BETWEEN {self._dice.randint(1, 50)} AND {self._dice.randint(51, 200)}",
            f"s.day >= DATE '2024-0{self._dice.randint(1, 9)}-01'",
            f"s.day < '2024-0{self._dice.randint(1, 9)}-01' + INTERVAL 3 MONTH",
            f"{self.text(inner)} LIKE '%{self._pick('a', 'e', '1', 'r 2')}%'",
            f"c.tier IS {self._pick('', 'NOT ')}NULL",
            f"NOT c.tier <=> '{self._pick('gold', 'basic')}'",
            f"{self.number(inner)} {self._pick('<', '<=', '>', '>=', '<>', '!=', '=')} 20",
            "NOT c.closed",
            "!c.closed",
            "c.closed IS NOT TRUE",
            f"s.quantity IN ({self._dice.randint(1, 4)}, {self._dice.randint(5, 9)})",
            f"s.note {self._pick('REGEXP', 'RLIKE', 'NOT REGEXP')} '{self._pick('^N', '[0-9]{2}')}'",
            "EXISTS (SELECT 1 FROM visit v WHERE v.customer_id = c.id)",
            "s.product_id NOT IN (SELECT id FROM product WHERE price > 80)",
            "s.amount > (SELECT AVG(amount) FROM sale)",
            "s.quantity > ANY (SELECT id FROM product WHERE id < 4)",
        )
        if depth > 0 and self._chance(0.4):
            how = self._pick("AND", "OR", "AND", "OR", "XOR", "&&", "||")
            return f"({made} {how} {self.condition(depth - 1)})"
        return made

    @override
    def aggregate(self) -> str:
        n = self.number(1)
        return self._pick(
            f"SUM({n})", f"AVG({n})", f"MIN({n})", f"MAX({n})", "COUNT(*)", f"COUNT({n})",
            "COUNT(DISTINCT s.customer_id)", f"STDDEV_SAMP({self._words.exact('s.amount')})",
            "SUM(DISTINCT s.quantity)", f"MAX({self.text(1)})", f"MIN({self._pick(*DATES)})",
            "GROUP_CONCAT(c.region ORDER BY c.region, s.id)", "MAX(c.closed)",
            "COUNT(*) * 100.0 / NULLIF(SUM(s.quantity), 0)",
            f"SUM(CASE WHEN {self.condition(1)} THEN s.amount END)",
            *self._words.aggregates,
        )  # fmt: skip

    @override
    def _over(self, *, framed: bool = True) -> str:
        over = super()._over(framed=framed)
        return over.replace(" EXCLUDE CURRENT ROW", "")

    @override
    def window(self) -> str:
        over = self._over(framed=False)
        return self._pick(
            f"ROW_NUMBER() {over}", f"RANK() {over}", f"DENSE_RANK() {over}", f"NTILE(4) {over}",
            f"PERCENT_RANK() {over}", f"CUME_DIST() {over}",
            f"LAG(s.amount, {self._dice.randint(1, 3)}) {over}", f"LEAD(s.day) {over}",
            f"FIRST_VALUE(s.amount) {self._over()}", f"LAST_VALUE(s.id) {self._over()}",
            f"NTH_VALUE(s.amount, 2) {self._over()}", f"SUM(s.amount) {self._over()}",
            f"AVG(s.quantity) {self._over()}", f"COUNT(*) {self._over()}",
            f"s.amount - LAG(s.amount) {over}", f"MAX(s.amount) {self._over()} - s.amount",
            f"SUM(IF({self.condition(0)}, s.amount, 0)) {self._over()}",
            f"BIT_OR(s.quantity) {self._over()}",
        )  # fmt: skip

    @override
    def _grouping_sets(self) -> str:
        one, two, three = self._dice.sample(DIMENSIONS, 3)
        inner = (
            f"SELECT {one} AS a, {two} AS b, {three} AS d, {self.aggregate()} AS v FROM {BASE}"
            f"{self._where()} GROUP BY {self._pick(one, f'{one}, {two}', f'{one}, {two}, {three}')}"
            " WITH ROLLUP"
        )
        if self._chance(0.5):
            return (
                f"SELECT a, b, d, v, a IS NULL AS everything FROM ({inner}) AS x ORDER BY 1, 2, 3"
            )
        return inner

    @override
    def _lateral(self) -> str:
        top = self._dice.randint(1, 3)
        return (
            "SELECT c.id, x.amount, x.day FROM customer c LEFT JOIN (SELECT customer_id, amount, day,"
            " ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY amount DESC, id) AS place FROM sale"
            f" WHERE quantity > {self._dice.randint(1, 5)}) AS x ON x.customer_id = c.id AND"
            f" x.place <= {top} ORDER BY c.id, x.amount, x.day"
        )

    @override
    def _dates(self) -> str:
        what = self._pick(*self._words.dates)
        return (
            f"SELECT {what} AS d, {self.aggregate()} AS v FROM {BASE}{self._where()} GROUP BY"
            f" {self._pick('1', 'd', what)} ORDER BY {self._pick('1', 'd DESC', 'd IS NULL, d')}"
            f" LIMIT {self._dice.randint(5, 50)}"
        )

    @override
    def _subqueries(self) -> str:
        n = self._dice.randint(1, 5)
        if self._chance(0.4):
            return self._correlated()
        return (
            super()
            ._subqueries()
            .replace(" NULLS LAST", "")
            .replace("FULL OUTER JOIN", self._pick("LEFT OUTER JOIN", "RIGHT JOIN"))
            .replace("% 1 ", f"% {n} ")
        )

    def _correlated(self) -> str:
        n = self._dice.randint(1, 5)
        return self._pick(
            f"SELECT c.id, (SELECT COUNT(*) FROM sale s WHERE s.customer_id = c.id AND s.quantity > {n})"
            " AS n FROM customer c HAVING n > 1 ORDER BY n DESC, c.id",
            f"SELECT s.id FROM sale s WHERE (s.customer_id, s.amount) IN (SELECT customer_id, MAX(amount)"
            f" FROM sale GROUP BY customer_id) AND s.quantity >= {n}",
            f"SELECT c.region, IF(EXISTS (SELECT 1 FROM sale s WHERE s.customer_id = c.id AND s.quantity ="
            f" {n}), 'yes', 'no') AS bought, COUNT(*) FROM customer c GROUP BY c.region, bought",
            "SELECT p.category, p.name, (SELECT COUNT(*) + 1 FROM product q WHERE q.category = p.category"
            f" AND q.price > p.price) AS place FROM product p WHERE p.id > {n} ORDER BY 1, 3, 2",
        )  # fmt: skip
