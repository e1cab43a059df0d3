"""Workers as the platform knows them: tokens, who is attached, and to which replica.

Workers sign in before any organization is known, and their sessions belong to replicas, so the
verbs that write here run as the system role.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, update

from datelier.kit.clock import now
from datelier.kit.context import Context, Resources
from datelier.kit.errors import Unauthenticated
from datelier.kit.ids import token, uuid7
from datelier.sources.models import Worker, WorkerSession

STALE_SECONDS: Final = 15
_ALIVE = WorkerSession.seen_at > func.now() - timedelta(seconds=STALE_SECONDS)


@dataclass(frozen=True, slots=True)
class WorkerIdentity:
    """Who a worker token stands for; `org_id` None serves every organization."""

    worker_id: UUID
    org_id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class Replica:
    """A server replica that holds a worker's stream; `address` is `host:port` of its gateway."""

    name: str
    address: str
    engines: frozenset[str]
    org_id: UUID | None


def _digest(secret: str) -> bytes:
    # Tokens carry 256 random bits, so a plain digest cannot be guessed back.
    return hashlib.sha256(secret.encode()).digest()


async def create_local_worker(resources: Resources, name: str = "local") -> str:
    """Register a worker that serves every organization and return its token, shown only once."""
    return await _create(resources, name, None)


async def create_worker(resources: Resources, name: str, org_id: UUID) -> str:
    """Register a worker of one organization and return its token, shown only once."""
    return await _create(resources, name, org_id)


async def _create(resources: Resources, name: str, org_id: UUID | None) -> str:
    secret = token("dtw")
    async with resources.db.system() as session:
        session.add(
            Worker(org_id=org_id, name=name, token_hash=_digest(secret), local=org_id is None)
        )
    return secret


async def verify_worker(resources: Resources, secret: str) -> WorkerIdentity:
    """Return whose token `secret` is.

    Raises:
        Unauthenticated: Unknown or revoked.
    """
    query = select(Worker.id, Worker.org_id, Worker.name).where(
        Worker.token_hash == _digest(secret), Worker.revoked_at.is_(None)
    )
    async with resources.db.system() as session:
        row = (await session.execute(query)).one_or_none()
    if row is None:
        raise Unauthenticated("The worker token is not valid.")
    return WorkerIdentity(row.id, row.org_id, row.name)


async def revoke_worker(resources: Resources, worker_id: UUID) -> None:
    """Revoke a worker's token; its stream ends with the next heartbeat, within seconds."""
    async with resources.db.system() as session:
        await session.execute(update(Worker).where(Worker.id == worker_id).values(revoked_at=now()))


async def open_session(resources: Resources, row: WorkerSession) -> UUID:
    """Record that a replica holds a worker's stream; an older stream of the worker is fenced."""
    row.id = uuid7()
    async with resources.db.system() as session:
        await session.execute(delete(WorkerSession).where(WorkerSession.worker_id == row.worker_id))
        await session.execute(delete(WorkerSession).where(~_ALIVE))
        session.add(row)
    return row.id


async def touch_session(resources: Resources, session_id: UUID) -> bool:
    """Renew a session; False when it was fenced by a newer stream or its worker was revoked."""
    renew = (
        update(WorkerSession)
        .where(
            WorkerSession.id == session_id,
            WorkerSession.worker_id.in_(select(Worker.id).where(Worker.revoked_at.is_(None))),
        )
        .values(seen_at=func.now())
        .returning(WorkerSession.id)
    )
    async with resources.db.system() as session:
        return (await session.execute(renew)).scalar_one_or_none() is not None


async def close_session(resources: Resources, session_id: UUID) -> None:
    """Forget a stream that has ended."""
    async with resources.db.system() as session:
        await session.execute(delete(WorkerSession).where(WorkerSession.id == session_id))


async def replicas(ctx: Context) -> list[Replica]:
    """Replicas that hold a living stream of a worker this organization may use, its own first."""
    query = (
        select(
            WorkerSession.replica,
            WorkerSession.address,
            WorkerSession.engines,
            WorkerSession.org_id,
        )
        .where(
            _ALIVE,
            (WorkerSession.org_id == ctx.org_id) | WorkerSession.org_id.is_(None),
        )
        .order_by(WorkerSession.org_id.is_(None), WorkerSession.connected_at.desc())
    )
    if ctx.in_transaction:
        rows = (await ctx.session.execute(query)).all()
    else:
        async with ctx.begin() as tx:
            rows = (await tx.session.execute(query)).all()
    return [
        Replica(row.replica, row.address, frozenset(map(str, row.engines)), row.org_id)
        for row in rows
    ]


async def online_numbers(ctx: Context) -> list[int]:
    """Numbers of the connected workers this organization may use, ascending."""
    query = (
        select(Worker.number)
        .join(WorkerSession, WorkerSession.worker_id == Worker.id)
        .where(
            _ALIVE,
            (WorkerSession.org_id == ctx.org_id) | WorkerSession.org_id.is_(None),
        )
        .distinct()
        .order_by(Worker.number)
    )
    return list((await ctx.session.execute(query)).scalars())
