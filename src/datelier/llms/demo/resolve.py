"""Finding a question's words in a schema: measures, groups, time columns, and the joins needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from datelier.llms.demo.question import Aggregate, Ask
from datelier.llms.demo.schema import Column, Kind, Source, Table
from datelier.llms.demo.words import contains, meaning, variants

_NOT_REVENUE: Final = frozenset({"discount", "tax", "refund", "fee", "shipping", "cost", "rate"})
_EVENT: Final = frozenset(
    {
        "order",
        "ordered",
        "date",
        "day",
        "created",
        "sold",
        "paid",
        "recorded",
        "occurred",
        "event",
        "time",
    }
)
_BOOKKEEPING: Final = frozenset(
    {"loaded", "load", "updated", "modified", "deleted", "ingested", "birth", "expire", "expiry"}
)
_LABELS: Final = ("name", "title", "label", "full", "email", "description")
_DIMENSIONS: Final = ("region", "category", "channel", "segment", "country", "type", "status")


@dataclass(frozen=True, slots=True)
class Ref:
    """A column of the base table, or of a table that the base table points at by a key.

    `is_entity` says that the rows of that table are meant, of which two may share a name.
    """

    column: Column
    table: Table | None = None
    key: Column | None = None
    foreign_key: Column | None = None
    is_entity: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over one column, over price times quantity, or over rows."""

    aggregate: Aggregate
    columns: tuple[Column, ...]
    name: str
    score: float = 0
    distinct: bool = False


def mentions(table: Table, words: Sequence[str]) -> bool:
    """Return whether a question's words name a table."""
    return bool(table.stems) and (
        contains(words, table.stems) or any(tuple(table.stems) in variants(word) for word in words)
    )


def number_columns(table: Table) -> list[Column]:
    """Return the columns that measure something."""
    return [column for column in table.of_kind("number") if not column.is_key]


def find_number(table: Table, words: Sequence[str]) -> tuple[tuple[Column, ...], float] | None:
    """Return the column(s) that the words name in a table, with a score, best first."""
    best: tuple[tuple[Column, ...], float] | None = None
    for column in number_columns(table):
        score = max((_fit(column, word, words) for word in words), default=0.0)
        if score > 0 and (best is None or score > best[1]):
            best = ((column,), score)
    if best is None and any(meaning(word) == "revenue" for word in words):
        product = price_and_quantity(table)
        return (product, 4.5) if product else None
    return best


def _fit(column: Column, word: str, words: Sequence[str]) -> float:
    if meaning(word) == "revenue" and word not in column.stems and set(column.stems) & _NOT_REVENUE:
        return 0
    if meaning(word) == "quantity" and "price" in column.stems:
        return 0
    for rank, variant in enumerate(variants(word)):
        if contains(column.stems, variant):
            named = sum(1 for part in column.stems if part in words)
            extra = sum(1 for part in column.stems if part not in words and part not in variant)
            return 6 - 0.2 * min(rank, 10) + named - 0.3 * extra
    return 0


def price_and_quantity(table: Table) -> tuple[Column, Column] | None:
    """Return a price and a quantity whose product is revenue, when the table has both."""
    prices = [c for c in number_columns(table) if "price" in c.stems]
    counts = [c for c in number_columns(table) if {"quantity", "qty", "unit"} & set(c.stems)]
    counts = [c for c in counts if "price" not in c.stems]
    return (prices[0], counts[0]) if prices and counts else None


def find_measure(ask: Ask, table: Table, words: Sequence[str]) -> Measure | None:
    """Return what to aggregate in a table for the words that are not groups."""
    named = mentions(table, words)
    if ask.aggregate == "count":
        return _count(ask, table, words, named=named)
    aggregate: Aggregate = ask.aggregate or "sum"
    if ask.shape == "rank" and aggregate in {"min", "max"}:
        aggregate = "sum"
    found = find_number(table, words)
    if found is not None:
        columns, score = found
        name = "revenue" if len(columns) == 2 else columns[0].name
        if ask.aggregate is None and set(columns[0].stems) & {"price", "rate", "age", "rating"}:
            aggregate = "avg" if len(columns) == 1 else "sum"
        return Measure(aggregate, columns, name, score + named)
    if named and aggregate == "sum":
        return Measure("count", (), table.label, 4)
    return None


def _count(ask: Ask, table: Table, words: Sequence[str], *, named: bool) -> Measure | None:
    if "distinct" in ask.text.lower() or "unique" in ask.text.lower():
        for column in table.columns:
            if any(contains(column.stems, variant) for word in words for variant in variants(word)):
                return Measure("count", (column,), f"distinct_{column.name}", 5, distinct=True)
    return Measure("count", (), table.label, 4) if named else None


def default_measure(table: Table) -> Measure:
    """Return what a table is about when the question does not say."""
    found = find_number(table, ("revenue",))
    if found is not None:
        columns, _ = found
        return Measure("sum", columns, "revenue" if len(columns) == 2 else columns[0].name, 2)
    return Measure("count", (), table.label, 0.5)


def find_group(source: Source, table: Table, words: Sequence[str]) -> Ref | None:
    """Return the column to group by: in the table, or in one that it points at."""
    direct = _best_column(table, words, ("text", "bool", "number", "time", "other"))
    linked = [ref for ref in links(source, table) if ref.table is not None]
    for ref in linked:
        if ref.table is not None and mentions(ref.table, words):
            label = _label(ref.table)
            if label is not None and (direct is None or direct.is_key):
                return Ref(label, ref.table, ref.key, ref.foreign_key, is_entity=True)
    if direct is not None:
        return Ref(direct)
    for ref in linked:
        if ref.table is not None:
            column = _best_column(ref.table, words, ("text",))
            if column is not None:
                return Ref(column, ref.table, ref.key, ref.foreign_key)
    return None


def _best_column(table: Table, words: Sequence[str], kinds: tuple[Kind, ...]) -> Column | None:
    best: tuple[float, Column] | None = None
    for column in table.of_kind(*kinds):
        matched = 0.0
        for word in words:
            for rank, variant in enumerate(variants(word)):
                if contains(column.stems, variant):
                    matched += 1 - 0.05 * rank
                    break
        if matched == 0:
            continue
        measures = column.kind == "number" and not column.is_key
        score = matched - 0.1 * len(column.stems) - (0.3 if measures else 0)
        if best is None or score > best[0]:
            best = (score, column)
    return best[1] if best else None


def links(source: Source, table: Table) -> list[Ref]:
    """Return the keys by which `table` points at rows of other tables."""
    found: list[Ref] = []
    for other in source.tables:
        if other is table:
            continue
        for column in table.columns:
            key = _key_for(other, column)
            if key is not None:
                found.append(Ref(column, other, key, column))
                break
    return found


def _key_for(other: Table, column: Column) -> Column | None:
    """Return the column of `other` that a foreign key points at, when it names that table."""
    if len(column.stems) < 2 or column.stems[-1] != "id" or column.stems[:-1] != other.stems:
        return None
    return other.named(column.name) or other.named("id")


def _label(table: Table) -> Column | None:
    texts = table.of_kind("text")
    for word in _LABELS:
        for column in texts:
            if word in column.stems and not column.is_key:
                return column
    return next((column for column in texts if not column.is_key), None)


def time_column(table: Table, words: Sequence[str]) -> Column | None:
    """Return the column that says when a row happened."""
    best: tuple[float, Column] | None = None
    for position, column in enumerate(table.of_kind("time")):
        parts = set(column.stems)
        score = (
            3.0 * len(parts & set(words)) + bool(parts & _EVENT) - 2 * bool(parts & _BOOKKEEPING)
        )
        score -= position * 0.01
        if best is None or score > best[0]:
            best = (score, column)
    return best[1] if best else None


def key_column(table: Table) -> Column | None:
    """Return the column that should be unique in a table, by its name."""
    for column in table.columns:
        if column.stems in {("id",), (*table.stems, "id"), (*table.stems, "key")}:
            return column
    return None


def explaining_group(source: Source, table: Table) -> Ref | None:
    """Return the column most likely to explain a change."""
    for word in _DIMENSIONS:
        found = find_group(source, table, (word,))
        if found is not None and found.column.kind == "text":
            return found
    texts = [column for column in table.of_kind("text") if not column.is_key]
    return Ref(texts[0]) if texts else None
