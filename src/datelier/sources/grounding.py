"""What a model is told about sources: tables, columns, a few rows, within a budget.

A source that fits is told whole. Of a large one the tables are told that the question is about
(:mod:`datelier.sources.relevance`), and how many there are, so that a model looks for the rest.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from datelier.kit.context import Context
from datelier.sources.attached import attached_sources, catalog_tables
from datelier.sources.conventions import conventions_of
from datelier.sources.models import Source
from datelier.sources.privacy import Privacy, privacy_of, table_key
from datelier.sources.relevance import Focus
from datelier.sources.rendering import BUDGET, Facts, Piece, render
from datelier.sources.schemas import CatalogTable
from datelier.sources.selection import fit, shares
from datelier.sources.sql_names import qualified, quote
from datelier.sources.value_index import values_of

Schemas = Mapping[UUID, Sequence[str]]
_ALL: Final[Schemas] = MappingProxyType({})
_NO_FOCUS: Final = Focus()


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


_rendered: Final[OrderedDict[tuple[object, ...], Piece]] = OrderedDict()
_KEPT: Final = 256
_TABLES_KEPT: Final = 40_000
_MANY: Final = 200  # tables, from which on the event loop does not wait for their rendering


async def grounding(
    ctx: Context,
    source_ids: Sequence[UUID],
    schemas: Schemas = _ALL,
    *,
    focus: Focus = _NO_FOCUS,
    budget: int = BUDGET,
) -> tuple[str, dict[str, Any]]:
    """Return Markdown for a model and the same facts for the demo model.

    Args:
        ctx: The caller, with or without an open transaction.
        source_ids: Sources of the thread; removed and foreign ones are left out.
        schemas: The schemas to show of a source, where not all of them are.
        focus: What is asked; of a source that does not fit, it chooses the tables.
        budget: Most characters of the Markdown. Over it, rows go first, then lists of values, then
            tables; what is left out is said.

    Returns:
        The Markdown, and ``{"sources": [{id, name, engine, dialect, table_count, tables: [{name,
        rows, columns: [{name, type}]}]}]}`` with names as SQL must write them, and of a large
        source only the tables that the Markdown shows.
    """
    pieces = await pieces_of(ctx, source_ids, schemas)
    return _compose(pieces, focus, budget)


async def pieces_of(
    ctx: Context, source_ids: Sequence[UUID], schemas: Schemas = _ALL
) -> list[Piece]:
    """Return the sources that exist as they were rendered, whole."""
    if ctx.in_transaction:
        return await _pieces(ctx, source_ids, schemas)
    async with ctx.begin() as tx:
        return await _pieces(tx, source_ids, schemas)


async def _pieces(ctx: Context, source_ids: Sequence[UUID], schemas: Schemas) -> list[Piece]:
    sources = await attached_sources(ctx, list(source_ids), catalogs=False)
    return [await _piece(ctx, source, schemas.get(source.id)) for source in sources]


def known_grounding(
    attached: Sequence[Attached],
    schemas: Schemas = _ALL,
    *,
    focus: Focus = _NO_FOCUS,
    budget: int = BUDGET,
) -> tuple[str, dict[str, Any]] | None:
    """Return what :func:`grounding` does for sources that exist, without reading their catalogs.

    None when one of the catalogs has not been rendered yet.
    """
    known: list[Piece] = []
    for source in attached:
        piece = _rendered.get(_key(source, schemas.get(source.id)))
        if piece is None:
            return None
        known.append(piece)
    return _compose(known, focus, budget)


def _key(source: Attached, schemas: Sequence[str] | None) -> tuple[object, ...]:
    return (*source.key, None if schemas is None else tuple(schemas))


def _compose(pieces: Sequence[Piece], focus: Focus, budget: int) -> tuple[str, dict[str, Any]]:
    rooms = shares([piece.size for piece in pieces], budget)
    told = [fit(piece, room, focus) for piece, room in zip(pieces, rooms, strict=True)]
    return "\n\n".join(text for text, _ in told), {"sources": [facts for _, facts in told]}


async def _piece(ctx: Context, source: Source, schemas: Sequence[str] | None) -> Piece:
    rule = privacy_of(source)
    attached = Attached(source.id, source.name, source.catalog_at, source.values_at, rule)
    key = _key(attached, schemas)
    known = _rendered.get(key)
    if known is None:
        facts = Facts(
            source.id,
            source.name,
            source.engine,
            rule,
            schemas,
            conventions_of(source.conventions),
        )
        raw = await catalog_tables(ctx, source.id)
        values = await values_of(ctx, source.id, rule)
        if len(raw) > _MANY:
            known = await asyncio.to_thread(render, facts, raw, values)
        else:
            known = render(facts, raw, values)
        _keep(key, known)
    return known


def _keep(key: tuple[object, ...], piece: Piece) -> None:
    _rendered[key] = piece
    held = sum(len(kept.tables) for kept in _rendered.values())
    while len(_rendered) > _KEPT or (held > _TABLES_KEPT and len(_rendered) > 1):
        _, gone = _rendered.popitem(last=False)
        held -= len(gone.tables)


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
