"""Workers as the platform knows them: tokens, who is attached, and to which replica.

Workers sign in before any organization is known, and their sessions belong to replicas, so the
verbs that write here run as the system role.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from datelier.kit.clock import now
from datelier.kit.context import Context, Resources
from datelier.kit.errors import Unauthenticated
from datelier.kit.ids import token, uuid7
from datelier.sources.capability import Offer, held_from
from datelier.sources.models import Worker, WorkerSession

STALE_SECONDS: Final = 15
ALIVE: Final = WorkerSession.seen_at > func.now() - timedelta(seconds=STALE_SECONDS)
_ERROR_LENGTH: Final = 500


@dataclass(frozen=True, slots=True)
class WorkerIdentity:
    """Who a worker token stands for; `org_id` None serves every organization."""

    worker_id: UUID
    org_id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A living stream of a worker, and the gateway that holds it (`host:port`)."""

    session_id: UUID
    worker_id: UUID
    replica: str
    address: str
    offer: Offer
    busy: float


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of life: actions in flight, whether it leaves, and what went wrong since."""

    load: int = 0
    draining: bool = False
    error: str | None = None


Standing = Literal["held", "fenced", "revoked"]


def digest(secret: str) -> bytes:
    """Return what is stored of a token."""
    # Tokens carry 256 random bits, so a plain digest cannot be guessed back.
    return hashlib.sha256(secret.encode()).digest()


async def create_local_worker(resources: Resources, name: str = "local") -> str:
    """Register a worker that serves every organization and return its token, shown only once."""
    async with resources.db.system() as session:
        return add_worker(session, name, None)[1]


async def create_worker(resources: Resources, name: str, org_id: UUID) -> str:
    """Register a worker of one organization and return its token, shown only once."""
    async with resources.db.system() as session:
        return add_worker(session, name, org_id)[1]


def add_worker(session: AsyncSession, name: str, org_id: UUID | None) -> tuple[Worker, str]:
    """Add a worker to an open system transaction; return it and its token."""
    secret = token("dtw")
    row = Worker(
        id=uuid7(), org_id=org_id, name=name, token_hash=digest(secret), local=org_id is None
    )
    session.add(row)
    return row, secret


async def verify_worker(resources: Resources, secret: str) -> WorkerIdentity:
    """Return whose token `secret` is.

    Raises:
        Unauthenticated: Unknown or revoked.
    """
    query = select(Worker.id, Worker.org_id, Worker.name).where(
        Worker.token_hash == digest(secret), Worker.revoked_at.is_(None)
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


async def open_session(resources: Resources, row: WorkerSession, host: str | None = None) -> UUID:
    """Record that a replica holds a worker's stream; an older stream of the worker is fenced.

    Raises:
        Unauthenticated: The worker was revoked meanwhile.
    """
    row.id = uuid7()
    async with resources.db.system() as session:
        # The lock makes two replicas take turns: of two streams only the later one stays.
        known = select(Worker.id).where(Worker.id == row.worker_id, Worker.revoked_at.is_(None))
        if (await session.execute(known.with_for_update())).scalar_one_or_none() is None:
            raise Unauthenticated("The worker token is not valid.")
        await session.execute(delete(WorkerSession).where(WorkerSession.worker_id == row.worker_id))
        # Rows that another replica is removing are left to it, since waiting could be mutual.
        dead = select(WorkerSession.id).where(~ALIVE).with_for_update(skip_locked=True)
        await session.execute(delete(WorkerSession).where(WorkerSession.id.in_(dead)))
        session.add(row)
        facts = {
            "version": row.version,
            "slots": row.slots,
            "engines": row.engines,
            "sources": row.sources,
            "last_seen_at": func.now(),
            "host": host,
        }
        await session.execute(update(Worker).where(Worker.id == row.worker_id).values(facts))
    return row.id


async def touch_session(resources: Resources, session_id: UUID, sign: Sign) -> Standing:
    """Renew a session, unless it was fenced by a newer stream or its worker was revoked."""
    renew = (
        update(WorkerSession)
        .where(
            WorkerSession.id == session_id,
            WorkerSession.worker_id.in_(select(Worker.id).where(Worker.revoked_at.is_(None))),
        )
        .values(seen_at=func.now(), load=sign.load, draining=sign.draining)
        .returning(WorkerSession.worker_id)
    )
    # Everybody locks the worker before its sessions.
    worker = (
        select(Worker.id)
        .join(WorkerSession, WorkerSession.worker_id == Worker.id)
        .where(WorkerSession.id == session_id)
        .with_for_update(of=Worker)
    )
    async with resources.db.system() as session:
        await session.execute(worker)
        worker_id = (await session.execute(renew)).scalar_one_or_none()
        if worker_id is not None:
            await _seen(session, worker_id, sign.error)
            return "held"
        left = select(WorkerSession.id).where(WorkerSession.id == session_id)
        gone = (await session.execute(left)).scalar_one_or_none() is None
    return "fenced" if gone else "revoked"


async def close_session(
    resources: Resources, session_id: UUID, worker_id: UUID, error: str | None = None
) -> None:
    """Forget a stream that has ended, and note why if something was wrong."""
    async with resources.db.system() as session:
        await _seen(session, worker_id, error)
        await session.execute(delete(WorkerSession).where(WorkerSession.id == session_id))


async def note_error(resources: Resources, worker_id: UUID, error: str) -> None:
    """Keep what went wrong with a worker, for people to see."""
    async with resources.db.system() as session:
        await _seen(session, worker_id, error)


async def _seen(session: AsyncSession, worker_id: UUID, error: str | None) -> None:
    values: dict[str, object] = {"last_seen_at": func.now()}
    if error is not None:
        values |= {"last_error": error[:_ERROR_LENGTH], "last_error_at": func.now()}
    await session.execute(update(Worker).where(Worker.id == worker_id).values(values))


async def replicas(ctx: Context) -> list[Seat]:
    """Living streams of workers this organization may use, its own and the least busy first."""
    query = (
        select(WorkerSession)
        .where(
            ALIVE,
            ~WorkerSession.draining,
            (WorkerSession.org_id == ctx.org_id) | WorkerSession.org_id.is_(None),
        )
        .order_by(WorkerSession.org_id.is_(None), WorkerSession.connected_at.desc())
    )
    if ctx.in_transaction:
        rows = (await ctx.session.execute(query)).scalars().all()
    else:
        async with ctx.begin() as tx:
            rows = (await tx.session.execute(query)).scalars().all()
    return sorted(map(_seat, rows), key=lambda seat: (seat.offer.org_id is None, seat.busy))


def _seat(row: WorkerSession) -> Seat:
    return Seat(
        session_id=row.id,
        worker_id=row.worker_id,
        replica=row.replica,
        address=row.address,
        offer=Offer(row.org_id, frozenset(map(str, row.engines)), held_from(row.sources)),
        busy=row.load / max(1, row.slots),
    )


async def online_numbers(ctx: Context) -> list[int]:
    """Numbers of the connected workers this organization may use, ascending."""
    query = (
        select(Worker.number)
        .join(WorkerSession, WorkerSession.worker_id == Worker.id)
        .where(
            ALIVE,
            (WorkerSession.org_id == ctx.org_id) | WorkerSession.org_id.is_(None),
        )
        .distinct()
        .order_by(Worker.number)
    )
    return list((await ctx.session.execute(query)).scalars())
