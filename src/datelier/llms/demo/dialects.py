"""The demo model's statements for databases that do not read PostgreSQL's SQL."""

import re
from collections.abc import Callable
from typing import Any, Final, cast

# By the unit of DATE_TRUNC: the first day of the period that {} lies in.
_MYSQL_PERIODS: Final = {
    "DAY": "DATE({})",
    "WEEK": "DATE_SUB(DATE({}), INTERVAL WEEKDAY({}) DAY)",
    "MONTH": "DATE_SUB(DATE({}), INTERVAL DAYOFMONTH({}) - 1 DAY)",
    "QUARTER": "DATE_ADD(MAKEDATE(YEAR({}), 1), INTERVAL 3 * QUARTER({}) - 3 MONTH)",
    "YEAR": "MAKEDATE(YEAR({}), 1)",
}
# The demo model writes times in three ways, in capitals; its literals are in small letters.
_COLUMN: Final = r'((?:\w+\.)?(?:"(?:[^"]|"")+"|\w+))'
_BUCKET: Final = re.compile(rf"CAST\(DATE_TRUNC\('(\w+)', {_COLUMN}\) AS DATE\)")
_PART: Final = re.compile(rf"EXTRACT\((YEAR|MONTH) FROM {_COLUMN}\)")
_DAY: Final = re.compile(r"\bDATE ('\d{4}-\d\d-\d\d')")
_ROUNDED: Final = re.compile(r"CAST\(100\.0 \* (.+?) AS DECIMAL\(18, 1\)\)", re.DOTALL)
_SQLITE_STARTS: Final = {
    "day": "date({0})",
    "week": "date({0}, 'weekday 0', '-6 days')",
    "month": "date({0}, 'start of month')",
    "quarter": (
        "date({0}, 'start of month', '-' || ((CAST(strftime('%m', {0}) AS INTEGER) - 1) % 3)"
        " || ' months')"
    ),
    "year": "date({0}, 'start of year')",
}
_SQLITE_PARTS: Final = {"YEAR": "%Y", "MONTH": "%m"}


def translated(statement: str, dialect: str) -> str:
    """Return a statement of the demo model in the dialect of a source."""
    translate = _DIALECTS.get(dialect)
    return statement if translate is None else translate(statement)


def _mysql(statement: str) -> str:
    """Every name in backticks, periods by MySQL's functions, missing values last."""
    import sqlglot  # noqa: PLC0415  # lazy: a third of a second, and only such sources need it
    from sqlglot import exp  # noqa: PLC0415  # likewise

    def change(node: Any) -> Any:
        if isinstance(node, exp.TimestampTrunc):
            column = node.this.sql("mysql", identify=True)
            period = _MYSQL_PERIODS[str(node.args["unit"].name).upper()]
            return sqlglot.parse_one(period.replace("{}", column), read="mysql")
        if isinstance(node, exp.Ordered):
            _order(node)
        return node

    def _order(node: Any) -> None:
        """Only `n ASC NULLS LAST` needs words: an expression, which takes a name for n."""
        if node.args.get("desc") is not False:
            node.set("nulls_first", not node.args.get("desc"))
        elif isinstance(node.this, exp.Literal):
            chosen = node.find_ancestor(exp.Select).expressions[int(node.this.name) - 1]
            node.set("this", exp.column(chosen.alias_or_name))

    tree = cast("Any", sqlglot.parse_one(statement, read="postgres"))
    return tree.transform(change).sql("mysql", identify=True, pretty=True)


def _sqlite(statement: str) -> str:
    statement = _BUCKET.sub(lambda m: _SQLITE_STARTS[m[1]].format(m[2]), statement)
    statement = _PART.sub(
        lambda m: f"CAST(strftime('{_SQLITE_PARTS[m[1]]}', {m[2]}) AS INTEGER)", statement
    )
    statement = _DAY.sub(lambda m: m[1], statement)
    return _ROUNDED.sub(lambda m: f"round(100.0 * {m[1]}, 1)", statement)


def _as(dialect: str) -> Callable[[str], str]:
    def translate(statement: str) -> str:
        import sqlglot  # noqa: PLC0415 - as above

        return sqlglot.transpile(statement, read="postgres", write=dialect, pretty=True)[0]

    return translate


_DIALECTS: Final[dict[str, Callable[[str], str]]] = {
    "mysql": _mysql,
    "sqlite": _sqlite,
    "bigquery": _as("bigquery"),
    "tsql": _as("tsql"),
}
