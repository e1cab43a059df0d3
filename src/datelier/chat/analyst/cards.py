"""The card of a quick answer, on its way into the log."""

from datelier.chat.analyst.card import build_card
from datelier.chat.analyst.card_shapes import card_part
from datelier.chat.analyst.seats import found
from datelier.chat.analyst.state import AnalystState, route_of
from datelier.chat.evidence import evidence_of
from datelier.chat.turn import Turn
from datelier.queries.trace.locales import locale_of
from datelier.runs.execution import ActiveRun


async def put_card(run: ActiveRun, turn: Turn, state: AnalystState) -> bool:
    """Put the card of a quick answer into the log; return whether there is one."""
    if route_of(state)["intent"] != "quick_answer":
        return False
    evidence = evidence_of(run)
    references = evidence.take(found(state["messages"]))
    await evidence.load(references)
    locale = locale_of((run.claim.input or {}).get("locale"))
    for table in reversed(evidence.tables(references)):
        card = build_card(table, turn.question, locale)
        if card is not None:
            run.log.put(card_part(card, 1))
            return True
    return False
