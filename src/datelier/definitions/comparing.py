"""Whether another statement computes what a definition's SQL does.

A statement *uses* a definition when one of its SELECTs is the definition's, or computes the
definition's measures over the same tables with all of the definition's conditions; more
conditions, other groups, another order and other names are what a question adds. Joining further
tables is not: it could count a row twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from datelier.definitions.reading import AGGREGATES, DEFAULT_SCHEMAS, called, read_tree
from datelier.sources.schemas import CatalogTable

if TYPE_CHECKING:
    from sqlglot import exp

_RESHAPING: Final = ("sample", "pivots", "laterals", "match", "connect")
_SWAPPABLE: Final = frozenset({"And", "Or", "EQ", "NEQ", "Add", "Mul"})
_UNHEARD: Final = frozenset({"Alias", "Paren"})  # they change names and looks, not values


def uses(definition: str, statement: str, engine: str, tables: Sequence[CatalogTable]) -> bool:
    """Whether a statement computes what a definition says; False when either cannot be read.

    Args:
        definition: The definition's SQL.
        statement: The SQL of an answer.
        engine: The source's engine, whose dialect both are in.
        tables: The source's catalog: says which table a column without one belongs to.
    """
    from sqlglot import exp  # noqa: PLC0415  # lazy: it takes a second of CPU

    wanted, given = read_tree(definition, engine), read_tree(statement, engine)
    if wanted is None or given is None:
        return False
    known = {
        table.name.lower(): frozenset(column.name.lower() for column in table.columns)
        for table in tables
    }
    try:
        keys = _Keys(engine, known)
        whole = keys.of(wanted)
        asked = list(_queries(given))
        if any(keys.of(node) == whole for node in asked):
            return True
        if not isinstance(wanted, exp.Select):
            return False
        shape = keys.shape(wanted)
        return any(
            shape.is_within(keys.shape(node)) for node in asked if isinstance(node, exp.Select)
        )
    except RecursionError:
        return False


def _queries(tree: "exp.Expr") -> "list[exp.Expr]":
    """Every query that the result is made of; a CTE that nothing reads is none."""
    from sqlglot import exp  # noqa: PLC0415  # lazy: it takes a second of CPU

    ctes = {cte.alias.lower(): cte.this for cte in tree.find_all(exp.CTE)}
    found: list[exp.Expr] = []
    waiting: list[exp.Expr] = [tree]
    while waiting:
        part = waiting.pop()
        for node in part.walk(prune=lambda inner: isinstance(inner, exp.With)):
            if isinstance(node, exp.Query):
                found.append(node)
            elif isinstance(node, exp.Table) and not node.db:
                read = ctes.pop(node.name.lower(), None)
                waiting += [] if read is None else [read]
    return found


@dataclass(frozen=True, slots=True)
class _Shape:
    """A SELECT as far as it says what is computed.

    Attributes:
        plain: Nothing in it (DISTINCT, LIMIT, a window's QUALIFY …) depends on the whole of it.
    """

    sources: tuple[str, ...]
    conditions: frozenset[str]
    having: frozenset[str]
    groups: frozenset[str]
    measures: frozenset[str]
    contained: frozenset[str]
    grouped: bool
    plain: bool

    def is_within(self, other: "_Shape") -> bool:
        """Whether `other` computes the same over the same rows, or over some of them."""
        if not self.plain or self.sources != other.sources or not self.sources:
            return False
        if not self.conditions <= other.conditions or not self.having <= other.having:
            return False
        if self.having and self.groups != other.groups:
            return False  # a condition on groups means something else on other groups
        if self.measures:
            return self.measures <= other.contained
        # Without a measure it says which rows are meant; without a condition it says nothing.
        return bool(self.conditions) and not self.grouped


class _Keys:
    """Writes parts of statements so that those that mean the same are written the same."""

    def __init__(self, engine: str, known: Mapping[str, frozenset[str]]) -> None:
        from sqlglot import exp  # noqa: PLC0415  # lazy: it takes a second of CPU

        self._exp = exp
        self._exact = engine == "postgresql"
        self._known = known

    def of(self, node: "exp.Expr") -> str:
        """Return the key of a node."""
        kind = type(node).__name__
        if kind in _UNHEARD:
            return self.of(node.this)
        if isinstance(node, self._exp.Identifier):
            return self._name(node)
        if isinstance(node, self._exp.Table):
            return self._table(node)
        if isinstance(node, self._exp.Column):
            return f"{self._owner(node)}.{self._given(node.this)}"
        if kind in _SWAPPABLE:
            return f"{kind}({', '.join(sorted(self._operands(node, kind)))})"
        return f"{called(node)}({', '.join(self._arguments(node))})"

    def _arguments(self, node: "exp.Expr") -> Iterator[str]:
        query = isinstance(node, self._exp.Query)
        for name, value in sorted(node.args.items()):
            if value is None or value is False or value == []:
                continue
            if name in {"with_", "with"} or (
                query and name == "order" and not node.args.get("limit")
            ):
                continue  # a CTE is written where it is used; an order alone changes no value
            if name == "this" and called(node) == str(value).lower():
                continue
            yield f"{name}={self._given(value)}"

    def _given(self, value: object) -> str:
        if isinstance(value, self._exp.Expr):
            return self.of(value)
        if isinstance(value, list | tuple):
            return f"[{', '.join(map(self._given, cast('Sequence[object]', value)))}]"
        return repr(value)

    def _operands(self, node: "exp.Expr", kind: str) -> Iterator[str]:
        for side in (node.this, node.args.get("expression")):
            inner = self._bare(side)
            if inner is None:
                continue
            if type(inner).__name__ == kind and kind not in {"EQ", "NEQ"}:
                yield from self._operands(inner, kind)
            else:
                yield self.of(inner)

    def _bare(self, node: "exp.Expr | None") -> "exp.Expr | None":
        while isinstance(node, self._exp.Paren):
            node = node.this
        return node

    def _name(self, node: "exp.Identifier") -> str:
        exact = self._exact and node.args.get("quoted")
        return node.name if exact else node.name.lower()

    def _table(self, node: "exp.Table") -> str:
        made = self._made_before(node)
        if made is not None:
            return self.of(made)
        schema = node.db.lower()
        prefix = "" if schema in DEFAULT_SCHEMAS else f"{schema}."
        called = node.this if isinstance(node.this, self._exp.Identifier) else None
        name = self._name(called) if called is not None else self._given(node.this)
        more = sorted(set(node.args) - {"this", "db", "catalog", "alias"})
        rest = "".join(f" {key}={self._given(node.args[key])}" for key in more if node.args[key])
        return f"table({prefix}{name}{rest})"

    def _made_before(self, node: "exp.Table") -> "exp.Expr | None":
        """The query of the CTE that a table's name stands for."""
        if node.db:
            return None
        parent = node.parent
        while parent is not None:
            ctes: Any = parent.args.get("with_") or parent.args.get("with")
            for cte in ctes.expressions if ctes is not None else ():
                if cte.alias.lower() == node.name.lower() and cte is not node.find_ancestor(
                    self._exp.CTE
                ):
                    return cast("exp.Expr", cte.this)
            parent = parent.parent
        return None

    def _owner(self, column: "exp.Column") -> str:
        """The table that a column is of, by its real name."""
        scope = column.find_ancestor(self._exp.Select)
        while scope is not None:
            found = self._within(scope, column)
            if found is not None:
                return found
            scope = scope.find_ancestor(self._exp.Select)
        return column.table.lower()

    def _within(self, scope: "exp.Expr", column: "exp.Column") -> str | None:
        inputs = list(self._inputs(scope))
        if column.table:
            wanted = column.table.lower()
            for node in inputs:
                if wanted in {node.alias.lower(), node.name.lower()}:
                    return self._written(node)
            return None
        if len(inputs) == 1:
            return self._written(inputs[0])
        having = [
            node for node in inputs if column.name.lower() in self._known.get(node.name.lower(), ())
        ]
        return self._written(having[0]) if len(having) == 1 else None

    def _written(self, node: "exp.Expr") -> str:
        return node.name.lower() if isinstance(node, self._exp.Table) else node.alias.lower()

    def _inputs(self, scope: "exp.Expr") -> "Iterator[exp.Expr]":
        from_ = scope.args.get("from_") or scope.args.get("from")
        if from_ is not None:
            yield from_.this
        for join in scope.args.get("joins") or ():
            yield join.this

    def shape(self, node: "exp.Select") -> _Shape:
        """Return what a SELECT computes."""
        args = node.args
        conditions = {*self._conjuncts(args.get("where")), *self._conjuncts(args.get("prewhere"))}
        sources: list[str] = []
        from_ = args.get("from_") or args.get("from")
        if from_ is not None:
            sources.append(self.of(from_.this))
        for join in args.get("joins") or ():
            kinds = [str(join.args.get(part) or "").upper() for part in ("method", "side", "kind")]
            outer = any(kind not in {"", "INNER", "CROSS"} for kind in kinds)
            if outer or join.args.get("using"):
                sources.append(self.of(join))
            else:
                sources.append(self.of(join.this))
                conditions |= set(self._conjuncts(join.args.get("on")))
        # What takes away or adds rows elsewhere: a sample, a pivot, a lateral view.
        sources += [f"{part}={self._given(args[part])}" for part in _RESHAPING if args.get(part)]
        groups = self._groups(node)
        measures = [part for part in node.expressions if self.of(part) not in groups]
        computed = any(self._aggregates(part) for part in node.expressions)
        return _Shape(
            sources=tuple(sorted(sources)),
            conditions=frozenset(conditions),
            groups=groups,
            having=frozenset(self._conjuncts(args.get("having"))),
            measures=frozenset(map(self.of, measures)) if computed or groups else frozenset(),
            contained=frozenset(key for part in node.expressions for key in self._contained(part)),
            grouped=bool(groups) or computed,
            plain=not any(
                args.get(k) for k in ("distinct", "limit", "offset", "qualify", "sample")
            ),
        )

    def _conjuncts(self, clause: "exp.Expr | None") -> Iterator[str]:
        if clause is None:
            return
        node = (
            clause.this
            if type(clause).__name__ in {"Where", "PreWhere", "Having", "Paren"}
            else clause
        )
        if isinstance(node, self._exp.Paren):
            yield from self._conjuncts(node)
        elif type(node).__name__ == "And":
            yield from self._conjuncts(node.this)
            yield from self._conjuncts(node.args["expression"])
        else:
            yield self.of(node)

    def _groups(self, node: "exp.Select") -> frozenset[str]:
        group = node.args.get("group")
        found: set[str] = set()
        by_alias = {part.alias.lower(): part for part in node.expressions if part.alias}
        for part in group.expressions if group is not None else ():
            if isinstance(part, self._exp.Literal) and not part.is_string:
                place = int(part.name) - 1 if part.name.isdigit() else -1
                if 0 <= place < len(node.expressions):
                    found.add(self.of(node.expressions[place]))
                continue
            found.add(self.of(part))
            if isinstance(part, self._exp.Column) and part.name.lower() in by_alias:
                found.add(self.of(by_alias[part.name.lower()]))
        return frozenset(found)

    def _aggregates(self, part: "exp.Expr") -> bool:
        return any(called(node) in AGGREGATES for node in part.walk())

    def _contained(self, part: "exp.Expr") -> Iterator[str]:
        """The keys of an expression and of what it is made of, windows and subqueries aside."""
        yield self.of(part)
        if not isinstance(part, self._exp.Query | self._exp.Window | self._exp.Filter):
            for child in part.iter_expressions():
                yield from self._contained(child)
