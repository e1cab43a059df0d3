"""What the process that performs a query looks for and leaves behind while it does."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

import psycopg
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.log import get_logger
from datelier.queries.models import QueryVersion

log = get_logger(__name__)

WATCH_SECONDS: Final = 1.0
_SIGN_EVERY: Final = 5  # looks
_SILENT: Final = timedelta(seconds=30)
# The row says that its process lives; of one that is no longer running it says nothing.
_SIGN: Final = text(
    "update query_version set updated_at = now() "
    "where org_id = :org and id = :version and status = 'running' returning status"
)


async def watch_for_end(ctx: Context, version_id: UUID) -> None:
    """Return once another process has cancelled the version, as soon as PostgreSQL can tell."""
    looks = 0
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            async with ctx.begin() as tx:
                status = None
                if looks % _SIGN_EVERY == 0:
                    values = {"org": ctx.org_id, "version": version_id}
                    status = (await tx.session.execute(_SIGN, values)).scalar()
                status = status or await status_of(tx, version_id)
        except (SQLAlchemyError, psycopg.Error) as error:
            log.warning("watch_waits_for_database", error=str(error))
            continue
        looks += 1
        if status not in (None, "running"):
            return


async def status_of(ctx: Context, version_id: UUID) -> str | None:
    """Return the status of a version; None where PostgreSQL has crashed and forgotten it."""
    found = select(QueryVersion.status).where(
        QueryVersion.org_id == ctx.org_id, QueryVersion.id == version_id
    )
    return (await ctx.session.execute(found)).scalar_one_or_none()


def has_died(version: QueryVersion) -> bool:
    """Whether the process that performs a running version is gone: it gave no sign for long."""
    return version.status == "running" and now() - version.updated_at > _SILENT
