"""What a definition's SQL reads, by the tree that the parser wall makes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from datelier.sources.privacy import DIALECTS
from datelier.sources.schemas import CatalogTable
from datelier.worker.errors import WorkerError

if TYPE_CHECKING:
    from sqlglot import exp

DEFAULT_SCHEMAS: Final = frozenset({"", "public", "main", "dbo"})
AGGREGATES: Final = frozenset(
    [
        "count",
        "count_star",
        "count_if",
        "countif",
        "sum",
        "sumif",
        "avg",
        "mean",
        "min",
        "max",
        "median",
        "mode",
        "stddev",
        "stddev_pop",
        "stddev_samp",
        "variance",
        "var_pop",
        "var_samp",
        "quantile",
        "quantile_cont",
        "percentile_cont",
        "percentile_disc",
        "approx_count_distinct",
        "approx_quantile",
        "uniq",
        "uniqexact",
        "bool_and",
        "bool_or",
        "every",
        "array_agg",
        "string_agg",
        "group_concat",
        "first",
        "last",
        "any_value",
        "arg_max",
        "arg_min",
        "max_by",
        "min_by",
    ]
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A table and those of its columns that a statement names, with their types."""

    table: str
    columns: tuple[tuple[str, str], ...]

    def stored(self) -> dict[str, Any]:
        """Return it as the definition keeps it."""
        return {"table": self.table, "columns": [list(column) for column in self.columns]}


def table_name(table: CatalogTable) -> str:
    """Return how readings name a table of a catalog."""
    return f"{table.schema_name}.{table.name}" if table.schema_name else table.name


def read_tables(sql: str, engine: str, tables: Sequence[CatalogTable]) -> list[Reading] | None:
    """Return what a statement reads of a catalog; None when it cannot be parsed.

    A column without its table's name counts for every table that has one of that name.
    """
    from sqlglot import exp  # noqa: PLC0415  # lazy: it takes a second of CPU

    tree = read_tree(sql, engine)
    if tree is None:
        return None
    named: dict[str, tuple[CatalogTable, set[str]]] = {}
    for node in tree.find_all(exp.Table):
        found = _catalogued(node, tables)
        if found is not None:
            _, aliases = named.setdefault(table_name(found), (found, set()))
            aliases |= {node.name.lower(), node.alias.lower()}
    columns = list(tree.find_all(exp.Column))
    everything = any(not _is_counted(star) for star in tree.find_all(exp.Star))
    return [
        Reading(
            name,
            tuple(
                (column.name, column.type)
                for column in table.columns
                if everything or _is_named(column.name, aliases, columns)
            ),
        )
        for name, (table, aliases) in sorted(named.items())
    ]


def _catalogued(node: "exp.Table", tables: Iterable[CatalogTable]) -> CatalogTable | None:
    name, schema = node.name.lower(), node.db.lower()
    same = [table for table in tables if table.name.lower() == name]
    exact = [table for table in same if (table.schema_name or "").lower() == schema]
    default = [table for table in same if (table.schema_name or "").lower() in DEFAULT_SCHEMAS]
    candidates = exact if schema else (exact or default or same)
    return candidates[0] if candidates else None


def _is_counted(star: "exp.Expr") -> bool:
    return star.parent is not None and called(star.parent) in AGGREGATES


def _is_named(name: str, aliases: set[str], columns: "Iterable[exp.Column]") -> bool:
    wanted = name.lower()
    return any(
        column.name.lower() == wanted and (not column.table or column.table.lower() in aliases)
        for column in columns
    )


@lru_cache(maxsize=256)
def read_tree(sql: str, engine: str) -> "exp.Expr | None":
    """Return the tree of a statement; None when it is no single query of the source's dialect."""
    from datelier.worker.guard import read_statement  # noqa: PLC0415  # see read_tables

    dialect = DIALECTS.get(engine)
    if dialect is None:
        return None
    try:
        return read_statement(sql, dialect)
    except (WorkerError, RecursionError):
        return None


def called(node: "exp.Expr") -> str:
    """The lower-case name of a call; empty for anything else."""
    if type(node).__name__ in {"Anonymous", "AnonymousAggFunc", "ParameterizedAgg"}:
        return str(node.name or node.this).lower()
    return type(node).__name__.lower()
