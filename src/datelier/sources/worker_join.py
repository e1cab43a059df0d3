"""How a machine becomes a worker: a join token of fifteen minutes, exchanged once.

The token is ``dtj_<secret>.<fingerprint>``. Only the secret travels. The fingerprint is the
SHA-256 of the authority that signed the gateway's certificate, so the machine knows whom to trust
before it says anything, and nobody copies certificate files.
"""

import base64
import hashlib
import shlex
import socket
import ssl
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select, update

from datelier.identity.audit import record
from datelier.identity.provision import act_as
from datelier.kit.clock import now
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.db import add_owned
from datelier.kit.errors import Unauthenticated
from datelier.kit.ids import token
from datelier.kit.settings import Settings
from datelier.sources.gateway import WorkerGateway
from datelier.sources.models import WorkerJoin
from datelier.sources.worker_schemas import JoinIn, JoinOut
from datelier.sources.workers import add_worker, digest

LIFETIME: Final = timedelta(minutes=15)
_KEPT: Final = timedelta(days=1)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
ANYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  # compared, not bound


@dataclass(frozen=True, slots=True)
class Joined:
    """A new worker and its token, shown only once."""

    worker_id: str
    name: str
    token: str


async def create_join(ctx: Context, data: JoinIn) -> JoinOut:
    """Make a join token and the one command that uses it; the token cannot be had again."""
    secret = token("dtj")
    name = (data.name or "worker").strip()
    await ctx.session.execute(
        delete(WorkerJoin).where(
            WorkerJoin.org_id == ctx.org_id, WorkerJoin.expires_at < now() - _KEPT
        )
    )
    row = await add_owned(
        ctx,
        WorkerJoin(
            name=name,
            token_hash=digest(secret),
            expires_at=now() + LIFETIME,
            created_by=ctx.actor.id,
        ),
    )
    await record(
        ctx, action="worker.join_created", target=("worker_join", row.id), detail={"name": name}
    )
    gateway = ctx.resources.get(WorkerGateway)
    server = dial_address(ctx.resources.settings, gateway.port)
    whole = secret + (f".{fingerprint(gateway.ca)}" if gateway.ca else "")
    return JoinOut(
        id=row.id,
        name=name,
        token=whole,
        expires_at=row.expires_at,
        server=server,
        command=f"datelier worker start --server {server} --token {whole} "
        f"--name {shlex.quote(name)}",
        loopback_only=host_of(server) in _LOOPBACK,
    )


def fingerprint(authority: bytes) -> str:
    """Return the SHA-256 of a PEM certificate, as join tokens carry it (base64url, 43 signs)."""
    der = ssl.PEM_cert_to_DER_cert(authority.decode("ascii"))
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")


def dial_address(settings: Settings, port: int | None = None) -> str:
    """Return `host:port` that workers dial, as far as this process can know it."""
    if settings.gateway_address:
        given = settings.gateway_address
        has_port = host_of(given) != given.strip("[]")
        return given if has_port else f"{given}:{port or settings.worker_port}"
    host = settings.gateway_host
    host = socket.gethostname() if host in ANYWHERE else host
    return f"{f'[{host}]' if ':' in host else host}:{port or settings.worker_port}"


def host_of(address: str) -> str:
    """Return the host of `host`, `host:port` or `[host]:port`."""
    if address.count(":") > 1 and not address.startswith("["):
        return address  # a bare IPv6 address
    host, _, port = address.rpartition(":")
    return (host if host and port.isdecimal() else address).strip("[]")


async def redeem_join(resources: Resources, secret: str, *, host: str, version: str) -> Joined:
    """Exchange a join token for a worker of its organization, once.

    Raises:
        Unauthenticated: Unknown, used or expired; all answer the same.
    """
    find = (
        select(WorkerJoin)
        .where(
            WorkerJoin.token_hash == digest(secret),
            WorkerJoin.used_at.is_(None),
            WorkerJoin.expires_at > func.now(),
        )
        .with_for_update()
    )
    async with resources.db.system() as session:
        join = (await session.execute(find)).scalar_one_or_none()
        if join is None:
            raise Unauthenticated(
                "The join token is not valid: it works once, for 15 minutes.",
                hint="Make a new one under Settings, Workers.",
            )
        worker, made = add_worker(session, join.name, join.org_id)
        worker.host, worker.version = host[:200] or None, version[:100]
        await session.flush()
        await session.execute(
            update(WorkerJoin)
            .where(WorkerJoin.id == join.id)
            .values(used_at=func.now(), worker_id=worker.id)
        )
        org_id, name, worker_id = join.org_id, join.name, worker.id
        ctx = await act_as(
            resources,
            session,
            actor=Actor("worker", worker_id, name),
            org_id=org_id,
            role="viewer",
        )
        await record(
            ctx,
            action="worker.joined",
            target=("worker", worker_id),
            detail={"name": name, "host": host[:200]},
        )
    return Joined(str(worker_id), name, made)
