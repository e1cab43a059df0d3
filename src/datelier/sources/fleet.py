"""The organization's workers for people: who is there, how they are, and revoking one."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from datelier import __version__
from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.errors import Conflict, NotFound
from datelier.sources.gateway import WorkerGateway
from datelier.sources.models import Worker, WorkerSession
from datelier.sources.worker_schemas import WorkerOut
from datelier.sources.workers import ALIVE

_RECENT: Final = timedelta(minutes=10)


class PlatformWorker(Conflict):
    """The installation's own worker is not an organization's to revoke."""

    code, title = "platform_worker", "This worker belongs to the installation"


async def list_workers(ctx: Context) -> list[WorkerOut]:
    """Return the workers this organization may use, connected ones first, then by name."""
    query = (
        select(
            Worker.id,
            Worker.number,
            Worker.name,
            Worker.host,
            Worker.org_id,
            Worker.version,
            Worker.slots,
            Worker.engines,
            Worker.sources,
            Worker.last_seen_at,
            Worker.last_error,
            Worker.last_error_at,
            Worker.created_at,
            WorkerSession.connected_at,
            WorkerSession.draining,
            WorkerSession.load,
        )
        .outerjoin(WorkerSession, (WorkerSession.worker_id == Worker.id) & ALIVE)
        .where((Worker.org_id == ctx.org_id) | Worker.org_id.is_(None), Worker.revoked_at.is_(None))
        .order_by(WorkerSession.connected_at.is_(None), Worker.name, Worker.number)
    )
    rows = (await ctx.session.execute(query)).mappings().all()
    # An installation's worker that is away says nothing to an organization; a new one replaced it.
    return [_shown(dict(row)) for row in rows if row["org_id"] is not None or row["connected_at"]]


def _shown(row: dict[str, Any]) -> WorkerOut:
    platform = row.pop("org_id") is None
    draining = row.pop("draining")
    online = row["connected_at"] is not None
    state = "offline" if not online else "draining" if draining else "online"
    if platform:
        # Its machine and its troubles may tell one organization about another.
        row |= {"host": None, "last_error": None, "last_error_at": None, "sources": []}
    failed_at = row["last_error_at"]
    failing = failed_at is not None and failed_at > now() - _RECENT
    health = "failing" if failing else "ok" if online else "away"
    return WorkerOut(
        **row, state=state, health=health, upgrade=_older(row["version"]), platform=platform
    )


def _older(version: str | None) -> Any:
    theirs, ours = _parts(version), _parts(__version__)
    if theirs is None or ours is None or theirs == ours:
        return None
    return "worker" if theirs < ours else "server"


def _parts(version: str | None) -> tuple[int, ...] | None:
    parts = (version or "").split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else None


async def revoke(ctx: Context, worker_id: UUID) -> None:
    """Revoke a worker's token; its stream ends at once here, elsewhere within five seconds.

    Raises:
        NotFound: No such worker, or already revoked.
        PlatformWorker: It serves the whole installation.
    """
    # The explicit column keeps the organization in sight: this table has rows of nobody.
    query = select(Worker.name, Worker.org_id).where(
        Worker.id == worker_id,
        (Worker.org_id == ctx.org_id) | Worker.org_id.is_(None),
        Worker.revoked_at.is_(None),
    )
    found = (await ctx.session.execute(query)).one_or_none()
    if found is None:
        raise NotFound("worker", worker_id)
    if found.org_id is None:
        raise PlatformWorker(
            "This worker belongs to the installation and serves every organization.",
            hint="Start the server with --no-worker to be without it.",
        )
    await ctx.session.execute(
        update(Worker)
        .where(Worker.id == worker_id, Worker.org_id == ctx.org_id)
        .values(revoked_at=now())
    )
    await record(
        ctx, action="worker.revoked", target=("worker", worker_id), detail={"name": found.name}
    )
    gateway = ctx.resources.get(WorkerGateway)
    ctx.on_commit(lambda: gateway.drop(worker_id))
