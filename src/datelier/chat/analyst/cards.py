"""The card of a quick answer: figures of a stored result, put together without a model."""

from typing import Any, Final, Protocol

from datelier.chat.analyst.seats import found
from datelier.chat.analyst.state import AnalystState, route_of
from datelier.chat.evidence import evidence_of
from datelier.chat.turn import Turn
from datelier.queries.trace.tables import Table
from datelier.runs.execution import ActiveRun


class BuildCard(Protocol):
    """Makes a card of a result, or nothing when it does not have the shape of one."""

    def __call__(self, table: Table, question: str, /) -> dict[str, Any] | None: ...


def _no_card(_table: Table, _question: str) -> dict[str, Any] | None:
    return None


BUILD_CARD: Final[BuildCard] = _no_card


async def put_card(run: ActiveRun, turn: Turn, state: AnalystState) -> bool:
    """Put the card of a quick answer into the log; return whether there is one."""
    if route_of(state)["intent"] != "quick_answer":
        return False
    evidence = evidence_of(run)
    references = evidence.take(found(state["messages"]))
    await evidence.load(references)
    for table in reversed(evidence.tables(references)):
        card = BUILD_CARD(table, turn.question)
        if card is not None:
            run.log.put({"type": "data-card", "id": "card:1", "data": card})
            return True
    return False
