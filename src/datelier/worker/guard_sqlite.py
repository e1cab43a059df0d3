"""SQLite's SQL for the parser wall: read and written again without changing what it means."""

from collections.abc import Callable
from typing import Any, Final, cast

from sqlglot import exp
from sqlglot.dialects.sqlite import SQLite
from sqlglot.tokenizer_core import TokenType
from typing_extensions import override

# What to use instead of functions that other databases have, by their names there.
HINTS: Final[dict[str, str]] = {
    "date_trunc": "Use strftime('%Y-%m', column), or date(column, 'start of month').",
    "date_part": "Use CAST(strftime('%Y', column) AS INTEGER).",
    "extract": "Use CAST(strftime('%Y', column) AS INTEGER).",
    "year": "Use CAST(strftime('%Y', column) AS INTEGER).",
    "month": "Use CAST(strftime('%m', column) AS INTEGER).",
    "now": "Use datetime('now') or CURRENT_TIMESTAMP.",
    "to_char": "Use strftime('%Y-%m-%d', column) or printf('%.2f', number).",
    "to_date": "Use date(text).",
    "datediff": "Use julianday(later) - julianday(earlier).",
    "date_diff": "Use julianday(later) - julianday(earlier).",
    "date_add": "Use date(column, '+1 day').",
    "date_sub": "Use date(column, '-1 day').",
    "age": "Use julianday(later) - julianday(earlier).",
    "left": "Use substr(text, 1, length).",
    "right": "Use substr(text, -length).",
    "greatest": "Use max(a, b).",
    "least": "Use min(a, b).",
    "array_agg": "Use json_group_array(column).",
    "generate_series": "Use WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10).",
    "regexp_replace": "SQLite has no regular expressions here; use replace(), LIKE or GLOB.",
    "regexp_matches": "SQLite has no regular expressions here; use LIKE or GLOB.",
    "regexp_like": "SQLite has no regular expressions here; use LIKE or GLOB.",
    "split_part": "Use substr() and instr().",
    "stddev": "Use sqrt(avg(x * x) - avg(x) * avg(x)).",
    "variance": "Use avg(x * x) - avg(x) * avg(x).",
    "randomblob": "Values are not made up here; select what the tables hold.",
    "zeroblob": "Values are not made up here; select what the tables hold.",
}
_REGEXP: Final = (
    "SQLite has no regular expressions here.",
    "Use LIKE ('north%') or GLOB ('[A-Z]*').",
)
_GROUPS: Final = (
    "SQLite has no GROUPING SETS, CUBE or ROLLUP.",
    "Write one SELECT per grouping and join them with UNION ALL.",
)
_ARRAYS: Final = (
    "SQLite has no arrays.",
    "Use json_group_array() and json_each().",
)
# Nodes of a parsed statement that no SQLite has.
CONSTRUCTS: Final[dict[str, tuple[str, str]]] = {
    "RegexpLike": _REGEXP,
    "RegexpILike": _REGEXP,
    "SimilarTo": _REGEXP,
    "GroupingSets": _GROUPS,
    "Cube": _GROUPS,
    "Rollup": _GROUPS,
    "Array": _ARRAYS,
    "Bracket": _ARRAYS,
    "Unnest": _ARRAYS,
    "Interval": ("SQLite has no INTERVAL.", "Use date(column, '-30 days')."),
    "AtTimeZone": ("SQLite has no time zones.", "Use datetime(column, '+2 hours')."),
    "Lateral": ("SQLite has no LATERAL.", "Use a subquery, or a window function."),
    "Any": ("SQLite has no ANY.", "Use IN (SELECT …)."),
    "All": ("SQLite has no ALL.", "Compare with (SELECT max(…) …)."),
    "Qualify": ("SQLite has no QUALIFY.", "Filter the window function in an outer SELECT."),
    "Pivot": ("SQLite has no PIVOT.", "Use sum(CASE WHEN … THEN … END) per column."),
    "TableSample": ("SQLite has no TABLESAMPLE.", "Use ORDER BY random() LIMIT 1000."),
    "Fetch": ("SQLite has no FETCH FIRST.", "Use LIMIT."),
    "TryCast": ("SQLite has no TRY_CAST.", "Use CAST: it never fails."),
    "ILike": ("SQLite has no ILIKE.", "Use LIKE: it ignores case for ASCII letters."),
    "Extract": ("SQLite has no EXTRACT.", "Use CAST(strftime('%Y', column) AS INTEGER)."),
    "Placeholder": ("Parameters have no value here.", "Write the value into the query."),
}
# SQLite decides by parts of a type's name what a CAST does.
_AFFINITIES: Final = (
    (("INT",), "INTEGER"),
    (("CHAR", "CLOB", "TEXT"), "TEXT"),
    (("BLOB", "BINARY"), "BLOB"),
    (("REAL", "FLOA", "DOUB"), "REAL"),
)
_Parsers = dict[str, Any]
_Operators = dict[Any, Any]
_MOMENTS: Final = ("DATE", "TIME")


def lacks(node: exp.Expr) -> tuple[str, str] | None:
    """Why a node is none of SQLite's, and what to write instead; None when it is one."""
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        return (
            "SQLite has no DISTINCT ON.",
            "Filter row_number() OVER (…) = 1 in an outer SELECT.",
        )
    if isinstance(node, exp.Cast) and _type_name(node.to).startswith(_MOMENTS):
        return (
            f"SQLite has no type {_type_name(node.to)}: the CAST would keep the year alone.",
            "Use date(column) or datetime(column).",
        )
    return CONSTRUCTS.get(type(node).__name__)


def _arrow(node: type[exp.Expr]) -> Callable[..., exp.Expr]:
    def build(_parser: object, this: exp.Expr, path: exp.Expr) -> exp.Expr:
        return node(this=this, expression=path)

    return build


class GuardedSQLite(SQLite):
    """SQLite with every call under its own name, and CAST by affinity."""

    class Parser(SQLite.Parser):
        """Without a catalogue of functions the allow-list sees what the database will see."""

        FUNCTIONS: Any = {}
        # `FROM a, b` stays as it is: CROSS JOIN would forbid SQLite to join in another order.
        JOINS_HAVE_EQUAL_PRECEDENCE = False
        FUNCTION_PARSERS: Any = {
            name: parser
            for name, parser in cast("_Parsers", SQLite.Parser.FUNCTION_PARSERS).items()
            if name in {"CAST", "EXTRACT", "GROUP_CONCAT"}
        }
        CONCAT_OPERATORS: Any = {
            **cast("_Operators", SQLite.Parser.CONCAT_OPERATORS),
            # `-> 'a.b'` is the member "a.b"; as a path it would be b in a.
            TokenType.ARROW: _arrow(exp.JSONExtract),
            TokenType.DARROW: _arrow(exp.JSONExtractScalar),
        }
        NO_PAREN_FUNCTION_PARSERS: Any = {
            name: parser
            for name, parser in cast("_Parsers", SQLite.Parser.NO_PAREN_FUNCTION_PARSERS).items()
            if name == "CASE"
        }

    class Generator(SQLite.Generator):
        """Writes what SQLite reads the same way."""

        @override
        def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
            """A CAST to the affinity of its type; sqlglot would call DATE(…) for a date."""
            name = _type_name(expression.to)
            known = (a for parts, a in _AFFINITIES if any(part in name for part in parts))
            return f"CAST({self.sql(expression, 'this')} AS {next(known, 'NUMERIC')})"

        @override
        def jsonextract_sql(self, expression: exp.JSONExtract) -> str:
            return self.binary(expression, "->")

        @override
        def jsonextractscalar_sql(self, expression: exp.JSONExtractScalar) -> str:
            return self.binary(expression, "->>")


def _type_name(kind: exp.DataType) -> str:
    if kind.this == exp.DType.USERDEFINED:
        return str(kind.args.get("kind") or "").upper()
    return str(getattr(kind.this, "name", kind.this)).upper()
