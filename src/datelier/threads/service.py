"""Threads: private to whoever began them; to everybody else they do not exist."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, and_, cast, exists, func, literal, or_, text, tuple_
from sqlalchemy.dialects.postgresql import TSQUERY, insert

from datelier.agents.service import get_agent, usable_agent
from datelier.definitions.since import bring_up_to_date
from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import get_owned, owned
from datelier.kit.errors import Invalid, Malformed, NotFound
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number
from datelier.kit.pagination import Page
from datelier.llms.models import Model
from datelier.llms.usage import Spent, thread_usage
from datelier.sources.models import Source
from datelier.threads.models import Message, Thread
from datelier.threads.schemas import (
    ActiveRunOut,
    Author,
    MessageOut,
    Messages,
    MessageStatus,
    ThreadIn,
    ThreadOut,
    ThreadPatch,
    ThreadUsage,
)


def own_threads(ctx: Context) -> Select[Thread]:
    """Return a SELECT of the caller's threads."""
    # `is not distinct from` would say both, and use no index.
    owner = ctx.actor.id
    mine = Thread.owner_id.is_(None) if owner is None else Thread.owner_id == owner
    return owned(ctx, Thread).where(Thread.deleted_at.is_(None), mine)


async def get_own_thread(ctx: Context, thread_id: UUID, *, for_update: bool = False) -> Thread:
    """Return one of the caller's threads.

    Raises:
        NotFound: Unknown, removed, or somebody else's.
    """
    statement = own_threads(ctx).where(Thread.id == thread_id)
    if for_update:
        statement = statement.with_for_update()
    thread = (await ctx.session.execute(statement)).scalar_one_or_none()
    if thread is None:
        raise NotFound("thread", thread_id)
    return thread


async def create_thread(ctx: Context, body: ThreadIn, *, client_id: str | None = None) -> Thread:
    """Create a thread; with an id or `client_id` that the caller used before, return that one.

    Raises:
        NotFound: The id belongs to somebody else, or names no agent, model or source.
    """
    if body.kind == "test":
        ctx.require("agent:manage")
        agent_id = (await get_agent(ctx, body.agent_id)).id
    else:
        agent_id = (await usable_agent(ctx, body.agent_id)).id
    await _check(ctx, None, body.model_id, body.source_ids)
    title = (body.title or "").strip()
    made = await ctx.session.execute(
        insert(Thread)
        .values(
            id=body.id or uuid7(),
            org_id=ctx.org_id,
            number=await next_number(ctx, "thread"),
            kind=body.kind,
            client_id=client_id,
            title=title,
            title_origin="user" if title else "none",
            owner_id=ctx.actor.id,
            agent_id=agent_id,
            model_id=body.model_id,
            source_ids=[str(i) for i in body.source_ids or await _all_sources(ctx)],
            last_message_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(Thread.id)
    )
    thread_id = made.scalar()
    if thread_id is not None:
        await record(ctx, action="thread.created", target=("thread", thread_id))
        return await get_own_thread(ctx, thread_id)
    if body.id is not None:
        return await get_own_thread(ctx, body.id)
    found = await find_by_client_id(ctx, client_id or "")
    if found is None:
        raise NotFound("thread")
    return found


async def find_by_client_id(ctx: Context, client_id: str) -> Thread | None:
    """Return the caller's thread that a chat client knows as `client_id`."""
    found = await ctx.session.execute(own_threads(ctx).where(Thread.client_id == client_id))
    return found.scalar_one_or_none()


async def _all_sources(ctx: Context) -> Sequence[UUID]:
    # A new thread may ask every source there is; the composer narrows it.
    found = owned(ctx, Source).where(Source.deleted_at.is_(None)).order_by(Source.number)
    return (await ctx.session.execute(found.with_only_columns(Source.id))).scalars().all()


async def _check(
    ctx: Context, agent_id: UUID | None, model_id: UUID | None, source_ids: list[UUID] | None
) -> None:
    if agent_id is not None:
        await usable_agent(ctx, agent_id)
    if model_id is not None and (await get_owned(ctx, Model, model_id)).deleted_at is not None:
        raise NotFound("model", model_id)
    if source_ids:
        wanted = set(source_ids)
        found = owned(ctx, Source).where(Source.id.in_(wanted), Source.deleted_at.is_(None))
        if len((await ctx.session.execute(found)).scalars().all()) != len(wanted):
            raise NotFound("source")


async def update_thread(ctx: Context, thread_id: UUID, patch: ThreadPatch) -> Thread:
    """Change a thread; a title given by a person is never replaced by ours.

    Raises:
        NotFound: No such thread, agent, model or source.
    """
    thread = await get_own_thread(ctx, thread_id, for_update=True)
    given = patch.model_fields_set
    await _check(ctx, patch.agent_id, patch.model_id, patch.source_ids)
    if "title" in given:
        title = (patch.title or "").strip()
        if not title:
            raise Invalid.field("title", "A title needs at least one letter.")
        thread.title, thread.title_origin = title, "user"
    if "model_id" in given:
        thread.model_id = patch.model_id
    if patch.agent_id is not None:
        thread.agent_id = patch.agent_id
    if patch.source_ids is not None:
        thread.source_ids = [str(source_id) for source_id in patch.source_ids]
    await ctx.session.flush()
    await ctx.session.refresh(thread)
    await record(
        ctx, action="thread.updated", target=("thread", thread_id), detail={"fields": sorted(given)}
    )
    return thread


async def delete_thread(ctx: Context, thread_id: UUID) -> None:
    """Remove a thread from every list; its runs are stopped by the caller.

    Raises:
        NotFound: No such thread.
    """
    thread = await get_own_thread(ctx, thread_id, for_update=True)
    thread.deleted_at = now()
    await record(ctx, action="thread.deleted", target=("thread", thread_id))


async def list_threads(
    ctx: Context, *, q: str | None, cursor: str | None, limit: int
) -> Page[ThreadOut]:
    """Return the caller's threads, those with the newest message first.

    Args:
        ctx: The caller.
        q: Words to find; all must occur in a title, or in a message as whole words but for the
            last, which may be a prefix.
        cursor: Where to go on, from an earlier page.
        limit: Most threads of the page.
    """
    statement = own_threads(ctx).where(Thread.kind == "chat")
    statement = statement.order_by(Thread.last_message_at.desc(), Thread.id.desc())
    if cursor is not None:
        statement = statement.where(
            tuple_(Thread.last_message_at, Thread.id) < tuple_(*_decode(cursor))
        )
    if q is not None and q.strip():
        statement = statement.where(_matches(ctx, q.strip()))
    rows = list((await ctx.session.execute(statement.limit(limit + 1))).scalars())
    following = _encode(rows[limit - 1]) if len(rows) > limit else None
    return Page(data=await describe(ctx, rows[:limit]), next=following)


def _matches(ctx: Context, q: str) -> Any:
    asked = cast(func.plainto_tsquery("simple", q), Text)
    # Nothing but punctuation asks for no word at all, and is found in no message.
    words = cast(func.nullif(asked, "", type_=Text) + literal(":*", Text), TSQUERY)
    found = exists().where(
        Message.thread_id == Thread.id,
        Message.org_id == ctx.org_id,
        func.to_tsvector("simple", Message.text).op("@@")(words),
    )
    return or_(and_(*(Thread.title.icontains(w, autoescape=True) for w in q.split())), found)


def _encode(thread: Thread) -> str:
    raw = f"{thread.last_message_at.isoformat()} {thread.id}"
    return base64.urlsafe_b64encode(raw.encode()).decode()


def _decode(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, _, key = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        return datetime.fromisoformat(at), UUID(key)
    except (ValueError, binascii.Error):
        raise Malformed("The cursor is not valid.", hint="Start from the first page.") from None


# The run that a thread waits for, and how its last answer stands.
_Answers = tuple[ActiveRunOut | None, MessageStatus | None]


async def describe(ctx: Context, threads: Iterable[Thread]) -> list[ThreadOut]:
    """Return threads as their owner sees them, with what they used and what runs."""
    rows = list(threads)
    ids = [thread.id for thread in rows]
    spent = await thread_usage(ctx, ids)
    answers = await _answers(ctx, ids) if ids else {}
    none: _Answers = (None, None)
    return [
        _thread_out(thread, spent.get(thread.id), answers.get(thread.id, none)) for thread in rows
    ]


def _thread_out(thread: Thread, spent: Spent | None, answers: _Answers) -> ThreadOut:
    usage = ThreadUsage()
    if spent is not None:
        cost = spent.cost
        usage = ThreadUsage(
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            cost=None if cost is None else format(cost.normalize(), "f"),
        )
    return ThreadOut(
        id=thread.id,
        number=thread.number,
        kind=thread.kind,  # pyright: ignore[reportArgumentType]  # the table's check constraint
        title=thread.title,
        agent_id=thread.agent_id,
        model_id=thread.model_id,
        source_ids=[UUID(str(source_id)) for source_id in thread.source_ids],
        active_run=answers[0],
        last_status=answers[1],
        last_message_at=thread.last_message_at,
        created_at=thread.created_at,
        updated_at=thread.updated_at,
        usage=usage,
        url=f"/threads/{thread.id}",
    )


# To its message a run that waits for a person is running: only the run itself knows.
_ANSWERS = text(
    "select a.*, coalesce(r.status, a.answering) as active from ("
    "select thread_id, (array_agg(status order by sequence desc))[1] as last, "
    "(array_agg(run_id order by status desc, sequence) filter (where waits))[1] as run_id, "
    "(array_agg(status order by status desc, sequence) filter (where waits))[1] as answering "
    "from (select *, status in ('running', 'queued') and run_id is not null as waits "
    "from message where org_id = :org and thread_id = any(:ids) and role = 'assistant') answers "
    "group by thread_id) a "
    "left join run r on r.org_id = :org and r.id = a.run_id and r.status = 'waiting'"
)


async def _answers(ctx: Context, ids: list[UUID]) -> dict[UUID, _Answers]:
    found: dict[UUID, _Answers] = {}
    for row in await ctx.session.execute(_ANSWERS, {"org": ctx.org_id, "ids": ids}):
        run = None if row.run_id is None else ActiveRunOut(id=row.run_id, status=row.active)
        found[row.thread_id] = (run, row.last)
    return found


async def list_messages(ctx: Context, thread_id: UUID) -> Messages:
    """Return every message of a thread, oldest first, all branches.

    Raises:
        NotFound: No such thread.
    """
    await get_own_thread(ctx, thread_id)
    statement = owned(ctx, Message).where(Message.thread_id == thread_id).order_by(Message.sequence)
    rows = (await ctx.session.execute(statement)).scalars()
    shown = [message_out(row) for row in rows]
    await bring_up_to_date(ctx, (message.parts for message in shown))
    return Messages(data=shown)


def message_out(row: Message) -> MessageOut:
    """Return a message as clients see it."""
    return MessageOut(
        id=row.id,
        parent_id=row.parent_id,
        role=row.role,  # pyright: ignore[reportArgumentType]  # the table's check constraint
        parts=row.parts,
        run_id=row.run_id,
        status=row.status,  # pyright: ignore[reportArgumentType]  # as above
        author=Author(kind=row.author_kind, id=row.author_id, name=row.author_name),
        metadata=row.details,
        created_at=row.created_at,
    )
