"""`request_human`: what a run in the background asks a person, and what it is answered."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from datelier.inbox.dialects import native
from datelier.inbox.schemas import Action, Allow
from datelier.kit.tools import Tool, ToolContext, ToolResult


class RequestHuman(BaseModel):
    """Ask a person."""

    kind: Annotated[
        Literal["question", "review", "problem"],
        Field(
            description="question: something only a person knows; review: look at what I found "
            "before I go on; problem: I cannot go on."
        ),
    ] = "question"
    title: Annotated[
        str, Field(min_length=1, max_length=200, description="The question, in one sentence.")
    ]
    details: Annotated[
        str, Field(max_length=20_000, description="What the person needs to know, as Markdown.")
    ] = ""
    options: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]],
        Field(max_length=10, description="Answers to choose from; leave out for a free answer."),
    ] = []


async def _never_run(_tool: ToolContext, _data: RequestHuman) -> ToolResult:
    return ToolResult("Nobody was asked.", is_error=True)


REQUEST_HUMAN: Final = Tool(
    "request_human",
    "Ask a person",
    "Stop and ask a person, who answers in the inbox, perhaps hours later. Ask only what you "
    "cannot find out yourself, once, with everything the person needs to know.",
    RequestHuman,
    "run:get",
    _never_run,
    partition="metadata",
    contexts=frozenset({"background"}),
)


def question_of(call_id: str, agent: str, asked: RequestHuman, reason: str) -> dict[str, Any]:
    """Return the value with which a run waits for the answer to a call of `request_human`."""
    schema: dict[str, Any] | None = None
    if asked.options:
        schema = {"type": "string", "enum": list(asked.options)}
    review = asked.kind == "review"
    action = Action(
        id="1",
        name=REQUEST_HUMAN.name,
        title=REQUEST_HUMAN.title,
        args=asked.model_dump(mode="json"),
        response_schema=schema,
        description=asked.details or None,
        tool_call_id=call_id,
        allow=Allow(approve=review, reject=review, respond=True),
        definition_hash=REQUEST_HUMAN.definition_hash,
    )
    return native(
        asked.kind,
        asked.title,
        [action],
        description=asked.details,
        reason=reason,
        rule=f"{agent} asks",
    )
