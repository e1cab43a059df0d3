"""The first question of a chat: thread, messages and run stored in one round trip.

A thread's number is counted up under a lock that lasts until the commit, and whoever starts a
chat at the same time waits for it. Here no trip lies between taking the lock and the commit.
"""

from uuid import UUID

from psycopg.errors import UniqueViolation

from datelier.chat.foresight import Asked, brief_runner, forget_brief
from datelier.chat.schemas import MessageIn, Sent
from datelier.chat.service import Saying, known_model
from datelier.kit.context import Context
from datelier.kit.db import one_trip
from datelier.kit.ids import uuid7
from datelier.runs.start import Starting, tell_thread
from datelier.threads.creation import creating
from datelier.threads.desk import new_desk


class Taken(Exception):
    """The chat or its message came into being meanwhile; the transaction is void."""


async def open_chat(
    ctx: Context,
    body: MessageIn,
    run_id: UUID,
    *,
    thread_id: UUID | None,
    client_id: str | None,
    message_client_id: str | None,
) -> Sent:
    """Store a chat with its first question, start the run, and commit.

    Args:
        ctx: Who asks, in a transaction that has written nothing; it accepts nothing more.
        body: The question.
        run_id: The run that answers.
        thread_id: Chosen by the client, or None.
        client_id: What the client calls the chat, when that is not a UUID.
        message_client_id: What the client calls the message.

    Raises:
        Taken: Somebody else was faster.
        NotFound: The organization has no agent, or no such model.
    """
    desk = await new_desk(ctx)
    thread_id = thread_id or uuid7()
    saying = Saying(
        ctx, thread_id, body, question=uuid7(), client_id=message_client_id, run_id=run_id
    )
    asked = Asked(thread_id, saying.question, body.model_id, body.text, desk)
    await brief_runner(ctx, run_id, asked)
    starting = Starting(ctx, saying.start())
    statements = [*creating(ctx, thread_id, client_id, desk), saying.statement, starting.statement]
    tell_thread(ctx, thread_id, "message")
    try:
        with known_model(body.model_id):
            *_, [(ahead,)], [(started_at,)] = await one_trip(ctx, statements, commit=True)
    except UniqueViolation:
        forget_brief(ctx, run_id)
        raise Taken from None
    starting.begin(started_at)
    return saying.sent(ahead)
