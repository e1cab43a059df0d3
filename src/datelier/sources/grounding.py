"""What a model is told about sources: tables, columns, a few rows, within a budget."""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from datelier.kit.context import Context
from datelier.sources.manage import attached_sources
from datelier.sources.models import Source
from datelier.sources.privacy import DIALECTS, Privacy, privacy_of, table_key
from datelier.sources.schemas import CatalogTable
from datelier.sources.sql_names import qualified, quote
from datelier.sources.value_index import Indexed, values_of

BUDGET: Final = 16_000
_CELL: Final = 40
_LISTED: Final = 400
_LIST: Final = re.compile(r" \[all values: .*\]$", re.MULTILINE)
Values = dict[tuple[str, str], Indexed]
Schemas = Mapping[UUID, Sequence[str]]
_ALL: Final[Schemas] = MappingProxyType({})
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
class Attached:
    """A source as far as it takes to know whether its catalog was rendered before."""

    id: UUID
    name: str
    catalog_at: datetime | None
    values_at: datetime | None
    rule: Privacy

    @property
    def key(self) -> tuple[object, ...]:
        """All that its rendering depends on."""
        return (self.id, self.catalog_at, self.name, self.values_at, self.rule)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A source rendered once per catalog."""

    head: str
    tables: tuple[tuple[str, str], ...]  # name, Markdown
    structured: dict[str, Any]
    schemas: tuple[str | None, ...]  # of each table


_rendered: OrderedDict[tuple[object, ...], _Piece] = OrderedDict()
_KEPT: Final = 256


async def grounding(
    ctx: Context,
    source_ids: list[UUID] | tuple[UUID, ...],
    schemas: Schemas = _ALL,
    *,
    budget: int = BUDGET,
) -> tuple[str, dict[str, Any]]:
    """Return Markdown for a model and the same facts for the demo model.

    Args:
        ctx: The caller, with or without an open transaction.
        source_ids: Sources of the thread; removed and foreign ones are left out.
        schemas: The schemas to show of a source, where not all of them are.
        budget: Most characters of the Markdown. Over it, rows go first, then lists of values, then
            columns; what is left out is said.

    Returns:
        The Markdown, and ``{"sources": [{id, name, engine, dialect, tables: [{name, rows,
        columns: [{name, type}]}]}]}`` with names as SQL must write them.
    """
    if ctx.in_transaction:
        sources = await attached_sources(ctx, list(source_ids))
    else:
        async with ctx.begin() as tx:
            sources = await attached_sources(tx, list(source_ids))
    return _compose(
        [_within(await _piece(ctx, source), schemas.get(source.id)) for source in sources], budget
    )


def known_grounding(
    attached: Sequence[Attached], schemas: Schemas = _ALL, *, budget: int = BUDGET
) -> tuple[str, dict[str, Any]] | None:
    """Return what :func:`grounding` does for sources that exist, without reading their catalogs.

    None when one of the catalogs has not been rendered yet.
    """
    known: list[_Piece] = []
    for source in attached:
        piece = _rendered.get(source.key)
        if piece is None:
            return None
        known.append(_within(piece, schemas.get(source.id)))
    return _compose(known, budget)


def _within(piece: _Piece, schemas: Sequence[str] | None) -> _Piece:
    """Return a source with the tables of these schemas only; None for all."""
    if schemas is None:
        return piece
    kept = [place for place, name in enumerate(piece.schemas) if name in schemas]
    shown = piece.structured["tables"]
    return _Piece(
        f"{piece.head}\nOnly these schemas: {', '.join(map(_flat, schemas))}",
        tuple(piece.tables[place] for place in kept),
        piece.structured | {"tables": [shown[place] for place in kept]},
        tuple(piece.schemas[place] for place in kept),
    )


def _compose(pieces: list[_Piece], budget: int) -> tuple[str, dict[str, Any]]:
    markdown = "\n\n".join(_fit(piece, budget // max(1, len(pieces))) for piece in pieces)
    return markdown, {"sources": [piece.structured for piece in pieces]}


async def _piece(ctx: Context, source: Source) -> _Piece:
    rule = privacy_of(source)
    key = Attached(source.id, source.name, source.catalog_at, source.values_at, rule).key
    known = _rendered.get(key)
    if known is None:
        if ctx.in_transaction:
            values = await values_of(ctx, source.id, rule)
        else:
            async with ctx.begin() as tx:
                values = await values_of(tx, source.id, rule)
        known = _rendered[key] = _render(source, rule, values)
        while len(_rendered) > _KEPT:
            _rendered.popitem(last=False)
    return known


def _render(source: Source, rule: Privacy, values: Values) -> _Piece:
    dialect = DIALECTS.get(source.engine, "postgres")
    tables = [CatalogTable.model_validate(t) for t in (source.catalog or {}).get("tables", ())]
    head = (
        f"## Source {source.name} (id {source.id}, {dialect} SQL)"
        if tables
        else f"## Source {source.name} (id {source.id}): its contents are not known yet"
    )
    if not rule.open:
        head = f"{head}\n{PRIVATE_SOURCE if rule.everything else PRIVATE_COLUMNS}"
    return _Piece(
        head,
        tuple(
            (qualified(source.engine, t), _table(source.engine, t, rule, values)) for t in tables
        ),
        {
            "id": str(source.id),
            "name": source.name,
            "engine": source.engine,
            "dialect": dialect,
            "private": rule.everything,
            "tables": [
                {
                    "name": qualified(source.engine, table),
                    "rows": table.rows,
                    "columns": [
                        {"name": quote(c.name, source.engine), "type": c.type}
                        for c in table.columns
                    ],
                }
                for table in tables
            ],
        },
        tuple(table.schema_name for table in tables),
    )


def _table(engine: str, table: CatalogTable, rule: Privacy, values: Values) -> str:
    key = table_key(table.schema_name, table.name)
    rows = "" if table.rows is None else f" ({table.rows} rows)"
    # What a file's note says of its contents is not for a model where they are private.
    noted = table.comment and (rule.open or engine != "files")
    note = f": {_flat(table.comment)}" if noted else ""
    lines = [f"### {qualified(engine, table)}{rows}{note}"]
    for column in table.columns:
        marks = [column.type]
        if column.primary_key:
            marks.append("primary key")
        if column.comment:
            marks.append(_flat(column.comment))
        if rule.hides(key, column.name) and not rule.everything:
            marks.append("private")
        said = _values(values.get((key, column.name)))
        lines.append(f"- {quote(column.name, engine)}: {', '.join(marks)}{said}")
    shown = [place for place, name in enumerate(table.sample.columns) if not rule.hides(key, name)]
    if table.sample.rows and shown:
        names = [table.sample.columns[place] for place in shown]
        lines.append("")
        lines.append("| " + " | ".join(map(_flat, names)) + " |")
        lines.append("|" + "---|" * len(names))
        rows = ([_flat(row[place]) for place in shown] for row in table.sample.rows[:3])
        lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


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


async def table_values(ctx: Context, source_id: UUID) -> dict[str, dict[str, list[str]]]:
    """Return the complete value lists of a source that a model may see.

    Returns:
        ``{table as SQL writes it: {column as SQL writes it: values}}``.
    """
    async with ctx.begin() as tx:
        sources = await attached_sources(tx, [source_id])
        if not sources:
            return {}
        rule = privacy_of(sources[0])
        values = await values_of(tx, source_id, rule)
    listed: dict[str, dict[str, list[str]]] = {}
    for raw in (sources[0].catalog or {}).get("tables", ()):
        table = CatalogTable.model_validate(raw)
        key = table_key(table.schema_name, table.name)
        known = {
            quote(column.name, sources[0].engine): list(found.values)
            for column in table.columns
            if (found := values.get((key, column.name))) is not None and found.values is not None
        }
        listed[qualified(sources[0].engine, table)] = known
    return listed


def _flat(cell: str | None) -> str:
    # Cells are data: one line each, short, so that they cannot pose as another part of the text.
    if cell is None:
        return ""
    text = " ".join(cell.replace("|", "/").split())
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _fit(piece: _Piece, budget: int) -> str:
    """Render a source in at most `budget` characters."""
    full = [piece.head, *(text for _, text in piece.tables)]
    if sum(map(len, full)) + 2 * len(full) <= budget:
        return "\n\n".join(full)
    short = [text.partition("\n\n|")[0] for _, text in piece.tables]
    if len(piece.head) + sum(map(len, short)) + 2 * len(short) > budget:
        short = [_LIST.sub("", text) for text in short]
    kept, used = [piece.head], len(piece.head)
    for position, text in enumerate(short):
        if used + len(text) > budget - 200:
            names = ", ".join(name for name, _ in piece.tables[position:])
            room = max(0, budget - used - 60)
            more = names if len(names) <= room else names[:room] + "…"
            kept.append(f"Further tables, ask describe_source for columns: {more}")
            break
        kept.append(text)
        used += len(text) + 2
    return "\n\n".join(kept)[:budget]
