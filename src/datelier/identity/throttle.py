"""Sign-in attempts per account and per address, counted in the database for all replicas."""

import hashlib
import math
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from datelier.identity.errors import TooManyAttempts
from datelier.identity.models import LoginAttempt
from datelier.kit.db import Database

PER_ACCOUNT = 5
PER_ADDRESS = 10
_WINDOW_SECONDS = 60
_since = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, _WINDOW_SECONDS)
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:subject, 0))")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One admitted attempt; its rows are taken back when it succeeds."""

    account: str
    row_ids: tuple[int, ...]


async def admit(db: Database, *, email: str, address: str) -> Attempt:
    """Count an attempt before it is made, so that attempts at the same time count as well.

    Raises:
        TooManyAttempts: 5 per account or 10 per address within the last minute are used up.
    """
    account = "account:" + hashlib.sha256(email.lower().encode()).hexdigest()
    limits = ((account, PER_ACCOUNT), (f"address:{address}", PER_ADDRESS))
    async with db.system() as session:
        await session.execute(delete(LoginAttempt).where(LoginAttempt.at < _since))
        for subject, limit in limits:
            await _require_room(session, subject, limit)
        added = await session.execute(
            insert(LoginAttempt).returning(LoginAttempt.id), [{"subject": s} for s, _ in limits]
        )
        return Attempt(account, tuple(added.scalars()))


async def forgive(db: Database, attempt: Attempt) -> None:
    """Forget an attempt that succeeded, and the account's failures before it."""
    async with db.system() as session:
        await session.execute(
            delete(LoginAttempt).where(
                LoginAttempt.id.in_(attempt.row_ids) | (LoginAttempt.subject == attempt.account)
            )
        )


async def _require_room(session: AsyncSession, subject: str, limit: int) -> None:
    await session.execute(_LOCK, {"subject": subject})
    count, wait = (
        await session.execute(
            select(
                func.count(),
                _WINDOW_SECONDS - func.extract("epoch", func.now() - func.min(LoginAttempt.at)),
            ).where(LoginAttempt.subject == subject)
        )
    ).one()
    if count >= limit:
        raise TooManyAttempts(max(1, math.ceil(float(wait))))
