"""Saying something to an agent: message and run in one transaction."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import text

from datelier.agents.definition import Workflow, read_definition
from datelier.agents.service import get_agent, published_workflow
from datelier.chat.errors import BackgroundThread
from datelier.chat.graph_name import ANALYST_NAME, PLAIN_NAME
from datelier.chat.schemas import MessageIn, RegenerateIn, Sent
from datelier.kit.context import Context
from datelier.kit.db import Statement, one_trip, owned
from datelier.kit.errors import NotFound
from datelier.kit.ids import uuid7
from datelier.llms.config import Spender
from datelier.llms.reservations import budgeted, count_message
from datelier.runs.encode import encode
from datelier.runs.models import Run
from datelier.runs.start import Start, start_run, stop_run, tell_thread
from datelier.threads.desk import Pin
from datelier.threads.errors import MessageNotQueued
from datelier.threads.models import Message, Thread
from datelier.threads.schemas import ThreadPatch
from datelier.threads.service import delete_thread, get_own_thread, update_thread
from datelier.threads.titles import provisional_title

_GRAPHS: Final[dict[Workflow, str]] = {"plain": PLAIN_NAME, "analyst": ANALYST_NAME}
_UNENDED = "('queued', 'running', 'waiting', 'paused')"

# One round trip: both messages, the thread's newest leaf and its provisional title.
_SAY = f"""
    with ahead as (
        select count(*) as n from run
        where org_id = %(org)s and thread_id = %(thread)s and status in {_UNENDED}
    ), said as (
        insert into message (id, org_id, thread_id, parent_id, client_id, role, status, parts,
                             text, author_kind, author_id, author_name, run_id)
        select v.id, %(org)s, %(thread)s, v.parent_id, v.client_id, v.role,
               case when v.role = 'assistant' or ahead.n > 0 then 'queued' else 'complete' end,
               v.parts, v.text, v.author_kind, v.author_id, v.author_name, %(run)s
        from ahead, (values
            (1, cast(%(question)s as uuid), cast(%(parent)s as uuid), cast(%(client)s as text), 'user',
             cast(%(parts)s as jsonb), cast(%(text)s as text), cast(%(kind)s as text),
             cast(%(author)s as uuid), cast(%(name)s as text)),
            (2, %(answer)s, %(question)s, null, 'assistant', '[]', '', 'agent', null, 'agent')
        ) as v (n, id, parent_id, client_id, role, parts, text, author_kind, author_id, author_name)
        where v.id is not null and (v.role = 'assistant' or not %(again)s)
        order by v.n
    ), moved as (
        update thread set leaf_id = %(answer)s, last_message_at = now(), updated_at = now(),
            title = case when title_origin = 'none' and %(title)s <> '' then %(title)s else title end,
            title_origin = case when title_origin = 'none' and %(title)s <> '' then 'auto'
                           else title_origin end
        where org_id = %(org)s and id = %(thread)s
    )
    select n from ahead
"""  # noqa: S608  # the interpolated list of states is a constant above

_UNENDED_RUNS = text(
    f"""
    select id from run where org_id = :org and thread_id = :thread and status in {_UNENDED}
    order by (status = 'queued'), created_at, id
    """  # noqa: S608  # as above
)


async def send_message(
    ctx: Context,
    thread: Thread,
    body: MessageIn,
    *,
    client_id: str | None = None,
    run_id: UUID | None = None,
) -> Sent:
    """Add a question to a thread and start its run, or queue it behind the active one.

    Args:
        ctx: The thread's owner, in a transaction.
        thread: The thread.
        body: What was said; choices it makes for the thread are kept there.
        client_id: The id that a chat client gave the message.
        run_id: Chosen by callers that subscribe before they start.

    Raises:
        NotFound: The parent message, model or a source is unknown.
    """
    if body.source_ids is not None:
        await update_thread(ctx, thread.id, ThreadPatch(source_ids=body.source_ids))
    parent_id = thread.leaf_id
    if "parent_id" in body.model_fields_set:
        parent_id = body.parent_id
        if parent_id is not None:
            await _message(ctx, thread.id, parent_id)
    if body.mode == "send_now":
        await stop_active(ctx, thread.id)
    saying = Saying(
        ctx,
        thread.id,
        body,
        question=uuid7(),
        parent_id=parent_id,
        client_id=client_id,
        run_id=run_id,
        pin=await _pin(ctx, thread),
    )
    return await _say(ctx, saying)


async def _pin(ctx: Context, thread: Thread) -> Pin:
    """Return what a run of a thread is pinned to: the draft in a test, else what is published."""
    if thread.kind == "background":
        raise BackgroundThread(
            "This is a run in the background, not a chat.", hint="Start another run instead."
        )
    if thread.kind != "test":
        version, workflow = await published_workflow(ctx, thread.agent_id)
        return Pin(thread.agent_id, version, workflow=workflow)
    ctx.require("agent:manage")
    agent = await get_agent(ctx, thread.agent_id)
    workflow = read_definition(agent.draft).workflow
    return Pin(agent.id, None, agent.draft, workflow=workflow)


class Saying:
    """One question on its way into the database, and the answer that is to follow it.

    Args:
        ctx: Who asks.
        thread_id: Where; the thread may be stored by an earlier statement of the same trip.
        body: What is asked.
        question: Its message's id.
        parent_id: The message it follows.
        client_id: The id that a chat client gave the message.
        run_id: Chosen by callers that subscribe before they start.
        again: The question is stored already.
        pin: The agent that answers.
    """

    def __init__(  # noqa: PLR0913  # one per fact of the statement
        self,
        ctx: Context,
        thread_id: UUID,
        body: MessageIn,
        *,
        question: UUID,
        parent_id: UUID | None = None,
        client_id: str | None = None,
        run_id: UUID | None = None,
        again: bool = False,
        pin: Pin,
    ) -> None:
        self._pin = pin
        self.thread_id = thread_id
        self.body = body
        self.question = question
        self.parent_id = parent_id
        self.run_id = run_id or uuid7()
        self.answer = uuid7()
        self.again = again
        self.given: dict[str, Any] = {}
        values: dict[str, Any] = {
            "org": ctx.org_id,
            "thread": thread_id,
            "run": self.run_id,
            "question": question,
            "answer": self.answer,
            "parent": parent_id,
            "client": client_id,
            "parts": encode_parts(body.text),
            "text": body.text,
            "kind": ctx.actor.kind,
            "author": ctx.actor.id,
            "name": ctx.actor.name,
            "again": again,
            "title": "" if again else provisional_title(body.text),
        }
        self.statement = Statement(_SAY, values)

    def start(self) -> Start:
        """Return the run that answers."""
        pin = self._pin
        return Start(
            graph=_GRAPHS[pin.workflow],
            thread_id=self.thread_id,
            message_id=self.answer,
            user_message_id=self.question,
            model_id=self.body.model_id,
            kind="chat" if pin.draft is None else "test",
            agent_id=pin.agent_id,
            agent_version=pin.version,
            input=self._input(),
            run_id=self.run_id,
        )

    def _input(self) -> dict[str, Any] | None:
        given: dict[str, Any] = dict(self.given)
        if self._pin.draft is not None:
            given["definition"] = self._pin.draft
        if self.body.locale is not None:
            given["locale"] = self.body.locale
        if self.body.intent is not None:
            given["intent"] = self.body.intent
        return given or None

    def sent(self, ahead: int) -> Sent:
        """Return what the caller is told; `ahead` runs of the thread come first."""
        return Sent(
            message_id=self.answer if self.again else self.question,
            run_id=self.run_id,
            thread_id=self.thread_id,
            queued=ahead > 0,
            ahead=ahead,
        )


@contextmanager
def known_model(model_id: UUID | None) -> Generator[None]:
    """Raise NotFound when a run could not be stored since there is no such model."""
    try:
        yield
    except ForeignKeyViolation as error:
        if error.diag.constraint_name != "run_org_id_model_id_fkey":
            raise
        raise NotFound("model", model_id) from None


async def _say(ctx: Context, saying: Saying) -> Sent:
    start = saying.start()
    if await budgeted(ctx):
        await count_message(ctx, Spender(start.run_id, start.thread_id, start.agent_id))
    [[(ahead,)]] = await one_trip(ctx, [saying.statement])
    with known_model(saying.body.model_id):
        await start_run(ctx, start)
    return saying.sent(ahead)


def encode_parts(words: str) -> str:
    """Return the stored parts of a message that is plain text, as JSON."""
    part = encode({"type": "text", "text": words, "state": "done"})
    return f"[{part.decode()}]"


async def regenerate(
    ctx: Context,
    thread: Thread,
    message_id: UUID,
    body: RegenerateIn,
    run_id: UUID | None = None,
    given: dict[str, Any] | None = None,
) -> Sent:
    """Start another answer beside `message_id`; the earlier one stays as a sibling.

    Args:
        ctx: The thread's owner, in a transaction.
        thread: The thread.
        message_id: An answer, or the question itself.
        body: Which model to use.
        run_id: Chosen by callers that subscribe before they start.
        given: What else the run is to know.

    Raises:
        NotFound: No such message in the thread, or no such model.
    """
    message = await _message(ctx, thread.id, message_id)
    question = message
    if message.role == "assistant":
        if message.parent_id is None:
            raise NotFound("message", message_id)
        question = await _message(ctx, thread.id, message.parent_id)
    words = MessageIn.model_construct(
        text=question.text, model_id=body.model_id, locale=body.locale, intent=body.intent
    )
    saying = Saying(
        ctx,
        thread.id,
        words,
        question=question.id,
        parent_id=question.parent_id,
        run_id=run_id,
        again=True,
        pin=await _pin(ctx, thread),
    )
    saying.given = given or {}
    return await _say(ctx, saying)


async def remove_queued(ctx: Context, thread_id: UUID, message_id: UUID) -> None:
    """Take back a message that waits behind another; what follows it moves up.

    Raises:
        NotFound: No such message in one of the caller's threads.
        MessageNotQueued: It is being answered already, or was.
    """
    thread = await get_own_thread(ctx, thread_id, for_update=True)
    message = await _message(ctx, thread_id, message_id)
    if message.run_id is None or message.role != "user":
        raise MessageNotQueued("Only a question that waits can be removed.")
    # It may have been asked again while it waited: each time has a run and an answer of its own.
    waiting = owned(ctx, Run).where(Run.thread_id == thread_id, Run.user_message_id == message_id)
    runs = (await ctx.session.execute(waiting.order_by(Run.id).with_for_update())).scalars().all()
    if not runs or any(run.status != "queued" for run in runs):
        raise MessageNotQueued("This message is being answered.", hint="Stop the run instead.")
    for run in reversed(runs):
        await stop_run(ctx, run.id)
    gone = [message.id, *(run.message_id for run in runs)]
    values = {"org": ctx.org_id, "gone": gone, "parent": message.parent_id}
    await ctx.session.execute(
        text(
            "update message set parent_id = :parent "
            "where org_id = :org and parent_id = any(:gone) and id <> all(:gone)"
        ),
        values,
    )
    if thread.leaf_id in gone:
        thread.leaf_id = message.parent_id
        await ctx.session.flush()
    await ctx.session.execute(
        text("delete from message where org_id = :org and id = any(:gone)"), values
    )
    tell_thread(ctx, thread_id, "message")


async def remove_thread(ctx: Context, thread_id: UUID) -> None:
    """Delete a thread; what it is answering and what waits in it is stopped.

    Raises:
        NotFound: No such thread.
    """
    stopped = await stop_thread(ctx, thread_id)
    await delete_thread(ctx, thread_id)
    # Who held the thread until now may have asked it something more.
    for run_id in reversed(await unended_runs(ctx, thread_id)):
        if run_id not in stopped:
            await stop_run(ctx, run_id)


async def stop_thread(ctx: Context, thread_id: UUID) -> list[UUID]:
    """Stop what a thread is answering and what waits in it; return the stopped runs.

    Raises:
        NotFound: No such thread.
    """
    await get_own_thread(ctx, thread_id)
    runs = await unended_runs(ctx, thread_id)
    for run_id in reversed(runs):
        await stop_run(ctx, run_id)
    return runs


async def stop_active(ctx: Context, thread_id: UUID) -> None:
    """Stop what a thread is answering; what waits comes next."""
    for run_id in (await unended_runs(ctx, thread_id))[:1]:
        await stop_run(ctx, run_id)


async def unended_runs(ctx: Context, thread_id: UUID) -> list[UUID]:
    """Return the runs of a thread that have not ended, the active one first."""
    found = await ctx.session.execute(
        _UNENDED_RUNS,
        {"org": ctx.org_id, "thread": thread_id},
    )
    return list(found.scalars())


async def _message(ctx: Context, thread_id: UUID, message_id: UUID) -> Message:
    statement = owned(ctx, Message).where(Message.thread_id == thread_id, Message.id == message_id)
    message = (await ctx.session.execute(statement)).scalar_one_or_none()
    if message is None:
        raise NotFound("message", message_id)
    return message
