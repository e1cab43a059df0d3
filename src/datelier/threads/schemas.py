"""What goes over the wire about threads and messages."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

MOST_TEXT = 100_000  # characters of one message


MessageStatus = Literal["complete", "running", "queued", "stopped", "failed"]


class Strict(BaseModel):
    """A body in which an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid")


class ThreadIn(Strict):
    """A thread to create; the caller may choose the id, and asking twice gives the same.

    In a thread of the kind `test` the draft of its agent answers; it is in no list of chats, and
    takes the right to manage agents.
    """

    id: UUID | None = None
    kind: Literal["chat", "test"] = "chat"
    title: str | None = Field(default=None, max_length=200)
    source_ids: list[UUID] | None = None
    model_id: UUID | None = None
    agent_id: UUID | None = None


class ThreadPatch(Strict):
    """Changes to a thread; what is absent stays."""

    title: str | None = Field(default=None, min_length=1, max_length=200)
    source_ids: list[UUID] | None = None
    model_id: UUID | None = None
    agent_id: UUID | None = None


class ActiveRunOut(BaseModel):
    """The run that a thread waits for; `waiting` is for a person's decision."""

    id: UUID
    status: Literal["queued", "running", "waiting"]


class ThreadUsage(BaseModel):
    """What a thread has used; `cost` is US dollars as text, None when a price is unknown."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: str | None = None


class ThreadOut(BaseModel):
    """A thread as its owner sees it.

    Attributes:
        last_status: How the last answer stands; null before the first.
    """

    id: UUID
    number: int
    kind: Literal["chat", "test", "background"]
    title: str
    agent_id: UUID
    model_id: UUID | None
    source_ids: list[UUID]
    active_run: ActiveRunOut | None
    last_status: MessageStatus | None = None
    last_message_at: datetime
    created_at: datetime
    updated_at: datetime
    usage: ThreadUsage
    url: str


class RelatedThread(BaseModel):
    """A chat in which something was asked before, with that question."""

    id: UUID
    number: int
    title: str
    question: str
    asked_at: datetime
    url: str


class RelatedThreads(BaseModel):
    """Chats about the same source, the likest or the newest first."""

    data: list[RelatedThread]


class Author(BaseModel):
    """Who wrote a message."""

    kind: str
    id: UUID | None
    name: str


class MessageOut(BaseModel):
    """A message; `parts` are the AI SDK's UI message parts."""

    id: UUID
    parent_id: UUID | None
    role: Literal["user", "assistant", "system", "tool"]
    parts: list[dict[str, Any]]
    run_id: UUID | None
    status: MessageStatus
    author: Author
    metadata: dict[str, Any]
    created_at: datetime


class Messages(BaseModel):
    """Every message of a thread, oldest first, all branches."""

    data: list[MessageOut]
