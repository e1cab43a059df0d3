"""How the guard reads and writes each dialect: as little is understood, and changed, as possible.

sqlglot translates between databases; the guard only checks and writes down again. So every call
that needs no syntax of its own keeps its name, its spelling and its arguments: the allow-list
sees what the database will see, and the database sees what was asked.
"""

import re
from collections.abc import Collection
from itertools import zip_longest
from typing import Any, Final, cast

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB as _DuckDB
from sqlglot.dialects.postgres import Postgres as _Postgres
from sqlglot.expressions.core import Binary, Expr, Expression
from sqlglot.generator import Generator
from sqlglot.tokenizer_core import Token, TokenType
from typing_extensions import override

from datelier.worker.errors import SqlRefusedError
from datelier.worker.functions import Dialect


class NearestDistance(Expression, Binary):
    """`a <=> b` of vectors, which sqlglot takes for MySQL's comparison of NULLs."""


def _only(parsers: Any, names: str) -> dict[str, Any]:
    """Of the calls with a parser of their own, those whose arguments are no plain list."""
    known = cast("dict[str, Any]", parsers)
    return {name: known[name] for name in names.split() if name in known}


def _without(table: Any, *tokens: TokenType) -> dict[Any, Any]:
    return {key: value for key, value in cast("dict[Any, Any]", table).items() if key not in tokens}


def _arrow(kind: type[Expr]) -> Any:
    """`a -> b` as it was written, not as a path of another syntax."""

    def build(_parser: object, this: Expr, path: Expr) -> Expr:
        return kind(this=this, expression=path)

    return build


def _plainly(operator: str) -> Any:
    def write(generator: Generator, node: exp.Binary) -> str:
        return generator.binary(node, operator)

    return write


def _after(words: str) -> Any:
    def write(generator: Generator, node: Expr) -> str:
        return generator.sql(node, "this") + words

    return write


def _current_time(*_: object) -> str:
    return "CURRENT_TIME"


def on_condition(generator: Generator, node: exp.OnCondition) -> str:
    """`DEFAULT 'x' ON EMPTY`; sqlglot writes the value as another database reads it."""
    found = (node.args.get("empty"), node.args.get("error"), node.args.get("null"))
    return " ".join(
        f"DEFAULT {generator.sql(said)} ON {when}" if isinstance(said, Expr) else str(said)
        for when, said in zip(("EMPTY", "ERROR", "NULL"), found, strict=True)
        if said
    )


def json_table(generator: Generator, node: exp.JSONTable) -> str:
    """JSON_TABLE with what stands behind its path, if that is known."""
    parts = [generator.sql(node, "this"), ", ", generator.sql(node, "path")]
    for handling in (node.args.get("error_handling"), node.args.get("empty_handling")):
        if isinstance(handling, Expr):
            raise SqlRefusedError(
                "DEFAULT … ON ERROR of a whole JSON_TABLE is not read here.",
                "Write it behind the PATH of a column.",
            )
        parts.append(f" {handling}" if handling else "")
    return f"JSON_TABLE({''.join(parts)} {generator.sql(node, 'schema')})"


def read_json_column(parser: Any) -> exp.JSONColumnDef | None:
    """A column of JSON_TABLE with EXISTS and what stands behind its path; None for NESTED."""
    if parser._curr and parser._curr.text.upper() == "NESTED":
        return None
    made = exp.JSONColumnDef(
        this=parser._parse_id_var(),
        ordinality=parser._match_pair(TokenType.FOR, TokenType.ORDINALITY),
        kind=parser._parse_types(allow_identifiers=False),
        format_json=parser._match_text_seq("FORMAT", "JSON"),
    )
    made.set("exists", bool(parser._match(TokenType.EXISTS)))
    made.set("path", parser._parse_string() if parser._match_text_seq("PATH") else None)
    made.set("on", parser._parse_on_condition())
    return made


def json_column(generator: Generator, node: exp.JSONColumnDef) -> str:
    """What `read_json_column` read."""
    path = generator.sql(node, "path")
    if nested := generator.sql(node, "nested_schema"):
        return f"NESTED PATH {path} {nested}"
    parts = (
        generator.sql(node, "this"),
        "FOR ORDINALITY" if node.args.get("ordinality") else generator.sql(node, "kind"),
        "FORMAT JSON" if node.args.get("format_json") else "",
        "EXISTS" if node.args.get("exists") else "",
        f"PATH {path}" if path else "",
        generator.sql(node, "on"),
    )
    return " ".join(part for part in parts if part)


def _kept(this: Expr | None) -> Expr | None:
    """Put `list(…)` and `array(…)` in brackets before a `[`: sqlglot would lose their arguments."""
    if isinstance(this, exp.Anonymous | exp.Array | exp.List):
        return exp.Paren(this=this)
    return this


_DISTANCES: Final = {TokenType.NULLSAFE_EQ: NearestDistance}


class GuardedPostgres(_Postgres):
    """PostgreSQL. Its name must differ from sqlglot's own, which it would replace everywhere."""

    NUMBERS_CAN_BE_UNDERSCORE_SEPARATED = True

    class Parser(_Postgres.Parser):
        """Keeps calls as they are."""

        FUNCTIONS: Any = {}
        FUNCTION_PARSERS: Any = _only(
            _Postgres.Parser.FUNCTION_PARSERS,
            "CAST EXTRACT JSON_OBJECT JSON_OBJECTAGG JSON_TABLE JSON_VALUE NORMALIZE OVERLAY"
            " POSITION SUBSTRING TRIM",
        )
        LAMBDAS: Any = _without(_Postgres.Parser.LAMBDAS, TokenType.ARROW)
        EQUALITY: Any = _without(_Postgres.Parser.EQUALITY, TokenType.NULLSAFE_EQ)
        FACTOR: Any = {**_Postgres.Parser.FACTOR, **_DISTANCES}
        JSON_OPERATORS: Any = {
            **cast("Any", _Postgres.Parser.JSON_OPERATORS),
            TokenType.ARROW: _arrow(exp.JSONExtract),
            TokenType.DARROW: _arrow(exp.JSONExtractScalar),
        }

        @override
        def _parse_bracket(self, this: Expr | None = None) -> Expr | None:
            starts = self._curr and self._curr.token_type == TokenType.L_BRACKET
            return super()._parse_bracket(_kept(this) if starts else this)

        @override
        def _parse_json_column_def(self) -> exp.JSONColumnDef:
            return read_json_column(self) or super()._parse_json_column_def()

    class Generator(_Postgres.Generator):
        """Writes operators as they were."""

        MULTI_ARG_DISTINCT = True
        TRANSFORMS: Any = {
            **cast("Any", _Postgres.Generator.TRANSFORMS),
            NearestDistance: _plainly("<=>"),
            exp.IgnoreNulls: _after(" IGNORE NULLS"),
            exp.RespectNulls: _after(" RESPECT NULLS"),
            exp.CurrentTime: _current_time,
            exp.JSONObjectAgg: cast("Any", Generator.TRANSFORMS)[exp.JSONObjectAgg],
            exp.OnCondition: on_condition,
            exp.JSONTable: json_table,
            exp.JSONColumnDef: json_column,
            exp.StartsWith: _plainly("^@"),
            exp.JSONExtract: _plainly("->"),
            exp.JSONExtractScalar: _plainly("->>"),
        }


class GuardedDuckDB(_DuckDB):
    """DuckDB."""

    class Parser(_DuckDB.Parser):
        """Keeps calls as they are."""

        FUNCTIONS: Any = {}
        FUNCTION_PARSERS: Any = _only(
            _DuckDB.Parser.FUNCTION_PARSERS,
            "CAST EXTRACT OVERLAY POSITION SUBSTRING TRIM TRY_CAST",
        )
        EQUALITY: Any = _without(_DuckDB.Parser.EQUALITY, TokenType.NULLSAFE_EQ)
        FACTOR: Any = {**_DuckDB.Parser.FACTOR, **_DISTANCES}
        JSON_OPERATORS: Any = {
            TokenType.ARROW: _arrow(exp.JSONExtract),
            TokenType.DARROW: _arrow(exp.JSONExtractScalar),
        }

        @override
        def _parse_bracket(self, this: Expr | None = None) -> Expr | None:
            starts = self._curr and self._curr.token_type == TokenType.L_BRACKET
            return super()._parse_bracket(_kept(this) if starts else this)

        @override
        def _parse_lambda(self, alias: bool = False) -> Expr | None:
            # `column -> 'key'` looks like the old way to write a function; only JSON has texts
            # and numbers there.
            if self._next.token_type == TokenType.ARROW and self._after_next() in _KEYS:
                return self._parse_select_or_expression(alias=alias)
            return super()._parse_lambda(alias=alias)

        def _after_next(self) -> TokenType | None:
            position = self._index + 2
            return self._tokens[position].token_type if position < len(self._tokens) else None

        @override
        def _parse_simplified_pivot(self, is_unpivot: bool | None = None) -> Any:
            # ORDER BY and LIMIT may follow, which sqlglot does not know.
            pivot = super()._parse_simplified_pivot(is_unpivot)
            if not self._curr or self._curr.token_type not in _AFTER_PIVOT:
                return pivot
            inner = exp.Subquery(this=pivot)
            return self._parse_query_modifiers(exp.select("*").from_(inner))

    class Generator(_DuckDB.Generator):
        """Writes operators as they were."""

        TRANSFORMS: Any = {
            **cast("Any", _DuckDB.Generator.TRANSFORMS),
            NearestDistance: _plainly("<=>"),
            exp.IgnoreNulls: _after(" IGNORE NULLS"),
            exp.RespectNulls: _after(" RESPECT NULLS"),
            exp.StartsWith: _plainly("^@"),
            exp.JSONExtract: _plainly("->"),
            exp.JSONExtractScalar: _plainly("->>"),
            exp.WithinGroup: Generator.withingroup_sql,
        }


_OTHER_BASE: Final = re.compile(r"(?i)0(x[\da-f_]+|o[0-7_]+|b[01_]+)")
TITLES: Final[dict[Dialect, str]] = {
    "postgres": "PostgreSQL",
    "duckdb": "DuckDB",
    "mysql": "MySQL",
    "sqlite": "SQLite",
    "clickhouse": "ClickHouse",
    "trino": "Trino",
    "bigquery": "BigQuery",
    "snowflake": "Snowflake",
    "tsql": "SQL Server",
}
# Where 0x1F is a number; elsewhere it is a text, or a 0 that is called x1F.
HEXADECIMAL_NUMBERS: Final[Collection[Dialect]] = frozenset({"postgres", "clickhouse"})
_KEYS: Final[Collection[TokenType]] = frozenset({TokenType.STRING, TokenType.NUMBER})
_AFTER_PIVOT: Final[Collection[TokenType]] = frozenset(
    {TokenType.ORDER_BY, TokenType.LIMIT, TokenType.OFFSET}
)


def as_read(tokens: list[Token], sql: str, dialect: Dialect) -> list[Token]:
    """The tokens with numbers as the database reads them; refuses what it would read otherwise."""
    made: list[Token] = []
    glued = -1
    for token, after in zip_longest(tokens, tokens[1:]):
        if token.start == glued:
            continue  # the second half of 0x1F
        text = sql[token.start : token.end + 1]
        if token.token_type == TokenType.NUMBER and after and after.start == token.end + 1:
            word = re.match(r"[^\W\d]\w*", sql[after.start : after.end + 1])
            text += word[0] if word else ""
            glued = after.start if word else -1
        if _OTHER_BASE.fullmatch(text) and dialect in HEXADECIMAL_NUMBERS:
            number = str(int(text.replace("_", ""), 0))
            made.append(Token(TokenType.NUMBER, number, token.line, token.col, token.start))
            continue
        if token.end - token.start + 1 < len(text):
            raise SqlRefusedError(
                f"{text[:40]!r} is a number and a word without a space between them.",
                "Write numbers in decimal, and a space before a word.",
            )
        if dialect == "postgres" and _is_interval_call(token, after, made):
            raise SqlRefusedError(
                "interval(…) as a function is not read here.",
                "Write CAST('…' AS interval), or interval '…'.",
            )
        made.append(token)
    return made


def _is_interval_call(token: Token, after: Token | None, before: list[Token]) -> bool:
    if token.token_type != TokenType.INTERVAL or after is None or after.text != "(":
        return False
    return not before or before[-1].token_type not in {TokenType.DCOLON, TokenType.ALIAS}
