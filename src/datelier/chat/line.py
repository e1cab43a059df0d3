"""The questions of one organization in one process, stored in the order they came.

One transaction is under way at a time; whatever comes meanwhile goes into the next one together:
one commit and one wait for the queue's lock for all of them. In a crowd nobody so waits for the
locks of those behind, and every run begins in the process that stored it. Between two groups the
process is left to the runs of the first, so that their first words come early. Other organizations
stand in lines of their own: nobody waits for a lock that somebody else's chat holds.
"""

import asyncio
import contextvars
from collections import deque
from uuid import UUID

import psycopg
from psycopg.errors import UniqueViolation
from sqlalchemy.exc import DataError

from datelier.chat.asking import Asking, Writing, understood
from datelier.chat.lookup import looking, seen
from datelier.chat.schemas import Sent
from datelier.chat.service import known_model
from datelier.kit.context import Context, Resources
from datelier.kit.db import Statement
from datelier.kit.idle import until_idle
from datelier.kit.ids import as_uuid
from datelier.kit.trips import Rows, Trips
from datelier.runs.start import in_turn

# Who is first in a group waits for the last: few enough that one commit is still quick.
_TOGETHER = 16
# Seconds that a stored run may keep the next ones waiting. All who wait would otherwise begin at
# once, and the first be answered hardly before the last.
_HEAD_START = 0.004


class _Place:
    """Somebody's place in the line."""

    __slots__ = ("asking", "context", "ctx", "sent")

    def __init__(self, ctx: Context, asking: Asking) -> None:
        self.ctx = ctx
        self.asking = asking
        self.context = contextvars.copy_context()  # what the run logs belongs to its request
        self.sent: asyncio.Future[Sent | None] = asyncio.get_running_loop().create_future()

    @property
    def chat(self) -> tuple[UUID | None, UUID | str]:
        return self.ctx.actor.id, self.asking.chat

    def looking(self) -> Statement:
        asking = self.asking
        said = as_uuid(asking.client_id) if asking.client_id else None
        return looking(self.ctx, asking.chat, asking.body.model_id, said)

    def leave(self, sent: Sent | None) -> None:
        if not self.sent.done():
            self.sent.set_result(sent)

    def fail(self, error: Exception) -> None:
        if not self.sent.done():
            self.sent.set_exception(error)


class Line:
    """Who of one organization waits with a question.

    Args:
        resources: Of the process.
    """

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._waiting: deque[_Place] = deque()
        self._serving: asyncio.Task[None] | None = None

    async def ask(self, ctx: Context, asking: Asking) -> Sent | None:
        """See :func:`ask`."""
        place = _Place(ctx, asking)
        self._waiting.append(place)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve(), name="questions")
        return await place.sent

    @property
    def idle(self) -> bool:
        """Whether nobody waits or is served."""
        return not self._waiting and (self._serving is None or self._serving.done())

    async def _serve(self) -> None:
        while self._waiting:
            group = self._next()
            await self._settle(group)
            if self._waiting:
                await until_idle(len(group) * _HEAD_START)

    def _next(self) -> list[_Place]:
        """Return who is next, each with another chat."""
        group: list[_Place] = []
        later: list[_Place] = []
        chats: set[tuple[UUID | None, UUID | str]] = set()
        while self._waiting and len(group) < _TOGETHER:
            place = self._waiting.popleft()
            if place.chat not in chats:
                group.append(place)
                chats.add(place.chat)
            else:
                later.append(place)
        self._waiting.extendleft(reversed(later))
        return group

    async def _settle(self, group: list[_Place]) -> None:
        try:
            await self._store(group)
        except (psycopg.IntegrityError, DataError) as error:
            if len(group) > 1:
                # Which of them it was shows when each comes alone.
                for place in group:
                    await self._settle([place])
            elif isinstance(error, UniqueViolation):
                group[0].leave(None)  # somebody was faster, or the id is somebody else's
            else:
                group[0].fail(error)
        except Exception as error:  # noqa: BLE001  # said to everybody who waits for it
            for place in group:
                place.fail(error)

    async def _store(self, group: list[_Place]) -> None:
        writings: list[tuple[_Place, Writing]] = []
        others: list[_Place] = []
        again: list[_Place] = []
        async with self._resources.get(Trips).begin(group[0].ctx.org_id) as trip:
            looked = await trip.send([place.looking() for place in group])
            threads: set[UUID] = set()
            for place, rows in zip(group, looked, strict=True):
                found = understood(place.asking, seen(rows[0])) if rows else None
                if found is None:
                    others.append(place)
                elif found.thread_id in threads:
                    again.append(place)  # the same chat by another name
                else:
                    writings.append((place, Writing(place.ctx, place.asking, found)))
                    if found.thread_id is not None:
                        threads.add(found.thread_id)
            stored: Rows = []
            if writings:
                questions = [statement for _, w in writings for statement in w.statements]
                runs = [writing.run for _, writing in writings]
                turn = in_turn(self._resources)
                stored = await trip.send([*questions, *turn, *runs], commit=True)
        self._waiting.extendleft(reversed(again))
        for place in others:
            place.leave(None)
        started = iter(stored[-len(writings) :])
        for place, writing in writings:
            answers, stored = stored[: len(writing.statements)], stored[len(writing.statements) :]
            [begun] = next(started)
            place.leave(place.context.run(writing.begin, answers, begun))


class Lines:
    """The lines of one process, by organization, as long as somebody stands in them."""

    def __init__(self) -> None:
        self._lines: dict[UUID, Line] = {}

    async def ask(self, ctx: Context, asking: Asking) -> Sent | None:
        """See :func:`ask`."""
        line = self._lines.get(ctx.org_id)
        if line is None:
            self._lines = {key: line for key, line in self._lines.items() if not line.idle}
            line = self._lines[ctx.org_id] = Line(ctx.resources)
        return await line.ask(ctx, asking)


async def ask(ctx: Context, asking: Asking) -> Sent | None:
    """Store a question and start its run, in a transaction of its own or with others.

    Returns:
        What was started; None when nothing was done, because the question is not an ordinary
        one: the long way does it, or says what is wrong.

    Raises:
        NotFound: There is no such model.
    """
    try:
        lines = ctx.resources.get(Lines)
    except LookupError:
        lines = Lines()
        ctx.resources.register(Lines, lines)
    with known_model(asking.body.model_id):
        return await lines.ask(ctx, asking)
