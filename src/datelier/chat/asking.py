"""The short way of a question: looked up in one round trip, stored with its run in another.

A thread's number is counted up under a lock that lasts until the commit, and whoever starts a
chat at the same time waits for it. Here no trip lies between taking the lock and the commit.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation

from datelier.chat.branch import branch
from datelier.chat.lookup import Seen, looking, seen
from datelier.chat.schemas import MessageIn, Sent
from datelier.chat.service import Saying, known_model
from datelier.kit.context import Context
from datelier.kit.ids import as_uuid, uuid7
from datelier.kit.trips import Rows, Trips
from datelier.runs.bus import THREAD, Bus
from datelier.runs.start import Starting
from datelier.runs.thread_viewers import thread_word
from datelier.threads.creation import creating
from datelier.threads.desk import Pin
from datelier.threads.idempotency import Taking


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as far as the short way can take it.

    Attributes:
        chat: The thread's id, or what a client calls it.
        body: The question. It follows what was said last.
        run_id: The run that answers.
        create: Begin the chat if there is none.
        client_id: What a client calls the question.
        taking: The request's idempotency key, or None.
    """

    chat: UUID | str
    body: MessageIn
    run_id: UUID
    create: bool = False
    client_id: str | None = None
    taking: Taking | None = None


async def ask(ctx: Context, asking: Asking) -> Sent | None:
    """Store a question and start its run, in a transaction of its own.

    Returns:
        What was started; None when nothing was done, because the question is not an ordinary
        one: the long way does it, or says what is wrong.

    Raises:
        NotFound: There is no such model.
    """
    body = asking.body
    said = as_uuid(asking.client_id) if asking.client_id else None
    async with ctx.resources.get(Trips).begin(ctx.org_id) as trip:
        [rows] = await trip.send([looking(ctx, asking.chat, body.model_id, said)])
        found = _understood(asking, seen(rows[0])) if rows else None
        if found is None:
            return None
        writing = _Writing(ctx, asking, found)
        try:
            with known_model(body.model_id):
                stored = await trip.send(writing.statements, commit=True)
        except UniqueViolation:
            return None  # somebody was faster, or the id is somebody else's
    return writing.begin(stored)


def _understood(asking: Asking, found: Seen) -> Seen | None:
    """Return what was found, narrowed to the sources that were named; None to go the long way."""
    if found.said_before or (found.thread_id is None and not asking.create):
        return None
    wanted = asking.body.source_ids
    if wanted is None or (found.thread_id is None and not wanted):
        return found
    if found.thread_id is not None:
        return found if tuple(wanted) == found.desk.source_ids else None
    return found.narrowed(wanted)


class _Writing:
    """The second trip, and what follows it."""

    def __init__(self, ctx: Context, asking: Asking, found: Seen) -> None:
        chat = asking.chat
        self._ctx = ctx
        self._found = found
        self._thread_id = found.thread_id or (chat if isinstance(chat, UUID) else uuid7())
        self._saying = Saying(
            ctx,
            self._thread_id,
            asking.body,
            question=uuid7(),
            parent_id=found.leaf_id,
            client_id=asking.client_id,
            run_id=asking.run_id,
            pin=Pin(found.desk.agent_id, found.desk.agent_version),
        )
        self._starting = Starting(ctx, self._saying.start())
        # The thread first, since what follows refers to it.
        making = ()
        if found.thread_id is None:
            client_id = chat if isinstance(chat, str) else None
            making = creating(ctx, self._thread_id, client_id, found.desk)
        self._first = len(making)
        self.statements = [*making, self._saying.statement, self._starting.statement]
        if found.leaf_id is not None:
            self.statements.append(branch(ctx, self._thread_id, self._saying.question))
        if asking.taking is not None:
            self.statements.append(asking.taking.statement(ctx, self._saying.sent(0)))

    def begin(self, stored: Rows) -> Sent:
        """Once committed: hand the run to a runner, and tell who watches the thread."""
        [said], [started], *rest = stored[self._first :]
        started_at = started["started_at"]
        if started_at is not None and self._found.config is not None:
            self._hand_over(rest[0] if self._found.leaf_id is not None else None)
        self._starting.begin(started_at, started["agent_version"])
        ctx = self._ctx
        word = thread_word(ctx.org_id, self._thread_id, "message")
        ctx.resources.get(Bus).tell_all(THREAD, (word,))
        return self._saying.sent(said["n"])

    def _hand_over(self, told: list[dict[str, Any]] | None) -> None:
        """Give this process's runner what it would otherwise read again a moment later."""
        # Lazy: LangChain costs half a second, and only processes that execute runs need it.
        from datelier.chat.turn import hand_over  # noqa: PLC0415

        saying, found = self._saying, self._found
        said = [("user", saying.body.text, None)]
        if told is not None:
            said = [(row["role"], row["text"], row["parts"]) for row in told]
        hand_over(self._ctx, saying.run_id, found, said)
