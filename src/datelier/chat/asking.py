"""A question, and what the short way stores of it in one round trip."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from datelier.chat.branch import branch
from datelier.chat.lookup import Seen
from datelier.chat.schemas import MessageIn, Sent
from datelier.chat.service import Saying
from datelier.kit.context import Context
from datelier.kit.db import Statement
from datelier.kit.ids import uuid7
from datelier.kit.trips import Rows
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


def understood(asking: Asking, found: Seen) -> Seen | None:
    """Return what was found, narrowed to the sources that were named; None to go the long way."""
    if found.said_before or found.budgeted or (found.thread_id is None and not asking.create):
        return None
    wanted = asking.body.source_ids
    if wanted is None or (found.thread_id is None and not wanted):
        return found
    if found.thread_id is not None:
        return found if tuple(wanted) == found.desk.source_ids else None
    return found.narrowed(wanted)


class Writing:
    """What stores a question and its run, and what follows the commit.

    Attributes:
        statements: Store the question, in order.
        run: Stores the run, last of all.
    """

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
            pin=Pin(
                found.desk.agent_id,
                found.desk.agent_version,
                workflow=found.desk.definition.workflow,
            ),
        )
        self._starting = Starting(ctx, self._saying.start())
        self.run = self._starting.statement
        # The thread first, since what follows refers to it.
        making = ()
        if found.thread_id is None:
            client_id = chat if isinstance(chat, str) else None
            making = creating(ctx, self._thread_id, client_id, found.desk)
        self._first = len(making)
        self.statements: list[Statement] = [*making, self._saying.statement]
        if found.leaf_id is not None:
            self.statements.append(branch(ctx, self._thread_id, self._saying.question))
        if asking.taking is not None:
            self.statements.append(asking.taking.statement(ctx, self._saying.sent(0)))

    def begin(self, stored: Rows, started: Mapping[str, Any]) -> Sent:
        """Once committed: hand the run to a runner, and tell who watches the thread.

        Args:
            stored: What :attr:`statements` gave.
            started: The row that :attr:`run` gave.
        """
        [said], *rest = stored[self._first :]
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
        from datelier.chat.turn import hand_over  # noqa: PLC0415  # lazy: LangChain takes half a second, and only who executes runs needs it

        saying, found = self._saying, self._found
        said = [("user", saying.body.text, None)]
        if told is not None:
            said = [(row["role"], row["text"], row["parts"]) for row in told]
        hand_over(self._ctx, saying.run_id, found, said)
