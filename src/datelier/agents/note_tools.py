"""The tools with which an agent remembers and forgets, where its memory is on."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, Field

from datelier.agents.notes import LONGEST_NOTE, add_note, forget_note
from datelier.kit.errors import DatelierError
from datelier.kit.tools import Tool, ToolContext, ToolResult


class Remember(BaseModel):
    """Keep a note."""

    note: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_NOTE,
            description="One or two sentences that will help in later conversations: how this "
            "person counts, what they mean by a word, what they prefer. No results, no secrets.",
        ),
    ]


class Forget(BaseModel):
    """Forget a note."""

    note_id: Annotated[UUID, Field(description="The id in brackets before the note.")]


_NO_AGENT: Final = ToolResult("This conversation has no agent that could remember.", is_error=True)


async def _remember(tool: ToolContext, data: Remember) -> ToolResult:
    if tool.agent_id is None:
        return _NO_AGENT
    try:
        async with tool.ctx.begin() as tx:
            note = await add_note(
                tx, tool.agent_id, data.note, thread_id=tool.thread_id, run_id=tool.run_id
            )
    except DatelierError as error:
        return _failed(error)
    return ToolResult("Remembered.", {"note_id": str(note.id), "content": note.content})


async def _forget(tool: ToolContext, data: Forget) -> ToolResult:
    if tool.agent_id is None:
        return _NO_AGENT
    try:
        async with tool.ctx.begin() as tx:
            await forget_note(tx, tool.agent_id, data.note_id)
    except DatelierError as error:
        return _failed(error)
    return ToolResult("Forgotten.", {"note_id": str(data.note_id)})


def _failed(error: DatelierError) -> ToolResult:
    hint = f" {error.hint}" if error.hint else ""
    return ToolResult(f"{error.detail}{hint}", {"error": {"code": error.code}}, is_error=True)


# Nothing outside changes, and the person sees and deletes every note: nobody is asked first.
MEMORY_TOOLS: Final[tuple[Tool, ...]] = (
    Tool(
        "remember",
        "Remember",
        "Keep a short note for later conversations with this person, when they ask for it or "
        "explain how they count or name things. They can read, change and delete it.",
        Remember,
        "thread:update",
        _remember,
        partition="metadata",
    ),
    Tool(
        "forget",
        "Forget",
        "Forget a note that was kept, because it is wrong or the person asks for it.",
        Forget,
        "thread:update",
        _forget,
        partition="metadata",
    ),
)
