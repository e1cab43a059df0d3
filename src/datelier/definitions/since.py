"""What has become of the definitions that stored answers used."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from datelier.definitions.models import Definition
from datelier.kit.context import Context
from datelier.kit.db import owned

_KIND = "data-definition"
Parts = list[dict[str, Any]]


async def bring_up_to_date(ctx: Context, messages: Iterable[Parts]) -> None:
    """Say in the parts of answers what their definitions are now; the log keeps what they were.

    An answer used one version. Once the definition has lapsed, was archived, or says something
    else, the part's `status` is ``lapsed`` and its `lapsed` says why.

    Args:
        ctx: The reader, in a transaction.
        messages: The parts of each message; those about definitions are replaced.
    """
    lists = [parts for parts in messages if any(part["type"] == _KIND for part in parts)]
    used = {part["id"] for parts in lists for part in parts if part["type"] == _KIND}
    if not used:
        return
    query = owned(ctx, Definition).where(Definition.id.in_([UUID(str(key)) for key in used]))
    known = {str(row.id): row for row in (await ctx.session.execute(query)).scalars()}
    for parts in lists:
        parts[:] = [
            part | {"data": part["data"] | _now(part["data"], known.get(str(part["id"])))}
            if part["type"] == _KIND
            else part
            for part in parts
        ]


def _now(data: dict[str, Any], row: Definition | None) -> dict[str, Any]:
    if row is None or row.archived_at is not None:
        return {"status": "lapsed", "lapsed": "The definition was archived."}
    if row.version != data["version"]:
        return {
            "status": "lapsed",
            "lapsed": f"The definition was changed to version {row.version}.",
        }
    if row.lapsed is not None:
        return {"status": "lapsed", "lapsed": row.lapsed["detail"]}
    return {"status": row.status}
