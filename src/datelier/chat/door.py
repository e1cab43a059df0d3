"""What an AI SDK client posts, turned into the verbs of threads and runs."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_

from datelier.chat.asking import Asking
from datelier.chat.errors import NothingSaid
from datelier.chat.line import ask
from datelier.chat.schemas import ChatIn, MessageIn, RegenerateIn, Sent, UIMessage
from datelier.chat.service import regenerate, send_message, unended_runs
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.errors import NotFound
from datelier.kit.ids import as_uuid, uuid7
from datelier.threads.idempotency import Taking, earlier_answer, keep_answer
from datelier.threads.models import Message, Thread
from datelier.threads.schemas import ThreadIn
from datelier.threads.service import create_thread, get_own_thread, own_threads


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
    asking = _asking(body, run_id)
    sent = await ask(ctx, asking) if asking is not None else None
    if sent is not None:
        return sent
    async with ctx.begin() as tx:
        return await _post(tx, body, run_id)


async def post_message(
    ctx: Context, thread_id: UUID, body: MessageIn, taking: Taking | None
) -> Sent:
    """Ask a thread something, once per idempotency key, in a transaction of its own.

    Raises:
        NotFound: No such thread of the caller's, or no such message, model or source.
        KeyReused: The key came with another body.
    """
    if body.mode == "queue" and "parent_id" not in body.model_fields_set:
        sent = await ask(ctx, Asking(thread_id, body, uuid7(), taking=taking))
        if sent is not None:
            return sent
    async with ctx.begin() as tx:
        earlier = await earlier_answer(tx, taking)
        if earlier is not None:
            return Sent.model_validate(earlier)
        thread = await get_own_thread(tx, thread_id, for_update=True)
        sent = await send_message(tx, thread, body)
        await keep_answer(tx, taking, sent)
        return sent


def _asking(body: ChatIn, run_id: UUID) -> Asking | None:
    """Return the question for the short way, unless an earlier message is edited or repeated."""
    said = body.said
    if body.trigger != "submit-message" or body.message_id is not None or not said:
        return None
    question = said[-1]
    if question.role != "user" or not question.text:
        return None
    return Asking(
        as_uuid(body.id) or body.id,
        MessageIn(
            text=question.text,
            model_id=body.model_id,
            source_ids=body.source_ids,
            locale=body.locale,
            intent=body.intent,
        ),
        run_id,
        # What a client says was said before has to be stored as well.
        create=len(said) == 1,
        client_id=question.id,
    )


async def _post(ctx: Context, body: ChatIn, run_id: UUID) -> Sent:
    """Answer the client's last message, or answer again.

    The server's history counts; a client's own only begins a chat that is new here.
    """
    thread = await find_chat(ctx, body.id, for_update=True)
    fresh = thread is None
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
    asked = MessageIn(
        text=question.text, model_id=body.model_id, locale=body.locale, intent=body.intent
    )
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


async def _again(ctx: Context, thread: Thread, body: ChatIn, run_id: UUID) -> Sent:
    target = await _find(ctx, thread, body.message_id) if body.message_id else None
    if target is None and thread.leaf_id is not None:
        target = await _find(ctx, thread, str(thread.leaf_id))
    if target is None:
        raise NotFound("message", body.message_id)
    return await regenerate(
        ctx,
        thread,
        target.id,
        RegenerateIn(model_id=body.model_id, locale=body.locale, intent=body.intent),
        run_id,
    )


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
