"""What a model is told of the definitions that a question is about, within a budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, or_

from datelier.definitions.models import Definition
from datelier.definitions.relevance import relevant
from datelier.definitions.showing import handle_of, source_names
from datelier.kit.context import Context
from datelier.kit.db import owned

BUDGET: Final = 6_000  # characters, about 1,500 tokens
MOST: Final = 12
_CONSIDERED: Final = 2_000
_NOTE: Final = 600
_NAME, _PATTERN, _REST = 3.0, 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Grounded:
    """What a model is told, as Markdown and as data."""

    text: str = ""
    data: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


async def usable(ctx: Context, source_ids: Sequence[UUID]) -> list[Definition]:
    """Return what an answer to the caller may use: what is certified, and their own proposals.

    What somebody else has only proposed changes nobody's answers but their own.

    Args:
        ctx: Who asks, in a transaction.
        source_ids: The sources attached to the chat.
    """
    own = and_(Definition.status == "proposed", Definition.owner_id == ctx.actor.id)
    query = (
        owned(ctx, Definition)
        .where(
            Definition.archived_at.is_(None),
            or_(Definition.source_id.is_(None), Definition.source_id.in_(source_ids)),
            or_(Definition.status == "certified", own),
        )
        .order_by(Definition.status, Definition.number.desc())
        .limit(_CONSIDERED)
    )
    rows = (await ctx.session.execute(query)).scalars()
    return [row for row in rows if row.status == "certified" or not _fails(row)]


def _fails(row: Definition) -> bool:
    return row.checked is not None and row.checked.get("ok") is False


def is_within(row: Definition, schemas: Mapping[UUID, Sequence[str]]) -> bool:
    """Whether a definition reads only the schemas that an agent may use."""
    allowed = None if row.source_id is None else schemas.get(row.source_id)
    if allowed is None:
        return True
    named = {str(reading["table"]).rpartition(".")[0] for reading in row.uses}
    return named <= set(allowed)


async def definitions_for(
    ctx: Context,
    question: str,
    source_ids: Sequence[UUID],
    schemas: Mapping[UUID, Sequence[str]],
) -> Grounded:
    """Return the definitions that a question is about: certified ones first, then the closest.

    Args:
        ctx: Who asks, in a transaction.
        question: What was asked, with what was asked just before.
        source_ids: The sources attached to the chat.
        schemas: The schemas of a source that may be used, where not all of them may.
    """
    known = [row for row in await usable(ctx, source_ids) if is_within(row, schemas)]
    close = relevant(
        question,
        (
            (row, ((row.name, _NAME), (row.pattern, _PATTERN), (f"{row.note} {row.sql}", _REST)))
            for row in known
        ),
    )
    close.sort(key=lambda row: row.status != "certified")
    names = await source_names(ctx, {row.source_id for row in close[:MOST]})
    told = Grounded()
    pieces: list[str] = []
    for row in close[:MOST]:
        text = _markdown(row, names)
        if sum(map(len, pieces)) + len(text) > BUDGET:
            continue
        pieces.append(text)
        told.data.append(
            {
                "handle": handle_of(row),
                "name": row.name,
                "kind": row.kind,
                "pattern": row.pattern,
                "sql": row.sql,
                "note": row.note,
                "source_id": str(row.source_id) if row.source_id else None,
                "status": row.status,
            }
        )
    return Grounded("\n\n".join(pieces), told.data)


def _markdown(row: Definition, names: dict[UUID, str]) -> str:
    name = names.get(row.source_id) if row.source_id else None
    where = f", source {_line(name)}" if name else ""
    lines = [f"### {handle_of(row)} {_line(row.name)} ({row.status} {row.kind}{where})"]
    if row.pattern:
        lines.append(f"Asked as: {_line(row.pattern)}")
    if row.note:
        note = row.note if len(row.note) <= _NOTE else row.note[: _NOTE - 1] + "…"
        lines.append(f"Note: {_line(note)}")
    if row.sql:
        lines.append("SQL: " + row.sql.replace("\n", "\n    "))
    return "\n".join(lines)


def _line(text: str) -> str:
    # What people wrote stays on one line, so that it cannot pose as another part of the text.
    return " ".join(text.split())
