"""The texts that a statement compares columns with, and which column of which table it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlglot import exp
from sqlglot.expressions.core import Expr as Expression

from datelier.sources.schemas import CatalogColumn, CatalogTable
from datelier.worker.functions import Dialect
from datelier.worker.guard import read_statement, write_statement

_TEXTS: Final = ("char", "text", "enum", "string", "user-defined", "clob", "any")
_DEFAULT_SCHEMAS: Final = frozenset({None, "", "public", "main"})
_EQUALS: Final = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
_LIKES: Final = (exp.Like, exp.ILike)
_DEEPEST: Final = 10
# What may be around a column or a text without making it another thing than a text.
_AROUND: Final = (
    exp.Column, exp.Identifier, exp.Literal, exp.DataType, exp.DataTypeParam, exp.Var, exp.Paren,
    exp.Cast, exp.TryCast, exp.Collate, exp.Trim, exp.Lower, exp.Upper, exp.Coalesce,
)  # fmt: skip
_CALLS: Final = frozenset(
    ["lower", "upper", "lcase", "ucase", "trim", "ltrim", "rtrim", "btrim", "ifnull", "unaccent"]
)


@dataclass(frozen=True, slots=True)
class TextFilter:
    """One text that rows are chosen by.

    Attributes:
        table: The table as the catalog has it.
        column: The column's name in it.
        text: The text, as it is written.
        pattern: It is a pattern of LIKE, in which ``%`` and ``_`` stand for others.
        folds: Capitals and small letters are the same to this comparison.
        plain: The column itself is compared with the text itself.
        condition: SQL about one row of the table, true where the text is found.
    """

    table: CatalogTable
    column: str
    text: str
    pattern: bool
    folds: bool
    plain: bool
    condition: str


@dataclass(frozen=True, slots=True)
class _Found:
    column: exp.Column
    text: str
    plain: bool
    test: Expression


def text_filters(sql: str, dialect: Dialect, catalog: Sequence[CatalogTable]) -> list[TextFilter]:
    """Return the texts that a statement compares text columns with, each once.

    Comparisons for inequality are looked at as well: what excludes a value that does not exist
    excludes nothing. What cannot be followed to a column of the catalog is left out.

    Raises:
        SqlRefusedError: The statement cannot be read; it would not run either.
    """
    tree = read_statement(sql, dialect)
    names = _Names(tree, catalog)
    filters: dict[tuple[str | None, str, str, str], TextFilter] = {}
    for found in _comparisons(tree):
        origin = names.origin(found.column)
        if origin is None:
            continue
        table, column = origin
        if not _is_text(column):
            continue
        test = _about(found.test, column.name)
        one = TextFilter(
            table,
            column.name,
            found.text,
            isinstance(found.test, exp.Escape | exp.Like | exp.ILike),
            isinstance(found.test, exp.ILike),
            found.plain and not isinstance(found.test, exp.Escape),
            write_statement(test, dialect),
        )
        filters.setdefault((table.schema_name, table.name, column.name, one.condition), one)
    return list(filters.values())


def _is_text(column: CatalogColumn) -> bool:
    kind = column.type.lower()
    return not kind or any(word in kind for word in _TEXTS)


def _about(test: Expression, column: str) -> Expression:
    """Return a comparison about the bare column, whatever the statement calls it."""

    def bare(node: Expression) -> Expression:
        if isinstance(node, exp.Column):
            return exp.Column(this=exp.to_identifier(column, quoted=True))
        return node

    return test.copy().transform(bare)


def _comparisons(tree: Expression) -> Iterator[_Found]:
    for node in tree.walk():
        if isinstance(node, _EQUALS):
            yield from _equals(node)
        elif isinstance(node, exp.In):
            yield from _each(node.this, node.expressions)
        elif isinstance(node, _LIKES):
            outer = node.parent
            test = outer if isinstance(outer, exp.Escape) else node
            yield from _pair(node.this, node.expression, test)
        elif isinstance(node, exp.Case) and node.this is not None:
            yield from _each(node.this, [branch.this for branch in node.args["ifs"]])


def _equals(node: Expression) -> Iterator[_Found]:
    for one, other in ((node.this, node.expression), (node.expression, node.this)):
        listed = other
        while isinstance(listed, exp.Any | exp.All | exp.Paren):
            listed = listed.this
        if isinstance(listed, exp.Array):
            yield from _each(one, listed.expressions)
        else:
            yield from _pair(one, other, exp.EQ(this=one.copy(), expression=other.copy()))


def _each(one: Expression, others: Sequence[Any]) -> Iterator[_Found]:
    for other in others:
        yield from _pair(one, other, exp.EQ(this=one.copy(), expression=other.copy()))


def _pair(one: Expression, other: Expression, test: Expression) -> Iterator[_Found]:
    column, text = _column_of(one), _text_of(other)
    if column is not None and text is not None:
        plain = isinstance(one, exp.Column) and isinstance(other, exp.Literal)
        yield _Found(column, text, plain, test)


def _column_of(node: Expression) -> exp.Column | None:
    """Return the one column that a side is about, if it still has its texts."""
    columns = list(node.find_all(exp.Column))
    if len(columns) != 1 or not all(map(_is_harmless, node.walk())):
        return None
    return columns[0]


def _text_of(node: Expression) -> str | None:
    texts = [one for one in node.find_all(exp.Literal) if one.is_string]
    if not texts or node.find(exp.Column) is not None or not all(map(_is_harmless, node.walk())):
        return None
    return texts[0].name


def _is_harmless(node: Expression) -> bool:
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower() in _CALLS
    return isinstance(node, _AROUND)


class _Names:
    """Which column of the catalog a name in a statement means."""

    def __init__(self, tree: Expression, catalog: Sequence[CatalogTable]) -> None:
        self._catalog: dict[str, list[CatalogTable]] = {}
        for table in catalog:
            self._catalog.setdefault(table.name.lower(), []).append(table)
        self._named = {cte.alias.lower(): cte for cte in tree.find_all(exp.CTE)}

    def origin(
        self, column: exp.Column, depth: int = 0
    ) -> tuple[CatalogTable, CatalogColumn] | None:
        """Follow a column through subqueries and WITH to its table; None where that ends."""
        select = column.find_ancestor(exp.Select)
        while select is not None and depth < _DEEPEST:
            found = self._in_select(select, column.table.lower(), column.name.lower(), depth)
            if found is not None:
                return found
            select = select.find_ancestor(exp.Select)  # a correlated one
        return None

    def _in_select(
        self, select: exp.Select, qualifier: str, name: str, depth: int
    ) -> tuple[CatalogTable, CatalogColumn] | None:
        found: list[tuple[CatalogTable, CatalogColumn]] = []
        for relation in _relations(select):
            if qualifier and relation.alias_or_name.lower() != qualifier:
                continue
            one = self._in_relation(relation, name, depth)
            if one is not None:
                found.append(one)
        return found[0] if len(found) == 1 else None

    def _in_relation(
        self, relation: Expression, name: str, depth: int
    ) -> tuple[CatalogTable, CatalogColumn] | None:
        if isinstance(relation, exp.Subquery):
            return self._in_query(relation.this, name, depth + 1)
        if not relation.args.get("db") and relation.name.lower() in self._named:
            cte = self._named[relation.name.lower()]
            listed = cte.args["alias"].args.get("columns")
            return None if listed else self._in_query(cte.this, name, depth + 1)
        table = self._table(relation)
        if table is None:
            return None
        columns = (column for column in table.columns if column.name.lower() == name)
        column = next(columns, None)
        return None if column is None else (table, column)

    def _in_query(
        self, query: Expression, name: str, depth: int
    ) -> tuple[CatalogTable, CatalogColumn] | None:
        while isinstance(query, exp.SetOperation | exp.Subquery):
            query = query.this
        if not isinstance(query, exp.Select) or depth >= _DEEPEST:
            return None
        for part in query.expressions:
            if part.alias_or_name.lower() == name:
                inner = part.unalias()
                return self.origin(inner, depth) if isinstance(inner, exp.Column) else None
        stars = [part for part in query.expressions if part.is_star]
        if not stars:
            return None
        qualifier = stars[0].table.lower() if isinstance(stars[0], exp.Column) else ""
        return self._in_select(query, qualifier, name, depth)

    def _table(self, relation: Expression) -> CatalogTable | None:
        tables = self._catalog.get(relation.name.lower(), [])
        schema = relation.text("db").lower()
        if schema:
            tables = [t for t in tables if (t.schema_name or "").lower() == schema]
        elif len(tables) > 1:
            tables = [t for t in tables if t.schema_name in _DEFAULT_SCHEMAS]
        return tables[0] if len(tables) == 1 else None


def _relations(select: exp.Select) -> list[Expression]:
    """Return what a SELECT reads, its own and not that of the queries in it."""
    begin: Expression | None = select.args.get("from_")
    joins: list[Expression] = select.args.get("joins") or []
    clauses = joins if begin is None else [begin, *joins]
    return [one.this for one in clauses if isinstance(one.this, exp.Table | exp.Subquery)]
