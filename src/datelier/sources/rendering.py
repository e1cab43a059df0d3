"""How a source is written down for a model: once per version of its catalog."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from datelier.sources.conventions import NO_CONVENTIONS, Conventions
from datelier.sources.privacy import DIALECTS, Privacy, table_key
from datelier.sources.relevance import TableIndex
from datelier.sources.schemas import CatalogTable
from datelier.sources.sql_names import qualified, quote
from datelier.sources.value_index import Indexed

BUDGET: Final = 16_000  # characters, about four to a token
_CELL: Final = 40
_LISTED: Final = 400
_LIST: Final = re.compile(r" \[all values: .*\]$", re.MULTILINE)
Values = dict[tuple[str, str], Indexed]
PRIVATE_SOURCE: Final = (
    "This source is private: you never see its values. You see columns, row counts, and counts, "
    "sums, averages and deviations over at least 5 different values, from one plain SELECT with "
    "WHERE, JOIN, GROUP BY or HAVING and no WITH, subquery or window. Of every other column you "
    "learn the type and the number of rows; the person sees all rows beside your answer. Say so "
    "instead of guessing values."
)
PRIVATE_COLUMNS: Final = (
    "Columns marked private: you never see their values, only counts, sums, averages and "
    "deviations of them over at least 5 different values, from one plain SELECT without WITH, "
    "subquery or window. The person sees the rows beside your answer."
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is written about a source.

    Attributes:
        schemas: The only ones to write about; None for all.
    """

    id: UUID
    name: str
    engine: str
    rule: Privacy
    schemas: Sequence[str] | None = None
    conventions: Conventions = NO_CONVENTIONS


@dataclass(frozen=True, slots=True)
class TableText:
    """A table as a model reads it, at three lengths.

    Attributes:
        name: As SQL must write it.
        full: Markdown with a few rows.
        short: The same without rows.
        plain: The same without rows and lists of values.
    """

    name: str
    schema: str | None
    rows: int | None
    full: str
    short: str
    plain: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A source as it was rendered.

    Attributes:
        engine: The source's engine.
        rule: What of it is private.
        values: The index of its values, without what is private.
        structured: The same facts as data.
        size: Characters of it with all its rows.
        catalog: Its tables, in the order of `tables`.
        schemas: Its schemas with their numbers of tables, the largest first.
        index: Which tables a question is about; None where all of them fit.
    """

    engine: str
    rule: Privacy
    values: Values
    head: str
    tables: tuple[TableText, ...]
    size: int
    structured: dict[str, Any]
    catalog: tuple[CatalogTable, ...]
    schemas: tuple[tuple[str, int], ...]
    index: TableIndex | None


def render(facts: Facts, catalog: Sequence[Mapping[str, Any]], values: Values) -> Piece:
    """Return a source as it is written down; for thousands of tables it takes a second.

    Args:
        facts: The source.
        catalog: Its tables as they are stored.
        values: The index of its values.
    """
    dialect = DIALECTS.get(facts.engine, "postgres")
    tables = [CatalogTable.model_validate(table) for table in catalog]
    head = (
        f"## Source {facts.name} (id {facts.id}, {dialect} SQL)"
        if tables
        else f"## Source {facts.name} (id {facts.id}): its contents are not known yet"
    )
    if not facts.rule.open:
        head = f"{head}\n{PRIVATE_SOURCE if facts.rule.everything else PRIVATE_COLUMNS}"
    if said := facts.conventions.said():
        head = f"{head}\n{said}"
    if facts.schemas is not None:
        tables = [table for table in tables if table.schema_name in facts.schemas]
        head = f"{head}\nOnly these schemas: {', '.join(map(flat, facts.schemas))}"
    told = [_without_private_note(facts, table) for table in tables]
    written = tuple(_table(facts, table, values) for table in told)
    large = len(head) + sum(len(table.plain) + 2 for table in written) > BUDGET
    return Piece(
        facts.engine,
        facts.rule,
        values,
        head,
        written,
        sum(len(text) + 2 for text in (head, *(table.full for table in written))),
        {
            "id": str(facts.id),
            "name": facts.name,
            "engine": facts.engine,
            "dialect": dialect,
            "private": facts.rule.everything,
            "table_count": len(tables),
            "tables": [_structured(facts.engine, table) for table in told],
        },
        tuple(told),
        tuple(Counter(t.schema for t in written if t.schema).most_common()),
        TableIndex(told, _known(told, values)) if large else None,
    )


def _without_private_note(facts: Facts, table: CatalogTable) -> CatalogTable:
    # What a file's note says of its contents is not for a model where they are private.
    noted = facts.rule.open or facts.engine != "files"
    return table if noted or not table.comment else table.model_copy(update={"comment": None})


def _structured(engine: str, table: CatalogTable) -> dict[str, Any]:
    columns = [{"name": quote(c.name, engine), "type": c.type} for c in table.columns]
    return {"name": qualified(engine, table), "rows": table.rows, "columns": columns}


def _known(tables: Sequence[CatalogTable], values: Values) -> Mapping[int, list[str]]:
    """Return the values that are known of each table, by its place."""
    by_key: dict[str, list[str]] = {}
    for (key, _), found in values.items():
        by_key.setdefault(key, []).extend(found.values or ())
    places = enumerate(table_key(table.schema_name, table.name) for table in tables)
    return {place: by_key[key] for place, key in places if key in by_key}


def _table(facts: Facts, table: CatalogTable, values: Values) -> TableText:
    engine, rule = facts.engine, facts.rule
    key = table_key(table.schema_name, table.name)
    name = qualified(engine, table)
    rows = "" if table.rows is None else f" ({table.rows} rows)"
    note = f": {flat(table.comment)}" if table.comment else ""
    lines = [f"### {name}{rows}{note}"]
    for column in table.columns:
        marks = [column.type]
        if column.primary_key:
            marks.append("primary key")
        if column.comment:
            marks.append(flat(column.comment))
        if unit := facts.conventions.unit_of((table.name, key), column.name):
            marks.append(f"in {unit}")
        if rule.hides(key, column.name) and not rule.everything:
            marks.append("private")
        said = _values(values.get((key, column.name)))
        lines.append(f"- {quote(column.name, engine)}: {', '.join(marks)}{said}")
    short = "\n".join(lines)
    return TableText(
        name,
        table.schema_name,
        table.rows,
        "\n".join([short, *_sample(rule, key, table)]),
        short,
        _LIST.sub("", short),
    )


def _sample(rule: Privacy, key: str, table: CatalogTable) -> list[str]:
    """Return the lines of a table's first rows, without what is private."""
    shown = [place for place, name in enumerate(table.sample.columns) if not rule.hides(key, name)]
    if not table.sample.rows or not shown:
        return []
    names = [flat(table.sample.columns[place]) for place in shown]
    rows = ([flat(row[place]) for place in shown] for row in table.sample.rows[:3])
    return [
        "",
        "| " + " | ".join(names) + " |",
        "|" + "---|" * len(names),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]


def _values(found: Indexed | None) -> str:
    """All values of a column, or how many there are; never a part that could pass for all."""
    if found is None or (found.values is None and found.distinct is None):
        return ""
    if found.values is None:
        return f" [{found.distinct} different values]"
    listed = ", ".join(_literal(value) for value in found.values)
    if len(listed) > _LISTED:
        return f" [{len(found.values)} different values; describe_source of the table lists them]"
    return f" [all values: {listed}]"


def _literal(value: str) -> str:
    # On one line, and unable to close the bracket it stands in unnoticed.
    return "'" + " ".join(value.replace("'", "''").split()) + "'"


def flat(cell: str | None) -> str:
    """Return a cell or a note on one line, short."""
    # Cells are data: one line each, short, so that they cannot pose as another part of the text.
    if cell is None:
        return ""
    text = " ".join(cell.replace("|", "/").split())
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"
