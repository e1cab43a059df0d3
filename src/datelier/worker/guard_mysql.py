"""What the parser wall knows about MySQL and MariaDB: their dialect, their ways around a SELECT."""

import re
from collections.abc import Sequence
from typing import Any, Final, cast

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.expressions.core import Expression
from sqlglot.generator import Generator
from sqlglot.tokenizer_core import Token, TokenType
from typing_extensions import override

from datelier.worker.dialects import json_column, json_table, on_condition, read_json_column

SYSTEM_SCHEMAS: Final = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
DENIED_CALL: Final = re.compile(
    r"(load_file|sleep|benchmark|get_lock|release_lock|release_all_locks|is_free_lock|is_used_lock"
    r"|master_pos_wait|master_gtid_wait|source_pos_wait|wait_for_executed_gtid_set"
    r"|wait_until_sql_thread_after_gtids|sys_exec|sys_eval|sys_get|sys_set|nextval|lastval|setval"
    r"|uuid_short|last_insert_id|row_count|found_rows|extractvalue|updatexml|name_const"
    r"|session_user|system_user|current_role|user|database|schema|connection_id)$"
)
# What the rendered text may consist of: no @variable, no comment of any kind, no "text".
LEXEME: Final = re.compile(
    r"""[bBxXnN]?'(?:[^'\\]|''|\\.)*' | (?P<quoted>`(?:[^`]|``)*`)
      | (?P<word>[^\W\d]\w*) | (?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?
      | (?P<space>\s+) | (?P<mark>[^\w\s'"`;$\\@\#]) """,
    re.VERBOSE | re.DOTALL,
)
_FILE_HINT: Final = "Leave INTO out: the result is kept, and can be downloaded."
_SEQUENCE: Final = ("Sequences change when they are read.", "Select from tables only.")
WORDS: Final[dict[tuple[str, ...], tuple[str, str]]] = {
    ("INTO", "OUTFILE"): ("SELECT … INTO OUTFILE writes a file and is not allowed.", _FILE_HINT),
    ("INTO", "DUMPFILE"): ("SELECT … INTO DUMPFILE writes a file and is not allowed.", _FILE_HINT),
    ("NEXT", "VALUE", "FOR"): _SEQUENCE,
    ("PREVIOUS", "VALUE", "FOR"): _SEQUENCE,
    ("CURRENT_ROLE",): (
        "CURRENT_ROLE belongs to the session and is not available.",
        "Who may read what is not part of this source.",
    ),
    ("PROCEDURE", "ANALYSE"): (
        "PROCEDURE ANALYSE is not allowed.",
        "Use the profile of the table.",
    ),
}
REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "PARAMETER": (
        "User variables (@name) live in the session and are not allowed.",
        "Use WITH, or a window function for running values.",
    ),
    "SESSIONPARAMETER": (
        "System variables (@@name) are not allowed.",
        "Settings of the server are not part of this source.",
    ),
    "INTO": (
        "SELECT … INTO sets variables and is not allowed.",
        "Leave INTO out: the result is kept.",
    ),
    "VERSION": (
        "Old versions of rows (FOR SYSTEM_TIME) cannot be asked for here.",
        "Leave it out.",
    ),
}
HINTS: Final[dict[str, str]] = {
    "load_file": "Files of the server cannot be read: only tables of this source can.",
    "sleep": "Nothing may be made to wait.",
    "benchmark": "Nothing may be made to wait.",
    "get_lock": "Locks stay with the session: leave it out.",
    "release_lock": "Locks stay with the session: leave it out.",
    "last_insert_id": "It belongs to the session: use max() of the column.",
    "found_rows": "It belongs to the session: use COUNT(*) OVER ().",
    "row_count": "It belongs to the session: use COUNT(*).",
    "extractvalue": "XML functions are not allowed: select the text itself.",
    "updatexml": "XML functions are not allowed: select the text itself.",
    "values": "VALUES(column) has a meaning in INSERT only.",
}


class GroupValues(Expression):
    """Several values that one GROUP_CONCAT joins."""

    arg_types = {"expressions": True}


def _group_values(generator: Generator, node: GroupValues) -> str:
    return generator.expressions(node, flat=True)


def _group_concat(generator: Generator, node: exp.GroupConcat) -> str:
    separator, limit = generator.sql(node, "separator"), generator.sql(node, "limit")
    said = f" SEPARATOR {separator}" if separator else ""
    return f"GROUP_CONCAT({generator.sql(node, 'this')}{said}{limit})"


class GuardedMySQL(MySQL):
    """Calls keep their names; what is rendered runs on MariaDB too."""

    class Parser(MySQL.Parser):
        """Without a catalogue of functions every call keeps its own name and spelling."""

        FUNCTIONS: Any = {}
        VALUES_FOLLOWED_BY_PAREN = True
        FUNC_TOKENS: Any = MySQL.Parser.FUNC_TOKENS - {TokenType.VALUES}
        # VALUES () is a table here, and DECODE() was a cipher.
        FUNCTION_PARSERS: Any = {
            name: parser
            for name, parser in cast("dict[str, Any]", MySQL.Parser.FUNCTION_PARSERS).items()
            if name not in {"VALUES", "DECODE"}
        }

        @override
        def _parse_group_concat(self) -> exp.Expr | None:
            """Several values stay several; sqlglot would join them with a CONCAT."""
            distinct = bool(self._match(TokenType.DISTINCT))
            values = self._parse_csv(self._parse_assignment)
            if distinct:
                values = [exp.Distinct(expressions=values)]
            this: exp.Expr = values[0] if len(values) == 1 else GroupValues(expressions=values)
            order = self._parse_order(this=this)
            separator = self._parse_field() if self._match(TokenType.SEPARATOR) else None
            made = exp.GroupConcat(this=order or this, separator=separator)
            if limit := self._parse_limit():
                made.set("limit", limit)
            return self.expression(made)

        @override
        def _parse_json_column_def(self) -> exp.JSONColumnDef:
            return read_json_column(self) or super()._parse_json_column_def()

    class Generator(MySQL.Generator):
        """The spellings that both servers read."""

        LIMIT_FETCH = "ALL"  # FETCH … WITH TIES, which MariaDB has, is no LIMIT

        @override
        def hexstring_sql(
            self, expression: exp.HexString, binary_function_repr: str | None = None
        ) -> str:
            """0x1F counts as a number where x'1F' does not."""
            text = str(expression.this)
            return text if text.startswith("0x") else f"x'{text}'"

        @override
        def offset_sql(self, expression: exp.Offset) -> str:
            """Before a FETCH it must say ROWS."""
            parent = expression.parent
            rows = parent is not None and isinstance(parent.args.get("limit"), exp.Fetch)
            return super().offset_sql(expression) + (" ROWS" if rows else "")

        @override
        def values_sql(self, expression: exp.Values, values_as_table: bool = True) -> str:
            """As a SELECT, whose columns need names that differ."""
            if isinstance(expression.parent, exp.Insert):
                return super().values_sql(expression, values_as_table)
            first = expression.expressions[0]
            seen: set[str] = set()
            for position, value in enumerate(first.expressions):
                if (text := value.sql().lower()) in seen:
                    value.replace(exp.alias_(value.copy(), f"column_{position}"))
                seen.add(text)
            return super().values_sql(expression, values_as_table)

        def regexplike_sql(self, expression: exp.RegexpLike) -> str:
            """MariaDB has the operator only."""
            return self.binary(expression, "REGEXP")

        def jsonextractscalar_sql(self, expression: exp.JSONExtractScalar) -> str:
            """MariaDB has no ->>."""
            path = self.sql(expression, "expression")
            return f"JSON_UNQUOTE(JSON_EXTRACT({self.sql(expression, 'this')}, {path}))"

        @override
        def identifier_sql(self, expression: exp.Identifier) -> str:
            """DUAL is no table, though it stands in its place."""
            if not expression.args.get("quoted") and expression.name.upper() == "DUAL":
                return "DUAL"
            return super().identifier_sql(expression)

        @override
        def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
            """TIME '…' comes as a CAST, which would drop its fractions."""
            if expression.to.sql().upper() == "TIME" and isinstance(expression.this, exp.Literal):
                return f"CAST({self.sql(expression, 'this')} AS TIME(6))"
            return super().cast_sql(expression, safe_prefix)

        TRANSFORMS: Any = {
            **{
                kind: transform
                for kind, transform in cast("dict[Any, Any]", MySQL.Generator.TRANSFORMS).items()
                if kind not in {exp.RegexpLike, exp.JSONExtractScalar}
            },
            GroupValues: _group_values,
            exp.OnCondition: on_condition,
            exp.JSONTable: json_table,
            exp.JSONColumnDef: json_column,
            exp.GroupConcat: _group_concat,
        }


def as_written(tokens: list[Token], sql: str) -> list[Token]:
    """The tokens without what sqlglot takes for another thing."""
    made: list[Token] = []
    for position, token in enumerate(tokens):
        text = sql[token.start : token.end + 1]
        if token.token_type == TokenType.HEX_STRING and text[:2] in {"0x", "0X"}:
            made.append(_token(TokenType.HEX_STRING, f"0x{token.text}", token))
        elif token.token_type == TokenType.INTERVAL and _is_call(tokens, position + 1):
            made.append(_token(TokenType.VAR, text, token))
        else:
            made.append(token)
    return made


def _token(kind: TokenType, text: str, at: Token) -> Token:
    return Token(kind, text, at.line, at.col, at.start, at.end)


def _is_call(tokens: Sequence[Token], position: int) -> bool:
    """Whether brackets open there that hold more than one value: INTERVAL(23, 1, 15)."""
    depth = 0
    for token in tokens[position:]:
        if token.token_type == TokenType.L_PAREN:
            depth += 1
        elif token.token_type == TokenType.R_PAREN:
            depth -= 1
        elif token.token_type == TokenType.COMMA and depth == 1:
            return True
        if depth == 0:
            return False
    return False
