"""`cannot_answer`: the plain graph's refusal, an answer with a reason and the nearest question."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage
from pydantic import BaseModel, Field

from datelier.chat.figures import Figures
from datelier.chat.prompts import refusal_text
from datelier.chat.turn import Turn
from datelier.kit.tools import Tool, ToolContext, ToolResult
from datelier.runs.execution import ActiveRun

_PART: Final = "refusal"
_ARROW: Final = "\n\n→ "


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


def declined(answer: AIMessage, results: Sequence[ToolMessage]) -> CannotAnswer | None:
    """Return the refusal that a model's message is; None when it is anything else."""
    calls = answer.tool_calls
    if len(calls) != 1 or answer.invalid_tool_calls or calls[0]["name"] != CANNOT_ANSWER.name:
        return None
    if any(result.status != "success" for result in results):
        return None
    return CannotAnswer.model_validate(calls[0]["args"])


async def decline(
    run: ActiveRun, turn: Turn, said: Sequence[AnyMessage], given: CannotAnswer
) -> None:
    """Tell the user: as a part, and in words for clients that show text alone.

    Args:
        run: The run.
        turn: Its agent says what happens to figures without a receipt.
        said: What the run has said before, with its tools' results.
        given: The refusal.
    """
    question = turn.before[-1].text if turn.before else ""
    figures = Figures(run, turn.definition.numbers, said, question)
    nearest = (given.nearest or "").strip()
    figures.feed(given.explanation + (f"{_ARROW}{nearest}" if nearest else ""), _PART)
    await figures.catch_up()
    figures.close()
    own = await figures.check()
    if turn.definition.numbers == "block" and not own.is_clean:
        figures.refuse(refusal_text(figures.problems))
        return
    figures.release()
    figures.count(own)
    # As it was said: its placeholders are filled.
    explanation, _, instead = figures.text.partition(_ARROW)
    data: dict[str, Any] = {"reason": given.reason, "explanation": explanation}
    if instead:
        data["nearest"] = instead
    run.log.put({"type": "data-refusal", "id": _PART, "data": data})
