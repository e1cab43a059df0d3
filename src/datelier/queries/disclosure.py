"""What of a result a model may see. Private values never pass; in doubt a column is withheld.

A column of a result is shown when it is free of private columns, or when it is a count, or a
sum, mean, deviation or variance that covers at least `LEAST` different values in every group. To
know that, the statement must be one plain SELECT: a subquery, a CTE or a set operation over
private tables withholds everything. The covered values are counted by a second query.

The rows themselves are stored as ever: people see them in the grid.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from datelier.kit.context import Context
from datelier.kit.errors import DatelierError
from datelier.queries.schemas import QueryVersionOut
from datelier.sources.attached import attached_sources
from datelier.sources.gateway import WorkerGateway
from datelier.sources.preview import rows_of
from datelier.sources.privacy import DIALECTS, Privacy, source_privacy
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect

if TYPE_CHECKING:
    from sqlglot import exp

LEAST: Final = 5
WITHHELD: Final = "(private)"
_COUNTS: Final = frozenset({"count", "count_star", "approx_count_distinct"})
_SUMMARIES: Final = frozenset(
    ["sum", "avg", "mean", "stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp"]
)
_WRAPPERS: Final = frozenset({"round", "ceil", "ceiling", "floor", "abs", "coalesce", "nullif"})
_ARITHMETIC: Final = ("Add", "Sub", "Mul", "Div", "Neg", "Paren", "Cast", "Alias", "Coalesce",
                      "Round", "Ceil", "Floor", "Abs", "Nullif", "TryCast")  # fmt: skip
_LEAVES: Final = ("Literal", "Null", "Boolean", "DataType", "DataTypeParam", "Identifier", "Var")
# Whatever hides where a value comes from.
# Dialects that let a value come under another name almost anywhere.
_LENIENT: Final = frozenset({"clickhouse", "trino", "bigquery", "snowflake", "tsql"})
_OPAQUE: Final = frozenset(
    [
        "With",
        "CTE",
        "Subquery",
        "Union",
        "Intersect",
        "Except",
        "Lateral",
        "Pivot",
        "Unnest",
        "Values",
        "TableFromRows",
        "Columns",
        "TableSample",
        "JSONTable",
        "Exists",
    ]
)
# What a database says about the statement alone; anything else may quote a value.
_ABOUT_SQL: Final = re.compile(
    r"(Catalog Error: |Binder Error: Referenced (column|table) |Parser Error: syntax error"
    r"|column .{1,200} does not exist|relation .{1,200} does not exist|missing FROM-clause entry"
    r"|column .{1,200} must appear in the GROUP BY|column reference .{1,100} is ambiguous"
    r"|syntax error at or near|function .{1,200} does not exist|operator does not exist"
    r"|permission denied for|aggregate functions are not allowed|no such (table|column): "
    r"|Unknown column '|Table '[^']{1,200}' doesn't exist)"
)
# These never hold a value: they are written before a statement meets data, or are fixed texts.
_OWN_WORDS: Final = frozenset(
    [
        "sql_refused",
        "timeout",
        "cancelled",
        "no_worker",
        "worker_lost",
        "auth_failed",
        "unreachable",
        "interrupted",
        "not_found",
        "validation_failed",
    ]
)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Which columns of a result a model sees, by position; `names` are what it may call them."""

    shown: tuple[bool, ...]
    names: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is withheld."""
        return all(self.shown)

    @property
    def withheld(self) -> list[str]:
        """Names of the columns whose values the model does not see."""
        return [name for name, ok in zip(self.names, self.shown, strict=True) if not ok]

    def rows(self, rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Return rows with what is withheld replaced; no rows at all when all of it is."""
        if not any(self.shown):
            return []
        return [
            [cell if ok else WITHHELD for cell, ok in zip(row, self.shown, strict=True)]
            for row in rows
        ]

    def note(self, count: int | None) -> str:
        """What the model is told about what it does not see."""
        what = ", ".join(self.withheld) if any(self.shown) else "every column"
        return (
            f"Private: the values of {what} are shown to the person ({count} rows in the result "
            f"card), not to you. You may see counts, and sums, averages and deviations over at "
            f"least {LEAST} different values in every group (HAVING count(DISTINCT column) >= "
            f"{LEAST}), from one plain SELECT without WITH, subquery or window."
        )


async def disclosure_of(ctx: Context, version: QueryVersionOut) -> Disclosure:
    """Return what of a finished version's result a model may see; no transaction may be open."""
    names = [column.name for column in version.columns]
    async with ctx.begin() as tx:
        rule = await source_privacy(tx, version.source_id)
        known = set[str]() if rule.open else await _catalog_names(tx, version.source_id)
    if rule.open:
        return Disclosure((True,) * len(names), tuple(names))
    judged = _judge(version.sql, rule, names)
    shown = list(judged.shown)
    if judged.check is not None:
        covered = await _covered(ctx, version.source_id, judged.check)
        for position, slots in judged.needs.items():
            enough = covered is not None and all(covered[slot] >= LEAST for slot in slots)
            shown[position] = shown[position] and enough
    return Disclosure(tuple(shown), _safe_names(names, shown, version.sql, known))


async def _catalog_names(ctx: Context, source_id: UUID) -> set[str]:
    sources = await attached_sources(ctx, [source_id])
    tables: list[dict[str, Any]] = [t for s in sources for t in (s.catalog or {}).get("tables", ())]
    return {str(column["name"]).lower() for table in tables for column in table["columns"]}


async def model_error(ctx: Context, source_id: UUID, error: dict[str, Any]) -> dict[str, Any]:
    """Return a failure as a model may read it: a database's message can quote a private value."""
    async with ctx.begin() as tx:
        rule = await source_privacy(tx, source_id)
    if rule.open or error["code"] in _OWN_WORDS or _ABOUT_SQL.match(str(error["message"])):
        return error
    return {
        "code": error["code"],
        "message": "The database could not run it. Its message is shown to the person only, "
        "because this source holds private values.",
    }


@dataclass(slots=True)
class _Judged:
    """Columns by position, and the query that counts what summaries cover."""

    shown: list[bool]
    needs: dict[int, list[int]]
    check: str | None = None


def _judge(sql: str, rule: Privacy, names: Sequence[str]) -> _Judged:
    from datelier.worker.guard import read_statement  # noqa: PLC0415  # lazy: a second of CPU and 30 MB, for private sources only

    nothing = _Judged([False] * len(names), {})
    dialect = DIALECTS.get(rule.engine)
    if dialect is None:
        return nothing
    try:
        return _Judge(read_statement(sql, dialect), rule, dialect).judge(names) or nothing
    except (WorkerError, RecursionError):
        return nothing


class _Judge:
    """One statement against one rule."""

    def __init__(self, tree: "exp.Expr", rule: Privacy, dialect: Dialect) -> None:
        from sqlglot import exp  # noqa: PLC0415  # see _judge

        self._exp = exp
        self._tree = tree
        self._dialect: Dialect = dialect
        self._tables = {table.name.lower() for table in tree.find_all(exp.Table)}
        self._aliases = self._tables | {
            alias.name.lower() for alias in tree.find_all(exp.TableAlias)
        }
        self._all = rule.everything
        self._hidden = rule.hidden_in(self._tables)
        self._renamed: set[str] = set()

    def judge(self, names: Sequence[str]) -> _Judged | None:
        """Return the judgement, or None when nothing may be shown."""
        judged = self._by_origin(names)
        if judged is not None:
            # Whatever was overlooked: a column that bears a private name is not shown.
            for position, name in enumerate(names):
                if name.lower() in self._hidden and position not in judged.needs:
                    judged.shown[position] = False
        return judged

    def _by_origin(self, names: Sequence[str]) -> _Judged | None:
        if not self._all and not self._brings(self._tree):
            return _Judged([True] * len(names), {})
        if not isinstance(self._tree, self._exp.Select) or self._is_opaque():
            return None
        parts = list(self._tree.expressions)
        if len(parts) == 1 and self._is_plain_star(parts[0]) and not self._all:
            return _Judged([name.lower() not in self._hidden for name in names], {})
        if len(parts) != len(names) or any(part.is_star for part in parts):
            return None
        # An engine may let one column of the list use another's new name.
        self._renamed = {part.alias.lower() for part in parts if part.alias and self._brings(part)}
        judged, summaries = _Judged([], {}), list["exp.Expr"]()
        for position, part in enumerate(parts):
            found: list[exp.Expr] = []
            ok = self._is_open(part, found)
            judged.shown.append(ok)
            if ok and found:
                judged.needs[position] = list(range(len(summaries), len(summaries) + len(found)))
                summaries += found
        if summaries:
            judged.check = self._check(summaries)
        return judged

    def _is_opaque(self) -> bool:
        """Whether values may come under other names than their columns'."""
        nodes = list(self._tree.walk())
        return sum(isinstance(node, self._exp.Select) for node in nodes) != 1 or any(
            type(node).__name__ in _OPAQUE
            or _name(node) == "columns"
            or (isinstance(node, self._exp.TableAlias) and node.args.get("columns"))
            or (isinstance(node, self._exp.Table) and not self._is_named(node))
            or (self._dialect in _LENIENT and self._renames(node))
            for node in nodes
        )

    def _renames(self, node: "exp.Expr") -> bool:
        """`ARRAY JOIN c AS x`, `FROM t, t.c AS x`, `(c AS x) = 1`: x would show what c holds."""
        inside = isinstance(node, self._exp.Alias) and node.parent is not self._tree
        return inside or isinstance(node, self._exp.Join)

    def _is_named(self, table: "exp.Table") -> bool:
        return isinstance(table.this, self._exp.Identifier)

    def _brings(self, node: "exp.Expr") -> bool:
        return any(self._touches(inner) for inner in node.walk())

    def _is_plain_star(self, node: "exp.Expr") -> bool:
        """`SELECT *` of one table: its columns keep their names."""
        changed = any(node.args.get(part) for part in ("replace", "rename"))
        tables = sum(isinstance(one, self._exp.Table) for one in self._tree.walk())
        return isinstance(node, self._exp.Star) and not changed and tables == 1

    def _touches(self, node: "exp.Expr") -> bool:
        """Whether a node may bring in a private value, were it shown."""
        if self._all:
            return isinstance(node, self._exp.Column | self._exp.Star)
        if not self._hidden:
            return False
        if isinstance(node, self._exp.Column):
            name = node.name.lower()
            # A table's own name stands for its whole row.
            own = self._hidden | self._aliases | self._renamed
            return name in own or node.is_star
        if isinstance(node, self._exp.Star):
            return not self._is_counted(node)
        if isinstance(node, self._exp.TableAlias):
            return bool(node.args.get("columns"))
        return type(node).__name__ in {"Columns", "Pivot"} or _name(node) == "columns"

    def _is_counted(self, star: "exp.Expr") -> bool:
        parent = star.parent
        return (
            isinstance(parent, self._exp.Anonymous | self._exp.Count) and _name(parent) in _COUNTS
        )

    def _is_open(self, node: "exp.Expr", summaries: list["exp.Expr"]) -> bool:
        """Whether an expression shows no private value; what must cover enough is collected."""
        if not self._brings(node):
            # Constants, and columns that are not private, in whatever function.
            return not self._all or not _has_calls(node)
        if type(node).__name__ == "Filter":
            return _name(node.this) in _COUNTS  # of rows that a condition chose
        name = _name(node)
        if name in _COUNTS | _SUMMARIES:
            return not self._windowed(node) and _summarizes(node, name, summaries)
        if type(node).__name__ in _ARITHMETIC or name in _WRAPPERS:
            return all(self._is_open(child, summaries) for child in _children(node))
        return False

    def _windowed(self, node: "exp.Expr") -> bool:
        return isinstance(node.parent, self._exp.Window | self._exp.WithinGroup)

    def _check(self, summaries: Sequence["exp.Expr"]) -> str:
        """A query for the fewest different values that each summary covers in any group."""
        exp = self._exp
        inner = cast("exp.Select", self._tree.copy())
        for part in ("order", "limit", "offset", "distinct", "qualify"):
            inner.set(part, None)
        for slot, one in enumerate(summaries):
            inner.append("expressions", exp.alias_(_call("count", one), f"dtl_covered_{slot}"))
        least = [
            exp.alias_(_call("min", exp.column(f"dtl_covered_{slot}"), distinct=False), f"n{slot}")
            for slot in range(len(summaries))
        ]
        outer = exp.Select(expressions=least).from_(inner.subquery("dtl_groups"))
        from datelier.worker.guard import write_statement  # noqa: PLC0415  # see _judge

        return write_statement(outer, self._dialect)


def _summarizes(node: "exp.Expr", name: str, summaries: list["exp.Expr"]) -> bool:
    """Whether a call only counts, or sums up something whose coverage can be counted."""
    if name in _COUNTS:
        return True
    given = _arguments(node)
    if len(given) != 1 or not _is_arithmetic(given[0]):
        return False
    summaries.append(given[0])
    return True


def _call(name: str, argument: "exp.Expr", *, distinct: bool = True) -> "exp.Expr":
    from sqlglot import exp  # noqa: PLC0415  # see _judge

    given = exp.Distinct(expressions=[argument.copy()]) if distinct else argument
    return exp.Anonymous(this=name, expressions=[given])


def _name(node: "exp.Expr | None") -> str:
    """The lower-case name of a call; empty for anything else."""
    if node is None:
        return ""
    kind = type(node).__name__
    if kind in {"Anonymous", "AnonymousAggFunc"}:
        return str(node.name or node.this).lower()
    return kind.lower() if kind in {"Count", "Sum", "Avg", "Stddev", "Variance"} else ""


def _arguments(node: "exp.Expr") -> list["exp.Expr"]:
    return list(node.expressions) or ([node.this] if hasattr(node.this, "walk") else [])


def _children(node: "exp.Expr") -> Iterator["exp.Expr"]:
    return (child for child in node.iter_expressions() if type(child).__name__ not in _LEAVES)


def _is_arithmetic(node: "exp.Expr") -> bool:
    """Columns, numbers and arithmetic alone: nothing that could pick out single rows."""
    allowed = {"Column", "Add", "Sub", "Mul", "Div", "Neg", "Paren", "Cast", *_LEAVES}
    return all(type(inner).__name__ in allowed for inner in node.walk())


def _has_calls(node: "exp.Expr") -> bool:
    return any(type(inner).__name__ in {"Anonymous", "AnonymousAggFunc"} for inner in node.walk())


async def _covered(ctx: Context, source_id: UUID, sql: str) -> list[int] | None:
    """Run the counting query; None when it fails, which withholds what depends on it."""
    gateway = ctx.resources.get(WorkerGateway)
    try:
        answer = await gateway.perform(ctx, source_id, "execute", {"sql": sql, "row_limit": 1})
        page = await rows_of(answer)
        return [0 if column[0] is None else int(column[0]) for column in page.data]
    except (DatelierError, ValueError, IndexError, TypeError):
        return None


def _safe_names(
    names: Sequence[str], shown: Sequence[bool], sql: str, known: set[str]
) -> tuple[str, ...]:
    """Names of columns may themselves be values (a pivot): those not written anywhere are not."""
    written = set(re.findall(r"\w+", sql.lower()))
    safe: list[str] = []
    for position, (name, ok) in enumerate(zip(names, shown, strict=True), 1):
        ours = name.lower() in known or set(re.findall(r"\w+", name.lower())) <= written
        safe.append(name if ok or ours else f"column {position}")
    return tuple(safe)
