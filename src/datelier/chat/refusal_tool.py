"""`cannot_answer`: the plain graph's refusal, an answer with a reason and the nearest question.

Apart from what tells the user of it, because that costs LangChain's import, and every process
lists the tools.
"""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from datelier.kit.tools import Tool, ToolContext, ToolResult


class CannotAnswer(BaseModel):
    """Decline a question."""

    reason: Annotated[
        Literal["unanswerable", "ambiguous", "out_of_scope", "not_permitted"],
        Field(
            description="unanswerable: the data is not there; ambiguous: it can be read in ways "
            "that contradict each other; out_of_scope: it is not about the data; not_permitted: "
            "the data is there and may not be read."
        ),
    ]
    explanation: Annotated[
        str,
        Field(
            min_length=1,
            max_length=500,
            description="Why, in one or two sentences in the user's language, without figures.",
        ),
    ]
    nearest: Annotated[
        str | None,
        Field(max_length=200, description="The nearest question that the sources can answer."),
    ] = None


async def _decline(_at: ToolContext, _given: CannotAnswer) -> ToolResult:
    # The graph tells the user, once it knows that nothing else was called beside this.
    return ToolResult(
        "Called alone, this is the answer. Called beside other tools it is not: look at what they "
        "found, and answer, or call it again alone."
    )


CANNOT_ANSWER: Final = Tool(
    "cannot_answer",
    "Decline the question",
    "Tell the user that their question cannot be answered here, why, and which near question can. "
    "Look first, when looking can tell. This is your whole answer: call no other tool beside it, "
    "and write nothing else.",
    CannotAnswer,
    "run:get",
    _decline,
    partition="answer",
    contexts=frozenset({"chat"}),
)
