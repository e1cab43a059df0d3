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
from functools import lru_cache
from typing import Any, Final, cast

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.expressions.core import Expr as Expression
from sqlglot.tokenizer_core import TokenType

from datelier.worker import guard_mysql, guard_sqlite
from datelier.worker.dialects import TITLES, GuardedDuckDB, GuardedPostgres, as_read
from datelier.worker.errors import SqlRefusedError
from datelier.worker.functions import ALLOWED, TABLE_FUNCTIONS, Dialect, is_allowed
from datelier.worker.grammar import NODES, SYNTAX_FUNCTIONS, VERBS
from datelier.worker.guard_names import Names
from datelier.worker.guard_rules import check_words, rules_of
from datelier.worker.scope import ANYWHERE, Scope

# It warns on stderr about statements it only half understands; those are refused anyway.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

MAX_BYTES: Final = 100_000
MAX_TOKENS: Final = 20_000
MAX_DEPTH: Final = 200
MAX_BRACKETS: Final = 1000  # sqlglot reads a[1][1][1]… in quadratic time


_DIALECTS: Final[dict[Dialect, Any]] = {
    "postgres": GuardedPostgres,
    "duckdb": GuardedDuckDB,
    "sqlite": guard_sqlite.GuardedSQLite,
    "mysql": guard_mysql.GuardedMySQL,
}
# What sqlglot may raise on a text it half understands; anything it raises is a refusal.
_PARSER_FAILURES: Final = (
    SqlglotError, ValueError, TypeError, AttributeError, LookupError, AssertionError,
    NotImplementedError,
)  # fmt: skip
_Call = exp.Anonymous | exp.AnonymousAggFunc | exp.ParameterizedAgg
_CALLS: Final = (exp.Anonymous, exp.AnonymousAggFunc, exp.ParameterizedAgg)
_COMPUTING: Final = "Use a function that only computes from its arguments, or leave it out."
_PLAINER: Final = "Write it as a plain SELECT."
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
    check_text(sql)
    rendered = _rendered(sql, dialect, scope)
    # What runs is read once more by the same rules: were a part of it written otherwise than it
    # was read, what hid in a text could come out of it. Some constructs settle only then.
    for _ in range(2):
        again = _rendered(rendered, dialect, scope)
        if again == rendered:
            return rendered
        rendered = again
    raise SqlRefusedError("The statement cannot be written down safely.", _PLAINER)


def _rendered(sql: str, dialect: Dialect, scope: Scope) -> str:
    tree = _parse(sql, dialect)
    try:
        _check_tree(tree, sql, dialect, scope)
        rendered = tree.sql(
            _guarded(dialect),
            comments=False,
            normalize_functions=False,
            # What SQLite lacks would be left out of the text, with a warning nobody reads.
            unsupported_level=ErrorLevel.RAISE if dialect == "sqlite" else ErrorLevel.IGNORE,
        )
    except RecursionError:
        raise _too_deep() from None
    except _PARSER_FAILURES as error:
        raise SqlRefusedError(
            f"The statement cannot be written down safely: {str(error)[:200]}", _PLAINER
        ) from None
    check_rendered(rendered, dialect)
    return rendered


def read_statement(sql: str, dialect: Dialect) -> Expression:
    """Return the tree of one statement that has been checked, or raise SqlRefusedError."""
    return _parse(sql, dialect)


def write_statement(tree: Expression, dialect: Dialect) -> str:
    """Return a tree as a statement; it is checked again before it runs."""
    return tree.sql(_guarded(dialect), comments=False, normalize_functions=False)


def check_text(sql: str) -> None:
    """Refuse a text that a parser and a database could read differently."""
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
                "Remove it; inside a text use chr() or char() with its number.",
            )
    if _EXECUTABLE_COMMENT.search(sql):
        raise SqlRefusedError(
            "Executable comments and hints (/*! … */, /*+ … */) are not allowed.",
            "Leave the comment out.",
        )
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


def _guarded(dialect: Dialect) -> Any:
    own = _DIALECTS.get(dialect)
    if own is not None:
        return own
    from datelier.worker.dialects_extra import DIALECTS  # noqa: PLC0415 - five dialects are 5 MB, and few installations ask these engines

    return DIALECTS[dialect]


def _parse(sql: str, dialect: Dialect) -> Expression:
    guarded = _guarded(dialect)
    chosen = guarded.get_or_raise(guarded)
    try:
        tokens = chosen.tokenize(sql)
        if len(tokens) > MAX_TOKENS or sql.count("[") > MAX_BRACKETS:
            raise SqlRefusedError("The statement has too many parts.", "Ask for less in one query.")
        check_words([token.text.upper() for token in tokens], rules_of(dialect))
        if (
            any(token.token_type == TokenType.PLACEHOLDER for token in tokens)
            and dialect == "sqlite"
        ):
            raise SqlRefusedError(*VERBS["PLACEHOLDER"])
        if dialect == "mysql":
            tokens = guard_mysql.as_written(tokens, sql)
        found = chosen.parser().parse(as_read(tokens, sql, dialect), sql)
    except RecursionError:
        raise _too_deep() from None
    except _PARSER_FAILURES as error:
        verb = _first_word(sql)
        if verb in VERBS:
            raise SqlRefusedError(*VERBS[verb]) from None
        raise SqlRefusedError(
            f"The SQL cannot be read: {_parse_message(error)}",
            f"Check it there; write one SELECT as {TITLES[dialect]} has it.",
        ) from None
    # A comment after the last semicolon is a statement of its own for sqlglot.
    statements = [one for one in found if one is not None and not isinstance(one, exp.Semicolon)]
    if len(statements) != 1:
        raise SqlRefusedError(
            f"Exactly one statement runs at a time; this text holds {len(statements)}.",
            "Send them one by one.",
        )
    return statements[0]


def _parse_message(error: Exception) -> str:
    details = getattr(error, "errors", None)
    if details:
        first = details[0]
        near = str(first.get("highlight") or "")[:60]
        said = re.sub(r"Required keyword: .*", "Something is missing", str(first["description"]))
        return f"{said} near {near!r}, line {first.get('line')}."
    if not isinstance(error, SqlglotError):
        return "it is built in a way that the guard does not know."
    return str(error).partition("\n")[0][:200]


def _check_tree(tree: Expression, sql: str, dialect: Dialect, scope: Scope) -> None:
    _check_root(tree, sql)
    named = Names(tree, scope, dialect)
    for node, depth in _walk(tree):
        if depth > MAX_DEPTH:
            raise _too_deep()
        _check_node(node, dialect, scope)
        if isinstance(node, exp.Table):
            _check_from(node, dialect)
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


def _check_root(tree: Expression, sql: str) -> None:
    if isinstance(tree, exp.Select) and not tree.expressions:
        raise SqlRefusedError("The SELECT names no columns.", "Say what to select.")
    if isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery | exp.Values | exp.Pivot):
        return
    raise SqlRefusedError(*_refusal_of_root(tree, sql))


def _refusal_of_root(tree: Expression, sql: str) -> tuple[str, str]:
    """By the word the statement begins with, or by what it turned out to be."""
    first = _first_word(sql)
    kind = (tree.name if isinstance(tree, exp.Command) else type(tree).__name__).upper()
    for verb in (first, kind):
        if verb in VERBS:
            return VERBS[verb]
    return (f"{first or 'This'} is not a query.", "Write one SELECT.")


def _first_word(sql: str) -> str:
    """In capitals, behind comments and brackets."""
    found = re.match(r"(?:\s|--[^\n]*(?:\n|$)|\#[^\n]*(?:\n|$)|/\*.*?\*/|\()*(\w+)", sql, re.DOTALL)
    return found[1].upper() if found else ""


def _check_node(node: Expression, dialect: Dialect, scope: Scope) -> None:
    if isinstance(node, _CALLS):
        _check_function(node, dialect, scope)
        return
    kind = type(node).__name__
    rules = rules_of(dialect)
    if rules.refuse is not None and (refused := rules.refuse(node)):
        raise SqlRefusedError(*refused)
    if kind not in NODES and kind not in SYNTAX_FUNCTIONS and kind not in rules.nodes:
        raise SqlRefusedError(*_refusal_of(kind, dialect))
    if isinstance(node, exp.DataType):
        _check_type(node)


def _refusal_of(kind: str, dialect: Dialect) -> tuple[str, str]:
    known = rules_of(dialect).refusals.get(kind.upper()) or VERBS.get(kind.upper())
    if known:
        return known
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).upper()
    return (f"{words} is not allowed in a read-only query.", "Write a plain SELECT without it.")


def _check_function(node: "_Call", dialect: Dialect, scope: Scope) -> None:
    called: object = node.this
    if isinstance(called, exp.Identifier) and called.args.get("quoted"):
        raise SqlRefusedError(
            f"A quoted function name ({called.name[:80]}) is not allowed.",
            "Write the function's name without quotes.",
        )
    name = (called.name if isinstance(called, Expression) else str(called)).lower()
    if name == "st_transform" and (len(node.expressions) != 2 or not node.expressions[1].is_int):
        # As a text, a projection may name files of the database's machine.
        raise SqlRefusedError("st_transform() needs a number of a projection.", "Write its SRID.")
    if name in scope.own_functions:
        raise SqlRefusedError(
            f"{name}() is a function of this database's owner that may change data.",
            "Leave it out; a function that only computes can be declared STABLE by its owner.",
        )
    if is_allowed(name, dialect):
        return
    near = get_close_matches(name, ALLOWED[dialect], n=3, cutoff=0.75)
    hint = rules_of(dialect).hints.get(name)
    hint = hint or (f"Did you mean {', '.join(near)}?" if near else _COMPUTING)
    raise SqlRefusedError(f"The function {name[:80]}() is not allowed in a read-only query.", hint)


def _check_from(table: exp.Table, dialect: Dialect) -> None:
    made_for_it = TABLE_FUNCTIONS.get(dialect)
    if made_for_it is None or not isinstance(table.this, exp.Anonymous):
        return
    if (name := table.this.name.lower()) not in made_for_it:
        raise SqlRefusedError(
            f"The table function {name[:80]}() is not allowed.",
            f"FROM may call {', '.join(sorted(made_for_it))}; or name a table.",
        )


def _check_type(node: exp.DataType) -> None:
    named = node.args.get("kind")
    if named is None:
        return
    text = named.sql() if isinstance(named, Expression) else str(named)
    if not re.fullmatch(r'"?\w+"?(\."?\w+"?)?', text) or re.match(r"(?i)\"?(reg|pg_)", text):
        raise SqlRefusedError(
            f"The type {text[:80]} is not allowed.", "Cast to a plain type such as text or numeric."
        )


def check_rendered(sql: str, dialect: Dialect) -> None:
    """Read the text that will run once more, with a lexer of our own."""
    rules = rules_of(dialect)
    lexeme, denied = rules.lexeme or _LEXEME, rules.denied or _DENIED_CALL
    position, word = 0, ""
    while position < len(sql):
        match = lexeme.match(sql, position)
        if match is None or sql.startswith(("--", "/*"), position):
            raise SqlRefusedError(
                f"The statement cannot be read safely near {sql[position:][:40]!r}.", _PLAINER
            )
        if match["mark"] == "(" and denied.match(word):
            raise SqlRefusedError(
                f"The function {word}() is not allowed in a read-only query.", _COMPUTING
            )
        if match["space"] is None:
            word = (match["word"] or (match["quoted"] or "").strip('"`')).lower()
        position = match.end()
