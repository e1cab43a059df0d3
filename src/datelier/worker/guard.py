"""The parser wall: one read-only query goes in, its re-rendered text comes out and is what runs.

Everything is an allow-list and fails closed: the root, every node of the tree, every function
name. The other walls (role, protocol, transaction, limits) hold without this one; this one gives
the clear message before anything is sent.
"""

import logging
import re
import unicodedata
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from functools import cached_property, lru_cache
from typing import Any, Final, cast

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.expressions.core import Expr as Expression

from datelier.worker import guard_mysql, guard_sqlite
from datelier.worker.errors import SqlRefusedError
from datelier.worker.functions import ALLOWED, Dialect
from datelier.worker.grammar import NODES, SYNTAX_FUNCTIONS, VERBS
from datelier.worker.scope import ANYWHERE, Scope

# It warns on stderr about statements it only half understands; those are refused anyway.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

MAX_BYTES: Final = 100_000
MAX_TOKENS: Final = 20_000
MAX_DEPTH: Final = 200
MAX_BRACKETS: Final = 1000  # sqlglot reads a[1][1][1]… in quadratic time


class _Postgres(Postgres):
    class Parser(Postgres.Parser):
        # Without a catalogue of functions every call keeps its own name and spelling, so the
        # allow-list sees what the database will see.
        FUNCTIONS: Any = {}
        # It would turn date_part(), a double, into EXTRACT(), a numeric.
        FUNCTION_PARSERS: Any = {
            name: parser
            for name, parser in cast("dict[str, Any]", Postgres.Parser.FUNCTION_PARSERS).items()
            if name != "DATE_PART"
        }


class _DuckDB(DuckDB):
    class Parser(DuckDB.Parser):
        FUNCTIONS: Any = {}


_DIALECTS: Final[dict[Dialect, Any]] = {
    "postgres": _Postgres,
    "duckdb": _DuckDB,
    "sqlite": guard_sqlite.GuardedSQLite,
    "mysql": guard_mysql.GuardedMySQL,
}
_HINTS: Final[dict[Dialect, dict[str, str]]] = {
    "mysql": guard_mysql.HINTS,
    "sqlite": guard_sqlite.HINTS,
}
_SYSTEM_COLUMNS: Final = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"})
_SYSTEM_SCHEMAS: Final = frozenset({"information_schema", "main_system", "system", "temp"})
_SYSTEM_NAME: Final = re.compile(r"(?i)(pg_|duckdb_|sqlite_|pragma_)")
_FILE_NAME: Final = re.compile(r"[/\\:*?]|\.\w+$")
_EXECUTABLE_COMMENT: Final = re.compile(r"/\*\s*M?[!+]")
_DENIED_CALL: Final = re.compile(
    r"(pg_(?!typeof$|size_pretty$|column_size$)|lo_|dblink|set_config|current_setting|nextval|setval"
    r"|lastval|currval|query_to|cursor_to|table_to|schema_to|database_to|read_|query$|query_table"
    r"|glob$|sniff_|getenv|getvariable|parquet_|duckdb_|pragma_|load_)"
)
# What the rendered text may consist of. Anything else (a comment, a semicolon, a dollar quote)
# would mean that sqlglot and the database could read it differently.
_LEXEME: Final = re.compile(
    r"""[eE]'(?:[^'\\]|''|\\.)*' | [bBxX]?'(?:[^']|'')*' | (?P<quoted>"(?:[^"]|"")*")
      | (?P<word>[^\W\d]\w*) | (?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?
      | (?P<space>\s+) | (?P<mark>[^\w\s'";$\\]) """,
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=64)
def check(sql: str, dialect: Dialect, scope: Scope = ANYWHERE) -> str:
    """Return the statement as it will run, or raise SqlRefusedError naming what is not allowed."""
    _check_text(sql)
    tree = _parse(sql, dialect)
    try:
        _check_tree(tree, dialect, scope)
        rendered = tree.sql(
            _DIALECTS[dialect],
            comments=False,
            normalize_functions=False,
            # What SQLite lacks would be left out of the text, with a warning nobody reads.
            unsupported_level=ErrorLevel.RAISE if dialect == "sqlite" else ErrorLevel.IGNORE,
        )
    except RecursionError:
        raise _too_deep() from None
    except SqlglotError as error:
        raise SqlRefusedError(f"The statement cannot be rendered: {error}") from None
    _check_rendered(rendered, dialect)
    return rendered


def _check_text(sql: str) -> None:
    if not sql.strip():
        raise SqlRefusedError("The statement is empty.", "Write one SELECT.")
    if len(sql.encode("utf-8", "replace")) > MAX_BYTES:
        raise SqlRefusedError("The statement is longer than 100 KB.", "Ask for less in one query.")
    for position, char in enumerate(sql):
        if char in "\t\n\r " or (char.isascii() and char.isprintable()):
            continue
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}:
            raise SqlRefusedError(
                f"The invisible character U+{ord(char):04X} at position {position + 1}"
                " is not allowed.",
                "Remove it; inside a text use chr() with its number.",
            )
    if _EXECUTABLE_COMMENT.search(sql):
        raise SqlRefusedError("Executable comments and hints (/*! … */, /*+ … */) are not allowed.")
    if _nesting(sql) > MAX_DEPTH:
        raise _too_deep()


def _nesting(sql: str) -> int:
    depth = deepest = 0
    for char in re.findall(r"[\[({\])}]", sql):
        depth += 1 if char in "([{" else -1
        deepest = max(deepest, depth)
    return deepest


def _too_deep() -> SqlRefusedError:
    return SqlRefusedError(
        "The statement is nested too deeply.", "Use WITH to name the inner parts."
    )


def _parse(sql: str, dialect: Dialect) -> Expression:
    chosen = _DIALECTS[dialect].get_or_raise(_DIALECTS[dialect])
    try:
        tokens = chosen.tokenize(sql)
        if len(tokens) > MAX_TOKENS or sql.count("[") > MAX_BRACKETS:
            raise SqlRefusedError("The statement has too many parts.", "Ask for less in one query.")
        _check_words([token.text.upper() for token in tokens], dialect)
        found = chosen.parser().parse(tokens, sql)
    except RecursionError:
        raise _too_deep() from None
    except SqlglotError as error:
        verb = sql.split(None, 1)[0].upper()
        if verb in VERBS:
            raise SqlRefusedError(*VERBS[verb]) from None
        raise SqlRefusedError(f"The SQL cannot be read: {_parse_message(error)}") from None
    # A comment after the last semicolon is a statement of its own for sqlglot.
    statements = [one for one in found if one is not None and not isinstance(one, exp.Semicolon)]
    if len(statements) != 1:
        raise SqlRefusedError(
            f"Exactly one statement runs at a time; this text holds {len(statements)}.",
            "Send them one by one.",
        )
    return statements[0]


def _check_words(words: list[str], dialect: Dialect) -> None:
    if dialect == "mysql":
        guard_mysql.check_words(words)


def _parse_message(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if details:
        first = details[0]
        near = str(first.get("highlight") or "")[:60]
        return f"{first.get('description')} near {near!r}, line {first.get('line')}."
    return str(error).partition("\n")[0][:200]


def _check_tree(tree: Expression, dialect: Dialect, scope: Scope) -> None:
    _check_root(tree)
    named = _Names(tree, scope, dialect)
    for node, depth in _walk(tree):
        if depth > MAX_DEPTH:
            raise _too_deep()
        _check_node(node, dialect)
        if isinstance(node, exp.Table):
            named.check_table(node)
        elif isinstance(node, exp.Column | exp.Dot):
            named.check_column(node)
        elif isinstance(node, exp.CTE):
            named.check_new_name(node.alias)


def _walk(tree: Expression) -> Iterator[tuple[Expression, int]]:
    """Every node with its depth, through every kind of argument, tuples in tuples included."""
    stack: list[tuple[object, int]] = [(tree, 0)]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, Expression):
            yield item, depth
            stack.extend((child, depth + 1) for child in item.args.values())
        elif isinstance(item, list | tuple):
            parts = cast("Collection[object]", item)
            stack.extend((part, depth) for part in parts)


def _check_root(tree: Expression) -> None:
    if isinstance(tree, exp.Select) and not tree.expressions:
        raise SqlRefusedError("The SELECT names no columns.", "Say what to select.")
    if isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery | exp.Values | exp.Pivot):
        return
    text = tree.sql().strip().split(None, 1)
    verb = (tree.name if isinstance(tree, exp.Command) else text[0] if text else "").upper()
    raise SqlRefusedError(
        *VERBS.get(verb, (f"{verb or 'This'} is not a query.", "Write one SELECT."))
    )


def _check_node(node: Expression, dialect: Dialect) -> None:
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        _check_function(node, dialect)
        return
    kind = type(node).__name__
    if dialect == "sqlite" and (lacking := guard_sqlite.lacks(node)):
        raise SqlRefusedError(*lacking)
    if kind not in NODES and kind not in SYNTAX_FUNCTIONS:
        raise SqlRefusedError(*_refusal_of(kind, dialect))
    if isinstance(node, exp.DataType):
        _check_type(node)


def _refusal_of(kind: str, dialect: Dialect) -> tuple[str, str]:
    own = guard_mysql.REFUSALS if dialect == "mysql" else {}
    known = own.get(kind.upper()) or VERBS.get(kind.upper())
    if known:
        return known
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).upper()
    return (f"{words} is not allowed in a read-only query.", "Write a plain SELECT without it.")


def _check_function(node: exp.Anonymous | exp.AnonymousAggFunc, dialect: Dialect) -> None:
    called: object = node.this
    if isinstance(called, exp.Identifier) and called.args.get("quoted"):
        raise SqlRefusedError(f"A quoted function name ({called.name}) is not allowed.")
    name = (called.name if isinstance(called, Expression) else str(called)).lower()
    if name in ALLOWED[dialect]:
        return
    near = get_close_matches(name, ALLOWED[dialect], n=3, cutoff=0.75)
    hint = _HINTS.get(dialect, {}).get(name) or (
        f"Did you mean {', '.join(near)}?" if near else "Only functions that compute are allowed."
    )
    raise SqlRefusedError(f"The function {name[:80]}() is not allowed in a read-only query.", hint)


def _check_type(node: exp.DataType) -> None:
    named = node.args.get("kind")
    if named is None:
        return
    text = named.sql() if isinstance(named, Expression) else str(named)
    if not re.fullmatch(r'"?\w+"?(\."?\w+"?)?', text) or re.match(r"(?i)\"?(reg|pg_)", text):
        raise SqlRefusedError(f"The type {text[:80]} is not allowed.")


def _check_rendered(sql: str, dialect: Dialect) -> None:
    """Read the text that will run once more, with a lexer of our own."""
    lexeme, denied = _LEXEME, _DENIED_CALL
    if dialect == "mysql":
        lexeme, denied = guard_mysql.LEXEME, guard_mysql.DENIED_CALL
    position, word = 0, ""
    while position < len(sql):
        match = lexeme.match(sql, position)
        if match is None or sql.startswith(("--", "/*"), position):
            raise SqlRefusedError(
                f"The statement cannot be read safely near {sql[position:][:40]!r}."
            )
        if match["mark"] == "(" and denied.match(word):
            raise SqlRefusedError(f"The function {word}() is not allowed in a read-only query.")
        if match["space"] is None:
            word = (match["word"] or (match["quoted"] or "").strip('"`')).lower()
        position = match.end()


class _Names:
    """Checks the names of tables and columns against the scope."""

    def __init__(self, tree: Expression, scope: Scope, dialect: Dialect) -> None:
        self._scope = scope
        self._tree = tree
        self._dialect = dialect
        self._defined = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}

    def check_new_name(self, name: str) -> None:
        if self._dialect == "mysql":
            return
        if _SYSTEM_NAME.match(name) or _FILE_NAME.search(name):
            raise SqlRefusedError(f"WITH cannot define the name {name!r}.", "Use a plain name.")

    def check_table(self, table: exp.Table) -> None:
        if not isinstance(table.this, exp.Identifier):
            return  # a function in FROM: its name is checked like any other call
        name, schema = table.name, table.db
        if table.catalog:
            raise SqlRefusedError(f"The table {table.sql()[:80]} names another database.")
        if self._is_system(schema, name):
            raise SqlRefusedError(
                f"The system table {name!r} is not available to queries.",
                "Tables and columns of the source are described by its catalog.",
            )
        if self._scope.schemas is not None and schema and schema not in self._scope.schemas:
            raise SqlRefusedError(f"The schema {schema!r} is not part of this source.")
        self._check_known(table)

    def _is_system(self, schema: str, name: str) -> bool:
        if self._dialect == "mysql":
            return schema.lower() in guard_mysql.SYSTEM_SCHEMAS
        return schema.lower() in _SYSTEM_SCHEMAS or bool(_SYSTEM_NAME.match(schema or name))

    def _check_known(self, table: exp.Table) -> None:
        known = self._scope.tables
        name = table.name.lower()
        schemas = self._scope.schemas or ()
        if known is None or (name in known and (not table.db or table.db in schemas)):
            return
        if not table.db and name in self._defined:
            return
        near = get_close_matches(name, known, n=3, cutoff=0.6) or sorted(known)[:8]
        raise SqlRefusedError(
            f"There is no table {table.name[:80]!r} in this source.",
            f"Its tables include: {', '.join(near)}." if near else "The source has no tables.",
        )

    def check_column(self, node: exp.Column | exp.Dot) -> None:
        if isinstance(node, exp.Dot):
            member: object = node.expression
            if not isinstance(member, exp.Identifier | exp.Star):
                raise SqlRefusedError(
                    "A function cannot be called through a schema or a value here."
                )
        else:
            member = node.this
            self._check_quoted(node)
        if self._dialect != "postgres" or not isinstance(member, exp.Identifier):
            return
        name = member.name if member.args.get("quoted") else member.name.lower()
        if name in _SYSTEM_COLUMNS and isinstance(node, exp.Column):
            raise SqlRefusedError(f"The system column {name!r} is not available.")
        if name in self._scope.row_functions:
            raise SqlRefusedError(
                f"{name!r} is a function of this database; a column of that name would call it.",
                "Leave it out, or rename the column in a view.",
            )

    def _check_quoted(self, column: exp.Column) -> None:
        """SQLite reads a name in double quotes that is no column as a text, without a word."""
        known = self._scope.columns
        member: object = column.this
        if known is None or column.table or not isinstance(member, exp.Identifier):
            return
        name = member.name.lower()
        if not member.args.get("quoted") or name in known or name in self._aliases:
            return
        near = get_close_matches(name, known, n=3, cutoff=0.6)
        like = f"Did you mean {', '.join(near)}? " if near else ""
        raise SqlRefusedError(
            f'There is no column "{member.name[:80]}" in this source.',
            f"{like}A text is written in single quotes.",
        )

    @cached_property
    def _aliases(self) -> frozenset[str]:
        """Every name the statement itself gives to something."""
        aliases = {str(alias.alias).lower() for alias in self._tree.find_all(exp.Alias)}
        for table in self._tree.find_all(exp.TableAlias):
            aliases |= {column.name.lower() for column in table.columns}
        return frozenset(aliases)
