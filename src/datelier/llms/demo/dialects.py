"""The demo model's statements for databases that do not read PostgreSQL's SQL."""

from typing import Any, Final, cast

# By the unit of DATE_TRUNC: the first day of the period that {} lies in.
_MYSQL_PERIODS: Final = {
    "DAY": "DATE({})",
    "WEEK": "DATE_SUB(DATE({}), INTERVAL WEEKDAY({}) DAY)",
    "MONTH": "DATE_SUB(DATE({}), INTERVAL DAYOFMONTH({}) - 1 DAY)",
    "QUARTER": "DATE_ADD(MAKEDATE(YEAR({}), 1), INTERVAL 3 * QUARTER({}) - 3 MONTH)",
    "YEAR": "MAKEDATE(YEAR({}), 1)",
}


def translated(statement: str, dialect: str) -> str:
    """Return a statement of the demo model in the dialect of a source."""
    return _mysql(statement) if dialect == "mysql" else statement


def _mysql(statement: str) -> str:
    """Every name in backticks, periods by MySQL's functions, missing values last."""
    # sqlglot costs a third of a second, and only such sources need it.
    import sqlglot  # noqa: PLC0415
    from sqlglot import exp  # noqa: PLC0415

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
