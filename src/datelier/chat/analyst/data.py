"""The nodes that look for data, and what of their findings the writer of the answer gets."""

from collections.abc import Sequence
from typing import Any, Final

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.runtime import Runtime

from datelier.chat.analyst.calls import Thought, converse, open_call
from datelier.chat.analyst.seats import data_seat, found
from datelier.chat.analyst.settings import SETTINGS
from datelier.chat.analyst.state import ASKING, AnalystState, Update, own, rounds
from datelier.chat.analyst.tokens import count, shorten, within
from datelier.chat.human import REQUEST_HUMAN
from datelier.chat.turn import Turn, turn_of
from datelier.runs.execution import ActiveRun

_NOTES: Final = 1_000  # tokens
_LEAST: Final = 60


async def quick_answer(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Fetch one value, a short comparison or a short series."""
    return await _look(state, runtime.context, "quick_answer")


async def research(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Look for data in as many steps as it takes, up to the cap."""
    return await _look(state, runtime.context, "research")


async def explain(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Look up what the data means, without looking at it."""
    return await _look(state, runtime.context, "explain")


async def _look(state: AnalystState, run: ActiveRun, node: str) -> Update:
    turn = data_seat(await turn_of(run), node, state)
    said = state["messages"]
    if rounds(said, node) == 0:
        run.stage("interpreting", "Working out what to look at")
    else:
        run.stage("thinking", "Thinking")
    await open_call(run, turn, said)
    answer = Thought(run, turn, said, node)
    # In the background, what a person was asked belongs to the search that goes on with it.
    mine = within(own(said, (node, ASKING)), SETTINGS.budgets[node] // 2)
    message = await converse(run, turn, answer, mine)
    run.finish_step()
    return {"messages": [message]}


def nothing_found(turn: Turn, state: AnalystState) -> bool:
    """Whether data was looked for and there is none: no result, now or earlier in the thread."""
    if state.get("finding") is not None or turn.facts.told.results:
        return False
    return not any(_is_data(turn, message) for message in found(state["messages"]))


def _is_data(turn: Turn, message: AnyMessage) -> bool:
    if not isinstance(message, ToolMessage) or message.status == "error":
        return False
    tool = turn.tools.get(str(message.name))
    return tool is not None and tool.partition in ("data", "documents")


def packet(messages: Sequence[AnyMessage], budget: int) -> str:
    """Return what was found, as text within a budget of tokens; the newest results come whole first.

    Args:
        messages: The transcript.
        budget: Tokens.
    """
    pieces: list[str] = []
    left = budget
    for message in reversed(found(messages)):
        text = _piece(message)
        if not text:
            continue
        most = min(_NOTES, left) if isinstance(message, AIMessage) else left
        short = shorten(text, max(_LEAST, most))
        left -= count(short)
        pieces.append(short)
    return "\n\n".join(reversed(pieces))


def _piece(message: AnyMessage) -> str:
    if isinstance(message, ToolMessage):
        text = _unfenced(message.text)
        failed = "failed: " if message.status == "error" else ""
        return f"[{message.name}] {failed}{text}"
    if isinstance(message, HumanMessage):
        return ""
    said = message.text.strip()
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    asked = [call["args"].get("title") for call in calls if call["name"] == REQUEST_HUMAN.name]
    pieces = [f"[notes] {said}"] if said else []
    return "\n".join([*pieces, *(f"[asked a person] {title}" for title in asked if title)])


def _unfenced(text: str) -> str:
    return text.removeprefix("<data>\n").removesuffix("\n</data>")


def known_to_demo(messages: Sequence[AnyMessage]) -> dict[str, Any]:
    """Return what was found as the demo model reads it: the messages themselves."""
    return {"found": found(messages)}
