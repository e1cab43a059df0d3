"""What an AI SDK client posts, turned into the verbs of threads and runs."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_

from datelier.chat.errors import NothingSaid
from datelier.chat.opening import Taken, open_chat
from datelier.chat.schemas import ChatIn, MessageIn, RegenerateIn, Sent, UIMessage
from datelier.chat.service import regenerate, send_message, unended_runs
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.errors import NotFound
from datelier.kit.ids import uuid7
from datelier.threads.models import Message, Thread
from datelier.threads.schemas import ThreadIn
from datelier.threads.service import create_thread, own_threads


def as_uuid(value: str) -> UUID | None:
    """Return the UUID that a client's id spells, or None for an id of its own making."""
    try:
        return UUID(value)
    except ValueError:
        return None


async def find_chat(ctx: Context, chat_id: str, *, for_update: bool = False) -> Thread | None:
    """Return the caller's thread for a chat id: ours, or one the client chose itself."""
    thread_id = as_uuid(chat_id)
    known = Thread.client_id == chat_id if thread_id is None else Thread.id == thread_id
    statement = own_threads(ctx).where(known)
    if for_update:
        statement = statement.with_for_update()
    return (await ctx.session.execute(statement)).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Active:
    """The run that a chat waits for."""

    thread_id: UUID
    run_id: UUID


async def active_run(ctx: Context, chat_id: str) -> Active | None:
    """Return the run a chat is answering with, or None when it is idle.

    Raises:
        NotFound: No such chat.
    """
    thread = await find_chat(ctx, chat_id)
    if thread is None:
        raise NotFound("chat", chat_id)
    runs = await unended_runs(ctx, thread.id)
    return Active(thread.id, runs[0]) if runs else None


async def post_chat(ctx: Context, body: ChatIn, run_id: UUID) -> Sent:
    """Do what the client asks, in a transaction of its own that is committed on return.

    Raises:
        NothingSaid: There is no user message with text.
        NotFound: The chat or a message belongs to somebody else, or does not exist.
    """
    try:
        async with ctx.begin() as tx:
            return await _post(tx, body, run_id, quick=True)
    except Taken:
        async with ctx.begin() as tx:
            return await _post(tx, body, run_id, quick=False)


async def _post(ctx: Context, body: ChatIn, run_id: UUID, *, quick: bool) -> Sent:
    """Answer the client's last message, or answer again.

    The server's history counts; a client's own only begins a chat that is new here.
    """
    thread = await find_chat(ctx, body.id, for_update=True)
    fresh = thread is None
    if thread is None and quick and _is_plain(body):
        [said] = body.said
        chat_id = as_uuid(body.id)
        return await open_chat(
            ctx,
            MessageIn(text=said.text, model_id=body.model_id),
            run_id,
            thread_id=chat_id,
            client_id=None if chat_id else body.id,
            message_client_id=said.id,
        )
    if thread is None:
        thread = await create_thread(
            ctx,
            ThreadIn(id=as_uuid(body.id), source_ids=body.source_ids),
            client_id=None if as_uuid(body.id) else body.id,
        )
    if body.trigger == "regenerate-message" and not fresh:
        return await _again(ctx, thread, body, run_id)
    question = next((m for m in reversed(body.said) if m.role == "user" and m.text), None)
    if question is None:
        raise NothingSaid("There is no message with text to answer.")
    if fresh:
        await _seed(ctx, thread, body.said[: body.said.index(question)])
    asked = MessageIn(text=question.text, model_id=body.model_id)
    if body.source_ids is not None and not fresh:
        asked.source_ids = body.source_ids
    if body.message_id is not None and not fresh:
        edited = await _find(ctx, thread, body.message_id)
        if edited is not None and edited.role == "user":
            asked = MessageIn(**asked.model_dump(exclude_unset=True), parent_id=edited.parent_id)
            return await send_message(ctx, thread, asked, run_id=run_id)
    known = await _find(ctx, thread, question.id) if question.id and not fresh else None
    client_id = None if known is not None else question.id
    return await send_message(ctx, thread, asked, client_id=client_id, run_id=run_id)


def _is_plain(body: ChatIn) -> bool:
    """Whether a new chat begins with one question, to every source there is."""
    said = body.said
    return (
        body.source_ids is None and len(said) == 1 and said[0].role == "user" and bool(said[0].text)
    )


async def _again(ctx: Context, thread: Thread, body: ChatIn, run_id: UUID) -> Sent:
    target = await _find(ctx, thread, body.message_id) if body.message_id else None
    if target is None and thread.leaf_id is not None:
        target = await _find(ctx, thread, str(thread.leaf_id))
    if target is None:
        raise NotFound("message", body.message_id)
    return await regenerate(ctx, thread, target.id, RegenerateIn(model_id=body.model_id), run_id)


async def _find(ctx: Context, thread: Thread, message_id: str) -> Message | None:
    known = as_uuid(message_id)
    matches = Message.client_id == message_id
    if known is not None:
        matches = or_(matches, Message.id == known)
    statement = owned(ctx, Message).where(Message.thread_id == thread.id, matches)
    return (await ctx.session.execute(statement)).scalars().first()


async def _seed(ctx: Context, thread: Thread, earlier: list[UIMessage]) -> None:
    """Store what the client says was said before, as far as it is text."""
    for said in earlier:
        if said.role == "system" or not said.text:
            continue
        message = Message(
            id=uuid7(),
            thread_id=thread.id,
            parent_id=thread.leaf_id,
            client_id=said.id,
            role=said.role,
            status="complete",
            parts=[{"type": "text", "text": said.text, "state": "done"}],
            text=said.text,
            author_kind=ctx.actor.kind if said.role == "user" else "agent",
            author_id=ctx.actor.id if said.role == "user" else None,
            author_name=ctx.actor.name if said.role == "user" else "agent",
            details={"seeded": True},
        )
        await add_owned(ctx, message)
        thread.leaf_id = message.id
    await ctx.session.flush()
