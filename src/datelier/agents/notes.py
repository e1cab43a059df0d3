"""What an agent remembers: short notes, kept for one person and told to the model as data.

A note is made in one person's chats and read in that person's chats alone, so that nothing wanders
from one person to another, and nothing that hostile data made a model note reaches anybody else.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select

from datelier.agents.errors import NotesFull
from datelier.agents.models import AgentNote
from datelier.agents.schemas import NoteOut
from datelier.agents.service import get_agent
from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.errors import Invalid, NotFound

MOST_NOTES: Final = 40
LONGEST_NOTE: Final = 400
_TOLD: Final = 6_000  # characters of all notes in a prompt


def _mine(ctx: Context, agent_id: UUID) -> Select[AgentNote]:
    return owned(ctx, AgentNote).where(
        AgentNote.agent_id == agent_id, AgentNote.owner_id.is_not_distinct_from(ctx.actor.id)
    )


async def list_notes(ctx: Context, agent_id: UUID) -> list[NoteOut]:
    """Return what an agent remembers for the caller, oldest first.

    Raises:
        NotFound: No such agent, or not one of the caller's.
    """
    await get_agent(ctx, agent_id)
    rows = (await ctx.session.execute(_mine(ctx, agent_id).order_by(AgentNote.id))).scalars()
    return [note_out(row) for row in rows]


def note_out(note: AgentNote) -> NoteOut:
    """Return a note as the API shows it."""
    return NoteOut.model_validate(note, from_attributes=True)


async def notes_told(ctx: Context, agent_id: UUID) -> str:
    """Return the notes as a model reads them, the newest first while there is room."""
    rows = (await ctx.session.execute(_mine(ctx, agent_id).order_by(AgentNote.id.desc()))).scalars()
    lines: list[str] = []
    room = _TOLD
    for note in rows:
        line = f"- [{note.id}] {note.content}"
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    return "\n".join(lines)


async def add_note(
    ctx: Context,
    agent_id: UUID,
    content: str,
    *,
    thread_id: UUID | None = None,
    run_id: UUID | None = None,
) -> NoteOut:
    """Keep a note for the caller; what is remembered already is not kept twice.

    Args:
        ctx: The caller, in a transaction.
        agent_id: The agent.
        content: One or two sentences.
        thread_id: Where an agent noted it; None when a person did.
        run_id: The run in which an agent noted it.

    Raises:
        Invalid: It is empty or too long.
        NotesFull: There are as many as an agent may keep.
        NotFound: No such agent.
    """
    text = _checked(content)
    await get_agent(ctx, agent_id, for_update=True)
    same = _mine(ctx, agent_id).where(func.lower(AgentNote.content) == text.lower())
    known = (await ctx.session.execute(same.limit(1))).scalar_one_or_none()
    if known is not None:
        return note_out(known)
    count = select(func.count()).select_from(_mine(ctx, agent_id).subquery())
    if (await ctx.session.execute(count)).scalar_one() >= MOST_NOTES:
        raise NotesFull(
            f"{MOST_NOTES} notes are kept, and there is room for no more.",
            hint="Forget one that is no longer needed, or change one.",
        )
    note = AgentNote(agent_id=agent_id, owner_id=ctx.actor.id, content=text, run_id=run_id)
    note.thread_id = thread_id
    note.saved_by = "user" if run_id is None else "agent"
    await add_owned(ctx, note)
    await record(
        ctx,
        action="agent_note.created",
        target=("agent", agent_id),
        detail={"note_id": str(note.id), "by": note.saved_by},
    )
    return note_out(note)


async def change_note(ctx: Context, agent_id: UUID, note_id: UUID, content: str) -> NoteOut:
    """Replace the text of one of the caller's notes.

    Raises:
        Invalid: It is empty or too long.
        NotFound: No such note.
    """
    note = await _get(ctx, agent_id, note_id)
    note.content = _checked(content)
    await _told_of(ctx, "agent_note.updated", note)
    await ctx.session.flush()
    await ctx.session.refresh(note)
    return note_out(note)


async def forget_note(ctx: Context, agent_id: UUID, note_id: UUID) -> None:
    """Forget one of the caller's notes for good.

    Raises:
        NotFound: No such note.
    """
    note = await _get(ctx, agent_id, note_id)
    await _told_of(ctx, "agent_note.deleted", note)
    await ctx.session.delete(note)
    await ctx.session.flush()


async def _told_of(ctx: Context, action: str, note: AgentNote) -> None:
    await record(
        ctx, action=action, target=("agent", note.agent_id), detail={"note_id": str(note.id)}
    )


async def _get(ctx: Context, agent_id: UUID, note_id: UUID) -> AgentNote:
    query = _mine(ctx, agent_id).where(AgentNote.id == note_id)
    note = (await ctx.session.execute(query)).scalar_one_or_none()
    if note is None:
        raise NotFound("note", note_id)
    return note


def _checked(content: str) -> str:
    text = " ".join(content.split())
    if not text:
        raise Invalid.field("content", "must say something")
    if len(text) > LONGEST_NOTE:
        raise Invalid.field("content", f"must have at most {LONGEST_NOTE} characters")
    return text
