"""The loop that tells people: it takes up events, orders digests, and delivers, again if need be.

Every process that executes runs has one. Nothing is held in memory that a database row does not
know: whatever a process that died was at, another tries again under the same id.
"""

import asyncio
import random
from time import monotonic
from typing import Final

import psycopg
import sqlalchemy.exc
from sqlalchemy.exc import InterfaceError, OperationalError

from datelier.channels.endpoints import SEND
from datelier.channels.errors import MailFailed
from datelier.channels.held import Held, Result, as_of_now, hold, prune, settle
from datelier.channels.mailing import AT_ONCE, Mailer
from datelier.channels.models import Webhook
from datelier.channels.people import find_member, waits_for
from datelier.channels.posting import Outgoing, outgoing, post
from datelier.channels.spreading import (
    digest_all,
    pending_for,
    spread_again,
    spread_all,
    system,
)
from datelier.channels.wording import Letter, digest_letter, request_letter, written
from datelier.identity.audit import record
from datelier.kit.context import Context, Resources
from datelier.kit.crypto import SecretUnreadable
from datelier.kit.db import owned
from datelier.kit.fail_points import reach
from datelier.kit.log import get_logger

log = get_logger(__name__)

LEASE_S: Final = 120.0
_EVERY: Final = 1.0
_MOST: Final = 16
_DIGEST_EVERY: Final = 60.0
_PRUNE_EVERY: Final = 3600.0
_PRUNE_ON: Final = 0.2  # seconds, at least, until the next batch, while there is more to forget
_GRACE: Final = 1.0
_NOT_WAITING: Final = "It waits for this person no more."
_NOT_WANTED: Final = "Notices of this kind are not wanted here any more."
_UNSENT: Final = "It could not be sent; the server's log says why."


class Deliverer:
    """Delivers notices, up to sixteen at once, of which no more are mails than the mailer sends.

    So a mail server that is slow keeps no webhook waiting, and no mail waits for its turn while its
    lease runs out.

    Args:
        resources: The process's resources.
        lease: Seconds after which another process may take a delivery over; longer than any
            attempt takes.
    """

    def __init__(self, resources: Resources, lease: float = LEASE_S) -> None:
        self._resources = resources
        self._lease = lease
        self._mailer = Mailer(resources.settings)
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._wake = asyncio.Event()
        self._digested = -_DIGEST_EVERY
        self._prune_at = 0.0

    async def look_once(self) -> int:
        """Do what is due now and begin to deliver; return how much there was.

        What fails is due again after its pause, so that it does not keep the rest from being done.
        """
        if monotonic() - self._digested >= _DIGEST_EVERY:
            self._digested = monotonic()
            await digest_all(self._resources)
        if monotonic() >= self._prune_at:
            self._prune_at = monotonic() + _PRUNE_EVERY
            if await prune(self._resources.db):
                self._prune_at = monotonic() + _PRUNE_ON
        count = await spread_all(self._resources)
        free = _MOST - len(self._tasks)
        mails = AT_ONCE - list(self._tasks.values()).count("email")
        if free > 0:
            for held in await hold(self._resources.db, free, mails, self._lease):
                count += 1
                task = asyncio.create_task(self._deliver(held), name=f"delivery {held.id}")
                self._tasks[task] = held.channel
                task.add_done_callback(self._done)
        return count

    async def settle_all(self) -> None:
        """Wait until nothing is being delivered."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def run(self) -> None:
        """Look once a second, and when a place becomes free, until cancelled."""
        while True:
            jitter = random.uniform(0.8, 1.2)  # noqa: S311  # not a secret
            try:
                async with asyncio.timeout(_EVERY * jitter):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            try:
                await self.look_once()
            except (psycopg.Error, sqlalchemy.exc.SQLAlchemyError) as error:
                log.warning("channels_failed", error=str(error))
            except Exception:
                log.exception("channels_failed")

    async def close(self) -> None:
        """Give what is being sent a moment; the rest is tried again by another process."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=_GRACE)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        self._wake.set()

    async def _deliver(self, held: Held) -> None:
        reach("delivery.held")
        try:
            result = await self._tried(held)
            reach("delivery.sent")
            async with system(self._resources, held.org_id).begin() as tx:
                result = await as_of_now(tx, held, result)
                if await settle(tx, held, result) and result.gone:
                    detail = {"reason": result.error}
                    target = ("webhook", held.webhook_id)
                    await record(tx, action="webhook.disabled", target=target, detail=detail)
            reach("delivery.settled")
        except Exception as error:
            # It is still held and will be tried again when that has run out.
            log.exception("delivery_failed", delivery_id=str(held.id), error=type(error).__name__)

    async def _tried(self, held: Held) -> Result:
        """Attempt it; what nobody foresaw is tried again later and given up, like any failure."""
        try:
            return await self._attempt(held)
        except (OperationalError, InterfaceError):
            raise  # PostgreSQL is away, which is no fault of the delivery
        except Exception:
            log.exception("delivery_failed", delivery_id=str(held.id))
            return Result(error=_UNSENT)

    async def _attempt(self, held: Held) -> Result:
        if held.channel == "email":
            return await self._mail(held)
        if held.channel == "event":
            return Result(error=await spread_again(self._resources, held.org_id, held.target))
        async with system(self._resources, held.org_id).begin() as tx:
            ready = await self._prepared(tx, held)
        if isinstance(ready, Result):
            return ready
        done = await post(self._resources, ready)
        return Result(
            error="" if done.ok else done.detail,
            status=done.status,
            wait=done.wait,
            busy=done.busy,
            gone=done.gone,
            final=done.final,
            url=ready.url,
        )

    async def _prepared(self, tx: Context, held: Held) -> Outgoing | Result:
        found = owned(tx, Webhook).where(Webhook.id == held.webhook_id)
        hook = (await tx.session.execute(found)).scalar_one_or_none()
        if hook is None or not hook.enabled:
            return Result(error="The webhook was switched off.", dropped=True)
        why_not = await _why_not(tx, hook, held)
        if why_not:
            return Result(error=why_not, dropped=True)
        try:
            return outgoing(self._resources, hook, held.event_key, held.payload or {})
        except SecretUnreadable as error:
            return Result(error=error.detail)

    async def _mail(self, held: Held) -> Result:
        if not self._mailer.configured:
            return Result(error="No mail server is set.", dropped=True)
        async with system(self._resources, held.org_id).begin() as tx:
            letter = await self._letter(tx, held)
        if isinstance(letter, str):
            return Result(error=letter, dropped=True)
        try:
            await self._mailer.send(written(self._resources.settings, letter))
        except MailFailed as error:
            return Result(error=error.detail, status=error.code_of_server, final=error.final)
        return Result()

    async def _letter(self, tx: Context, held: Held) -> Letter | str:
        """Return what is sent now, or why nothing is."""
        settings = self._resources.settings
        member = None if held.person_id is None else await find_member(tx, held.person_id)
        if member is None:
            return _NOT_WAITING
        if held.request_id is None:
            rows, total = await pending_for(tx, member)
            letter = digest_letter(settings, held.event_key, member, rows, total)
            return letter if total else _NOT_WAITING
        row = await waits_for(tx, member, held.request_id)
        if row is None:
            return _NOT_WAITING
        if member.kinds.of(row.kind).email != "now":
            return _NOT_WANTED
        key = f"{held.event_key}.{member.id.hex}"
        return request_letter(settings, key, member, held.change, row)


async def _why_not(tx: Context, hook: Webhook, held: Held) -> str:
    """Return why a webhook is not told any more; empty when it is."""
    if held.person_id is None:
        kind = (held.payload or {}).get("data", {}).get("kind")
        return "" if kind in hook.kinds else _NOT_WANTED
    assert held.request_id is not None
    member = await find_member(tx, held.person_id)
    # Whoever may add no webhook any more is told through none.
    if member is None or SEND not in member.scopes:
        return _NOT_WAITING
    row = await waits_for(tx, member, held.request_id)
    if row is None:
        return _NOT_WAITING
    return "" if member.kinds.of(row.kind).webhook else _NOT_WANTED
