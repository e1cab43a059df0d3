"""Model calls of the analyst graph: said aloud, thought aloud, or kept to itself."""

from collections.abc import Sequence
from typing import Any, Final

from langchain_core.messages import AIMessage, AnyMessage
from typing_extensions import override

from datelier.chat.analyst.state import node_of, signed
from datelier.chat.assistant import Answer
from datelier.chat.calling import call_model
from datelier.chat.limits import admit_call, within_time
from datelier.chat.replay import planned
from datelier.chat.turn import Turn
from datelier.runs.execution import ActiveRun

_FIRST: Final = 40  # characters of a thought that are worth showing
_GROWTH: Final = 1.5
_QUIET: Final = "Shown once its figures are checked."
_NOTHING: Final = "Nothing to add."


class Aloud(Answer):
    """Text that is the answer, of a node with or without tools."""

    def __init__(self, run: ActiveRun, turn: Turn, said: Sequence[AnyMessage], node: str) -> None:
        super().__init__(run, turn, said, node)
        self.takes_calls = bool(turn.tools)


class Thought(Answer):
    """Text for the work log: replaced in place as it grows, so that all of it is said twice at most.

    With the policy *block* nothing of it is shown: nobody has checked its figures.
    """

    shown = False

    def __init__(self, run: ActiveRun, turn: Turn, said: Sequence[AnyMessage], node: str) -> None:
        super().__init__(run, turn, said, node)
        self._run = run
        self._id = thought_id(said, node)
        self._quiet = turn.definition.numbers == "block"
        self._length = 0
        self._due = _FIRST

    @override
    def write(self, text: str, part_id: str) -> None:
        self._length += len(text)
        if self._length >= self._due and not self._quiet:
            self._due = int(self._length * _GROWTH) + _FIRST
            think(self._run, self._id, self.node, self.said)

    @override
    def end_text(self) -> None:
        text = self.said.strip()
        if text:
            think(self._run, self._id, self.node, _QUIET if self._quiet else text, done=True)

    @override
    def message(self) -> AIMessage:
        message = super().message()
        if not (self.said.strip() or message.tool_calls or message.invalid_tool_calls):
            think(self._run, self._id, self.node, _NOTHING, done=True)
        return message


class Inward(Answer):
    """Text that only the graph reads."""

    shown = False
    takes_calls = False

    @override
    def write(self, text: str, part_id: str) -> None:
        return

    @override
    def end_text(self) -> None:
        return


def thought_id(said: Sequence[AnyMessage], node: str) -> str:
    """Return the id of a node's next thought in the log."""
    return f"{node}:{sum(node_of(message) == node for message in said)}"


def think(run: ActiveRun, part_id: str, node: str, text: str, *, done: bool = False) -> None:
    """Show a thought in the work log, in place of what it was before."""
    data = {"node": node, "text": text, "status": "done" if done else "running"}
    run.log.put({"type": "data-thinking", "id": part_id, "data": data})


async def converse(
    run: ActiveRun,
    turn: Turn,
    answer: Answer,
    own: Sequence[Any] = (),
    *,
    fallback: bool = True,
) -> AIMessage:
    """Call the model once, within an open step.

    Args:
        run: The run.
        turn: The node's turn.
        answer: Takes what the model says.
        own: What the node has said before and what came of it.
        fallback: Whether the agent's fallback model may answer in its place.

    Returns:
        The model's message, signed by the node.

    Raises:
        DatelierError: What the provider's failure means, or a limit was reached.
    """
    again = await planned(run, answer.number)
    if again is not None:
        answer.feed(again)
        await answer.catch_up()
        answer.close()
    else:
        async with within_time(run, turn):
            await call_model(run, turn, [*turn.before, *own], answer, fallback=fallback)
    return signed(answer.message(), answer.node)


async def open_call(run: ActiveRun, turn: Turn, said: Sequence[AnyMessage]) -> None:
    """Admit one more model call, and open its step.

    Raises:
        StepLimit, CostLimit: The run has used up what it may.
    """
    await admit_call(run, turn, calls_made(said))
    run.begin_step()


def calls_made(said: Sequence[AnyMessage]) -> int:
    """Return how many model calls a run has made."""
    return sum(isinstance(message, AIMessage) for message in said)
