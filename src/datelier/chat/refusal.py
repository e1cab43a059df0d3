"""Telling the user that a question was declined with `cannot_answer`."""

from collections.abc import Sequence
from typing import Any, Final

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from datelier.chat.figures import Figures
from datelier.chat.prompts import refusal_text
from datelier.chat.refusal_tool import CANNOT_ANSWER, CannotAnswer
from datelier.chat.turn import Turn
from datelier.runs.execution import ActiveRun

_PART: Final = "refusal"
_ARROW: Final = "\n\n→ "


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
