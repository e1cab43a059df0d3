"""What the caller asked before about the same sources; nobody else's questions are looked at."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, true

from datelier.kit.context import Context
from datelier.sources.name_words import question_words
from datelier.sources.target import get_source
from datelier.threads.models import Message, Thread
from datelier.threads.schemas import RelatedThread, RelatedThreads
from datelier.threads.service import get_own_thread, own_threads

_LOOKED_AT: Final = 200  # questions, the newest that share a word
_LONGEST: Final = 300
_SHORTEST_WORD: Final = 3
_MOST_WORDS: Final = 12
_ALIKE: Final = 0.5  # of the words of the new question
_WORD: Final = re.compile(r"[^\W_]{3,}")
_ASKED: Final = and_(
    Message.org_id == Thread.org_id,
    Message.thread_id == Thread.id,
    Message.role == "user",
    Message.text != "",
)


async def related_threads(
    ctx: Context,
    source_ids: Sequence[UUID],
    *,
    q: str | None = None,
    but: UUID | None = None,
    limit: int = 5,
) -> RelatedThreads:
    """Return the caller's chats about any of these sources, with the question that fits.

    With a question, those in which at least half of its words were asked before, the likest
    first; without one, the newest.

    Args:
        ctx: The caller, in a transaction.
        source_ids: The sources; none for chats about whatever.
        q: The question that is about to be asked.
        but: A chat to leave out: the one it is asked in.
        limit: Most chats.

    Raises:
        NotFound: One of the sources is not there, or `but` is no chat of the caller's.
    """
    if but is not None:
        await get_own_thread(ctx, but)
    for source_id in source_ids:
        await get_source(ctx, source_id)
    words = [word for word in question_words(q or "") if len(word) >= _SHORTEST_WORD]
    words = words[:_MOST_WORDS]
    if q is not None and not words:
        return RelatedThreads(data=[])
    statement = _questions(ctx, source_ids, _starts(words, q)) if q else _newest(ctx, source_ids)
    if but is not None:
        statement = statement.where(Thread.id != but)
    rows = list(await ctx.session.execute(statement.limit(_LOOKED_AT if q else limit)))
    if not q:
        return RelatedThreads(data=[_shown(row) for row in rows])
    best: dict[UUID, tuple[float, Any]] = {}
    for row in rows:
        worth = _likeness(words, f"{row.title} {row.text}")
        if worth >= _ALIKE and (row.id not in best or worth > best[row.id][0]):
            best[row.id] = (worth, row)
    ordered = sorted(best.values(), key=lambda one: -one[0])[:limit]
    return RelatedThreads(data=[_shown(row) for _, row in ordered])


def _chats(ctx: Context, source_ids: Sequence[UUID]) -> Select[Thread]:
    chats = own_threads(ctx).where(Thread.kind == "chat")
    if not source_ids:
        return chats
    return chats.where(or_(*(Thread.source_ids.op("?")(str(key)) for key in source_ids)))


def _newest(ctx: Context, source_ids: Sequence[UUID]) -> Select[UUID, int, str, str, datetime]:
    """Return the newest chats, each with its newest question."""
    newest = select(Message.text, Message.created_at).where(_ASKED)
    question = newest.order_by(Message.sequence.desc()).limit(1).lateral()
    statement = _chats(ctx, source_ids).join(question, true())
    return statement.order_by(Thread.last_message_at.desc(), Thread.id.desc()).with_only_columns(
        Thread.id, Thread.number, Thread.title, question.c.text, question.c.created_at
    )


def _questions(
    ctx: Context, source_ids: Sequence[UUID], starts: Sequence[str]
) -> Select[UUID, int, str, str, datetime]:
    """Return the newest questions that share the beginning of a word, or whose chat's title does."""
    query = func.to_tsquery("simple", " | ".join(f"{start}:*" for start in starts))
    text = func.to_tsvector("simple", Message.text)
    title = func.to_tsvector("simple", Thread.title)
    statement = _chats(ctx, source_ids).join(Message, _ASKED)
    statement = statement.where(or_(text.op("@@")(query), title.op("@@")(query)))
    return statement.order_by(Message.created_at.desc()).with_only_columns(
        Thread.id, Thread.number, Thread.title, Message.text, Message.created_at
    )


def _starts(words: Sequence[str], q: str) -> list[str]:
    """Return how words of earlier questions may begin: as they are written, or in the singular.

    They are of letters and digits alone, so that none of them is an operator.
    """
    written = (word for word in _WORD.findall(q.lower()) if question_words(word))
    singular = (word[:-1] if len(word) > 4 and word.endswith("y") else word for word in words)
    return list(dict.fromkeys([*singular, *written]))[: 2 * _MOST_WORDS] if words else []


def _likeness(words: Sequence[str], text: str) -> float:
    known = set(question_words(text))
    return sum(word in known for word in words) / len(words)


def _shown(row: Any) -> RelatedThread:
    question = " ".join(row.text.split())
    return RelatedThread(
        id=row.id,
        number=row.number,
        title=row.title,
        question=question if len(question) <= _LONGEST else question[: _LONGEST - 1] + "…",
        asked_at=row.created_at,
        url=f"/chats/{row.id}",
    )
