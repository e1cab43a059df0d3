"""A question back of a run that nobody watches: it goes to the inbox, and its answer to the search."""

from collections.abc import Sequence
from typing import Final

from langchain_core.messages import AIMessage, AnyMessage
from langchain_core.messages.tool import ToolCall

from datelier.chat.analyst import prompts
from datelier.chat.analyst.calls import Inward, converse, open_call
from datelier.chat.analyst.lines import items, one_line, without_items
from datelier.chat.analyst.seats import remembered, seat
from datelier.chat.analyst.settings import SETTINGS
from datelier.chat.analyst.state import ASKING, Update
from datelier.chat.human import REQUEST_HUMAN
from datelier.chat.turn import Turn
from datelier.runs.execution import ActiveRun

_TITLE: Final = 200


class _Question(Inward):
    """The words of a question; where a run is done again up to a later step, the call they became."""

    def __init__(self, run: ActiveRun, turn: Turn, said: Sequence[AnyMessage]) -> None:
        super().__init__(run, turn, said, ASKING)
        self.takes_calls = "until" in run.claim.input


def can_ask(turn: Turn) -> bool:
    """Whether anybody would hear a question: in the background only by way of the inbox."""
    return not turn.facts.background or REQUEST_HUMAN.name in turn.tools


async def ask_a_person(
    run: ActiveRun, turn: Turn, said: Sequence[AnyMessage], head: Sequence[str], missing: str
) -> Update:
    """Word the question, and call for a person with it.

    Args:
        run: The run.
        turn: Its turn.
        said: The transcript.
        head: How the question is worded.
        missing: Why it is asked, for the person.
    """
    run.stage("thinking", "Working out what to ask")
    await open_call(run, turn, said)
    history, _ = remembered(turn, SETTINGS.budgets[ASKING])
    sections = [*head, prompts.digest_section(turn.facts.sources)]
    seated = seat(turn, ASKING, sections, history)
    message = await converse(run, seated, _Question(run, seated, said))
    if not message.tool_calls:
        _call(run, message, missing)
    run.finish_step()
    return {"messages": [message]}


def _call(run: ActiveRun, message: AIMessage, missing: str) -> None:
    """Make a question in words the call of the tool that asks people."""
    options = items(message.text, SETTINGS.options_most)
    title = one_line(without_items(message.text), _TITLE) or one_line(missing, _TITLE)
    args = {
        "kind": "question",
        "title": title or "What exactly is wanted?",
        "details": missing,
        "options": options if len(options) >= SETTINGS.options_least else [],
    }
    # One per run and question: the node is done again as a whole, or not at all.
    call = ToolCall(type="tool_call", name=REQUEST_HUMAN.name, args=args, id=f"ask_{run.id.hex}")
    message.content = ""
    message.tool_calls = [call]
    named = {
        "toolCallId": call["id"],
        "toolName": call["name"],
        "title": REQUEST_HUMAN.title,
        "dynamic": True,
    }
    run.log.put({"type": "tool-input-start", **named})
    run.log.put({"type": "tool-input-available", **named, "input": args})
