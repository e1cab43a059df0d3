"""Saying something to an agent: message and run in one transaction."""

from uuid import UUID

from sqlalchemy import text

from datelier.chat.foresight import Asked, brief_runner
from datelier.chat.graph_name import PLAIN_NAME
from datelier.chat.schemas import MessageIn, RegenerateIn, Sent
from datelier.kit.context import Context
from datelier.kit.db import get_owned, owned
from datelier.kit.errors import NotFound
from datelier.kit.ids import uuid7
from datelier.llms.service import get_model
from datelier.runs.encode import encode
from datelier.runs.models import Run
from datelier.runs.start import Start, start_run, stop_run, tell_thread
from datelier.threads.errors import MessageNotQueued
from datelier.threads.models import Message, Thread
from datelier.threads.schemas import ThreadPatch
from datelier.threads.service import get_own_thread, update_thread
from datelier.threads.titles import provisional_title

_UNENDED = "('queued', 'running', 'waiting', 'paused')"

# One round trip: both messages, the thread's newest leaf and its provisional title.
_SAY = text(
    f"""
    with ahead as (
        select count(*) as n from run
        where org_id = :org and thread_id = :thread and status in {_UNENDED}
    ), said as (
        insert into message (id, org_id, thread_id, parent_id, client_id, role, status, parts,
                             text, author_kind, author_id, author_name, run_id)
        select v.id, :org, :thread, v.parent_id, v.client_id, v.role,
               case when v.role = 'assistant' or ahead.n > 0 then 'queued' else 'complete' end,
               v.parts, v.text, v.author_kind, v.author_id, v.author_name, :run
        from ahead, (values
            (1, cast(:question as uuid), cast(:parent as uuid), cast(:client as text), 'user',
             cast(:parts as jsonb), cast(:text as text), cast(:kind as text),
             cast(:author as uuid), cast(:name as text)),
            (2, :answer, :question, null, 'assistant', '[]', '', 'agent', null, 'agent')
        ) as v (n, id, parent_id, client_id, role, parts, text, author_kind, author_id, author_name)
        where v.id is not null and (v.role = 'assistant' or not :again)
        order by v.n
    ), moved as (
        update thread set leaf_id = :answer, last_message_at = now(), updated_at = now(),
            title = case when title_origin = 'none' and :title <> '' then :title else title end,
            title_origin = case when title_origin = 'none' and :title <> '' then 'auto'
                           else title_origin end
        where org_id = :org and id = :thread
    )
    select n from ahead
    """  # noqa: S608  # the interpolated list of states is a constant above
)

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
    question = uuid7()
    return await _say(ctx, thread, _Saying(body, question, parent_id, client_id, run_id))


class _Saying:
    """One question on its way into the database."""

    def __init__(
        self,
        body: MessageIn,
        question: UUID,
        parent_id: UUID | None,
        client_id: str | None,
        run_id: UUID | None,
        *,
        again: bool = False,
    ) -> None:
        self.body = body
        self.question = question
        self.parent_id = parent_id
        self.client_id = client_id
        self.run_id = run_id or uuid7()
        self.again = again


async def _say(ctx: Context, thread: Thread, saying: _Saying) -> Sent:
    answer, words = uuid7(), saying.body.text
    if saying.body.model_id is not None:
        await get_model(ctx, saying.body.model_id)
    values = {
        "org": ctx.org_id,
        "thread": thread.id,
        "run": saying.run_id,
        "question": saying.question,
        "answer": answer,
        "parent": saying.parent_id,
        "client": saying.client_id,
        "parts": encode_parts(words),
        "text": words,
        "kind": ctx.actor.kind,
        "author": ctx.actor.id,
        "name": ctx.actor.name,
        "again": saying.again,
        "title": "" if saying.again else provisional_title(words),
    }
    ahead = int((await ctx.session.execute(_SAY, values)).scalar_one())
    if ahead == 0:
        first = words if saying.parent_id is None else None
        asked = Asked(saying.body.model_id, first)
        await brief_runner(ctx, saying.run_id, thread, saying.question, asked)
    start = Start(
        graph=PLAIN_NAME,
        thread_id=thread.id,
        message_id=answer,
        user_message_id=saying.question,
        model_id=saying.body.model_id,
        run_id=saying.run_id,
    )
    await start_run(ctx, start)
    return Sent(
        message_id=answer if saying.again else saying.question,
        run_id=saying.run_id,
        thread_id=thread.id,
        queued=ahead > 0,
        ahead=ahead,
    )


def encode_parts(words: str) -> str:
    """Return the stored parts of a message that is plain text, as JSON."""
    part = encode({"type": "text", "text": words, "state": "done"})
    return f"[{part.decode()}]"


async def regenerate(
    ctx: Context, thread: Thread, message_id: UUID, body: RegenerateIn, run_id: UUID | None = None
) -> Sent:
    """Start another answer beside `message_id`; the earlier one stays as a sibling.

    Args:
        ctx: The thread's owner, in a transaction.
        thread: The thread.
        message_id: An answer, or the question itself.
        body: Which model to use.
        run_id: Chosen by callers that subscribe before they start.

    Raises:
        NotFound: No such message in the thread, or no such model.
    """
    message = await _message(ctx, thread.id, message_id)
    question = message
    if message.role == "assistant":
        if message.parent_id is None:
            raise NotFound("message", message_id)
        question = await _message(ctx, thread.id, message.parent_id)
    words = MessageIn.model_construct(text=question.text, model_id=body.model_id)
    return await _say(
        ctx, thread, _Saying(words, question.id, question.parent_id, None, run_id, again=True)
    )


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
    run = await get_owned(ctx, Run, message.run_id, for_update=True)
    if run.status != "queued":
        raise MessageNotQueued("This message is being answered.", hint="Stop the run instead.")
    await stop_run(ctx, run.id)
    values = {
        "org": ctx.org_id,
        "question": message.id,
        "answer": run.message_id,
        "parent": message.parent_id,
    }
    await ctx.session.execute(
        text("update message set parent_id = :parent where org_id = :org and parent_id = :answer"),
        values,
    )
    if thread.leaf_id == run.message_id:
        thread.leaf_id = message.parent_id
        await ctx.session.flush()
    await ctx.session.execute(
        text("delete from message where org_id = :org and id in (:question, :answer)"), values
    )
    tell_thread(ctx, thread_id, "message")


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
