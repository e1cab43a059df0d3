"""Cursor pages over tenant rows, by their time-ordered ids."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from datelier.kit.context import Context
from datelier.kit.pagination import decode_cursor, encode_cursor


async def page_of(
    ctx: Context,
    statement: Select[Any],
    key: InstrumentedAttribute[UUID],
    *,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[Any], str | None]:
    """Run `statement` for one page, newest first.

    Returns:
        The rows (as `Row`, the entity first), and the cursor of the next page or None.
    """
    before = decode_cursor(cursor)
    if before is not None:
        statement = statement.where(key < before)
    rows = (await ctx.session.execute(statement.order_by(key.desc()).limit(limit + 1))).all()
    more = len(rows) > limit
    return rows[:limit], encode_cursor(rows[limit - 1][0].id) if more else None
