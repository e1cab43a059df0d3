"""The parser wall of writes: one INSERT, UPDATE or DELETE, made of parts that may be read.

The statement itself is an allow-list of its parts. Every expression in it is also put into a
SELECT, and that SELECT passes the wall of the read path: a write can call nothing and name
nothing that a query could not. The same SELECT shows which rows are affected.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlglot import exp
from sqlglot.expressions.core import Expr as Expression

from datelier.worker.errors import SqlRefusedError
from datelier.worker.functions import Dialect
from datelier.worker.grammar import VERBS
from datelier.worker.guard import check, check_rendered, check_text, read_statement, write_statement
from datelier.worker.guard_narrow import affects_everything
from datelier.worker.scope import ANYWHERE, Scope

Verb = Literal["INSERT", "UPDATE", "DELETE"]
SHOWN: Final = 20

_ONE: Final = "Write one INSERT, UPDATE or DELETE."
_PARTS: Final[dict[type[Expression], frozenset[str]]] = {
    exp.Insert: frozenset({"this", "expression", "conflict", "with_"}),
    exp.Update: frozenset({"this", "expressions", "from_", "where", "with_"}),
    exp.Delete: frozenset({"this", "using", "where", "with_"}),
}
# Parts that other databases have too, but read otherwise or not at all.
_ELSEWHERE: Final[dict[str, frozenset[Dialect]]] = {
    "using": frozenset({"postgres"}),
    "from_": frozenset({"postgres", "sqlite"}),
}
_WORDS: Final = {"default": "DEFAULT VALUES", "alternative": "OR …", "tables": "A list of tables"}
_CHANGES: Final = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
_TABLE_PARTS: Final = frozenset({"this", "db", "alias"})
_INSTEAD: Final[dict[str, str]] = {
    "DROP": "Removing tables is for their owner: propose the statement in words.",
    "TRUNCATE": "Write DELETE FROM the table; it can be undone until it is committed.",
    "CREATE": "Changing the schema is for its owner: propose the statement in words.",
    "ALTER": "Changing the schema is for its owner: propose the statement in words.",
    "MERGE": "Write an UPDATE and an INSERT, one after the other.",
    "REPLACE": "Write an UPDATE, or an INSERT.",
    "SELECT": "A query needs no approval: use the tool for queries.",
    "WITH": "A query needs no approval: use the tool for queries.",
}


@dataclass(frozen=True, slots=True)
class Write:
    """One statement that changes rows.

    Attributes:
        sql: As it will run.
        table: Its target, with the schema if one was written.
        target: The bare name of that table.
        affected: A SELECT of the affected rows as they are, or of the rows to insert.
        changed: The columns that an UPDATE sets; the last columns of `affected` are their new
            values, in this order.
        everything: No condition narrows it down, so that every row is affected.
        rows: How many rows it inserts, where they are written out.
    """

    verb: Verb
    sql: str
    table: str
    target: str
    affected: str
    changed: tuple[str, ...] = ()
    everything: bool = False
    rows: int | None = None


def check_write(sql: str, dialect: Dialect, scope: Scope = ANYWHERE) -> Write:
    """Return a statement as it will run; raise SqlRefusedError naming what is not allowed."""
    check_text(sql)
    first = _checked(sql, dialect, scope)
    again = _checked(first.sql, dialect, scope)
    if again.sql != first.sql:
        raise SqlRefusedError("The statement cannot be written down safely.", _ONE)
    return again


def _checked(sql: str, dialect: Dialect, scope: Scope) -> Write:
    tree = read_statement(sql, dialect)
    _check_parts(tree, dialect)
    target = _target(tree)
    if isinstance(tree, exp.Insert):
        written = _insert(tree, target, dialect, scope)
    elif isinstance(tree, exp.Update):
        written = _update(tree, target, dialect, scope)
    else:
        written = _delete(tree, target, dialect, scope)
    rendered = write_statement(tree, dialect)
    check_rendered(rendered, dialect)
    name = ".".join(part for part in (target.db, target.name) if part)
    return Write(sql=rendered, table=name, target=target.name, **written)


def _check_parts(tree: Expression, dialect: Dialect) -> None:
    allowed = _PARTS.get(type(tree))
    if allowed is None:
        raise _other(tree)
    for name, value in tree.args.items():
        if value and (name not in allowed or dialect not in _ELSEWHERE.get(name, {dialect})):
            word = _WORDS.get(name) or name.rstrip("_").replace("_", " ").upper()
            raise SqlRefusedError(f"{word} is not allowed in a write.", f"Leave {word} out.")
    if any(node is not tree for node in tree.find_all(*_CHANGES)):
        raise SqlRefusedError(
            "A write inside of another statement is not allowed.", "Send them one by one."
        )


def _other(tree: Expression) -> SqlRefusedError:
    kind = (tree.name if isinstance(tree, exp.Command) else type(tree).__name__).upper()
    kind = {"TRUNCATETABLE": "TRUNCATE", "SUBQUERY": "SELECT", "UNION": "SELECT"}.get(kind, kind)
    known = VERBS.get(kind)
    message = known[0] if known else f"{kind} is no INSERT, UPDATE or DELETE."
    return SqlRefusedError(message, _INSTEAD.get(kind, _ONE))


def _target(tree: Expression) -> exp.Table:
    found: Any = tree.this
    if isinstance(tree, exp.Insert) and isinstance(found, exp.Schema):
        if not all(isinstance(column, exp.Identifier) for column in found.expressions):
            raise SqlRefusedError("The columns to insert into must be plain names.", _ONE)
        found = found.this
    plain = isinstance(found, exp.Table) and isinstance(found.this, exp.Identifier)
    if not plain or any(v and k not in _TABLE_PARTS for k, v in found.args.items()):
        raise SqlRefusedError("The target must be one table by its name.", _ONE)
    with_ = tree.args.get("with_")
    named = {cte.alias.lower() for cte in with_.expressions} if with_ is not None else set[str]()
    if found.name.lower() in named:
        raise SqlRefusedError("WITH gives its name to the target.", "Choose another name.")
    return found


def _refuse_default(node: Expression) -> None:
    for one in node.find_all(exp.Var, exp.Column):
        quoted = isinstance(one.this, exp.Identifier) and one.this.args.get("quoted")
        if one.name.upper() == "DEFAULT" and not quoted:
            raise SqlRefusedError(
                "DEFAULT is not allowed, because nobody could see the value.",
                "Leave the column out of an INSERT; in an UPDATE write the value.",
            )


def _insert(tree: exp.Insert, target: exp.Table, dialect: Dialect, scope: Scope) -> dict[str, Any]:
    conflict: Any = tree.args.get("conflict")
    if conflict is not None and not _does_nothing(conflict):
        raise SqlRefusedError(
            "ON CONFLICT may name columns and do nothing.", "Write an UPDATE for rows that exist."
        )
    # The target's name is checked like one that is read.
    check(_sql(exp.select("1").from_(target.copy()), dialect), dialect, scope)
    source: Any = tree.expression
    if isinstance(source, exp.Values):
        return _values(tree, source, dialect, scope)
    if not isinstance(source, exp.Query):
        raise SqlRefusedError("INSERT needs VALUES or a SELECT.", _ONE)
    query = source.copy()
    if tree.args.get("with_") is not None:
        query.set("with_", tree.args["with_"].copy())
    return {"verb": "INSERT", "affected": check(_sql(query, dialect), dialect, scope)}


def _does_nothing(conflict: Expression) -> bool:
    parts = {name for name, value in conflict.args.items() if value}
    keys: list[Any] = conflict.args.get("conflict_keys") or []
    columns = [key.this if isinstance(key, exp.Ordered) else key for key in keys]
    plain = all(isinstance(one, exp.Column) and not one.table for one in columns)
    action = str(conflict.args.get("action")).upper()
    return parts <= {"action", "conflict_keys"} and action == "DO NOTHING" and plain


def _values(tree: exp.Insert, values: exp.Values, dialect: Dialect, scope: Scope) -> dict[str, Any]:
    _refuse_default(values)
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in values.expressions]
    cells = [cell for row in rows for cell in row]
    with_ = tree.args.get("with_")
    check(_sql(_with(exp.select(*[cell.copy() for cell in cells]), with_), dialect), dialect, scope)
    schema: Any = tree.this
    names = [c.copy() for c in schema.expressions] if isinstance(schema, exp.Schema) else []
    if len({len(row) for row in rows}) != 1 or (names and len(names) != len(rows[0])):
        raise SqlRefusedError("Every row needs a value for every column.", _ONE)
    names = names or [exp.to_identifier(f"column{n}") for n in range(1, len(rows[0]) + 1)]
    shown: Any = None
    for row in rows[:SHOWN]:
        one = exp.select(
            *[exp.alias_(cell.copy(), name.copy()) for cell, name in zip(row, names, strict=True)]
        )
        shown = one if shown is None else exp.union(shown, one, distinct=False)
    affected = check(_sql(_with(shown, with_), dialect), dialect, scope)
    return {"verb": "INSERT", "affected": affected, "rows": len(rows)}


def _update(tree: exp.Update, target: exp.Table, dialect: Dialect, scope: Scope) -> dict[str, Any]:
    names: list[str] = []
    new: list[Expression] = []
    for change in tree.expressions:
        left: Any = change.this
        plain = isinstance(change, exp.EQ) and isinstance(left, exp.Column)
        own = plain and left.table in {"", target.alias or target.name}
        if not own or not isinstance(left.this, exp.Identifier):
            raise SqlRefusedError(
                "SET takes single columns of the table.", "Write SET a = …, b = …."
            )
        _refuse_default(change.expression)
        if dialect == "mysql":
            _refuse_changed(change.expression, names)
        names.append(left.name)
        new.append(exp.alias_(change.expression.copy(), f"new {left.name}", quoted=True))
    others: Any = tree.args.get("from_")
    tables = [others.this] if others is not None else []
    affected = _affected(tree, target, tables, new, dialect)
    return {
        "verb": "UPDATE",
        "affected": check(affected, dialect, scope),
        "changed": tuple(names),
        "everything": affects_everything(tree, target),
    }


def _refuse_changed(value: Expression, before: list[str]) -> None:
    """MySQL would read the new value of a column that was set before; the preview the old one."""
    changed = {name.lower() for name in before}
    for column in value.find_all(exp.Column):
        if column.name.lower() in changed:
            raise SqlRefusedError(
                f"{column.name} is set in the same statement before it is read.",
                "Put the assignment that reads it first, or send two statements.",
            )


def _delete(tree: Expression, target: exp.Table, dialect: Dialect, scope: Scope) -> dict[str, Any]:
    affected = _affected(tree, target, tree.args.get("using") or [], [], dialect)
    return {
        "verb": "DELETE",
        "affected": check(affected, dialect, scope),
        "everything": affects_everything(tree, target),
    }


def _affected(
    tree: Expression,
    target: exp.Table,
    others: list[Expression],
    new: list[Expression],
    dialect: Dialect,
) -> str:
    alias = target.args.get("alias")
    name: Any = alias.this if alias is not None else target.this
    whole = exp.Column(this=exp.Star(), table=name.copy())
    query = exp.select(whole, *new).from_(target.copy())
    for other in others:
        if other.args.get("joins"):
            raise SqlRefusedError(
                "Joins beside the target are not allowed in a write.",
                "Name the tables one by one and put the conditions into WHERE.",
            )
        query = query.join(other.copy(), join_type="cross")
    if tree.args.get("where") is not None:
        query.set("where", tree.args["where"].copy())
    return _sql(_with(query, tree.args.get("with_")), dialect)


def _with(query: Any, with_: Expression | None) -> Any:
    if with_ is not None:
        query.set("with_", with_.copy())
    return query


def _sql(tree: Expression, dialect: Dialect) -> str:
    return write_statement(tree, dialect)
