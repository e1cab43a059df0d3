"""What goes over the wire when somebody talks to an agent."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from datelier.agents.definition import Intent
from datelier.threads.schemas import MOST_TEXT, Strict

ForcedIntent = Annotated[
    Intent | None,
    Field(
        description="How an agent that sorts questions first is to answer this one, in place of "
        "sorting it; other agents pass it over.",
    ),
]
Locale = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$",
        max_length=35,
        description="How the reader writes numbers and dates, such as de-CH; English by default.",
    ),
]


class MessageIn(Strict):
    """A question to a thread.

    `parent_id` asks it in another place: the message it follows, for an edited question.
    """

    text: str = Field(min_length=1, max_length=MOST_TEXT)
    mode: Literal["queue", "send_now"] = "queue"
    model_id: UUID | None = None
    source_ids: list[UUID] | None = None
    parent_id: UUID | None = None
    locale: Locale | None = None
    intent: ForcedIntent = None

    @field_validator("text")
    @classmethod
    def _readable(cls, value: str) -> str:
        return readable(value)


class RegenerateIn(Strict):
    """Another answer to the same question, perhaps by another model or of another kind."""

    model_id: UUID | None = None
    locale: Locale | None = None
    intent: ForcedIntent = None


class RerunIn(Strict):
    """From where to answer again: a step of the run's tree, or absent for all of it."""

    from_step: str | None = Field(default=None, max_length=40)


class RefreshIn(Strict):
    """How to write an answer's figures again."""

    locale: Locale | None = None


class Sent(BaseModel):
    """What was started; `ahead` runs of the thread come first."""

    message_id: UUID
    run_id: UUID
    thread_id: UUID
    queued: bool
    ahead: int


class UIPart(BaseModel):
    """A part of an AI SDK message; only text is read."""

    model_config = ConfigDict(extra="allow")

    type: str
    text: str | None = Field(default=None, max_length=MOST_TEXT)


class UIMessage(BaseModel):
    """A message as AI SDK clients send it."""

    model_config = ConfigDict(extra="allow")

    id: str | None = Field(default=None, max_length=200)
    role: Literal["user", "assistant", "system"]
    parts: list[UIPart] = Field(default_factory=list[UIPart], max_length=1000)
    content: str | None = Field(default=None, max_length=MOST_TEXT)

    @property
    def text(self) -> str:
        """The message's text alone."""
        said = "\n\n".join(p.text for p in self.parts if p.type == "text" and p.text)
        return readable(said or self.content or "")


class ChatIn(BaseModel):
    """The body AI SDK clients post; unknown fields are theirs and ignored."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    id: str = Field(min_length=1, max_length=200)
    messages: list[UIMessage] | None = Field(default=None, max_length=2000)
    message: UIMessage | None = None
    trigger: Literal["submit-message", "regenerate-message"] = "submit-message"
    message_id: str | None = Field(default=None, alias="messageId", max_length=200)
    source_ids: list[UUID] | None = None
    model_id: UUID | None = None
    locale: Locale | None = None
    intent: ForcedIntent = None

    @property
    def said(self) -> list[UIMessage]:
        """Every message of the body, oldest first."""
        return self.messages or ([self.message] if self.message else [])


def readable(value: str) -> str:
    """Return text that PostgreSQL can hold: no NUL, no lone surrogates."""
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
