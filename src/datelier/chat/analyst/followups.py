"""The follow-ups: what one might ask next, as questions to click and as a list to read."""

from typing import Final

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.runtime import Runtime

from datelier.chat.analyst import prompts
from datelier.chat.analyst.calls import Inward, converse, open_call
from datelier.chat.analyst.data import known_to_demo, packet
from datelier.chat.analyst.lines import items, without_new_figures
from datelier.chat.analyst.narrator import NODE as NARRATOR
from datelier.chat.analyst.seats import seat
from datelier.chat.analyst.settings import SETTINGS
from datelier.chat.analyst.state import AnalystState, Update, node_of, route_of
from datelier.chat.analyst.tokens import newest
from datelier.chat.part_names import FOLLOWUPS_PART
from datelier.chat.turn import Turn, turn_of
from datelier.kit.errors import DatelierError
from datelier.kit.log import get_logger
from datelier.runs.execution import ActiveRun

log = get_logger(__name__)

NODE: Final = "followups"
_TEXT_ID: Final = "followups"


async def followups(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Propose questions; an answer that is there does not fail because there are none."""
    run = runtime.context
    turn = await turn_of(run)
    said = state["messages"]
    try:
        await open_call(run, turn, said)
    except DatelierError as limit:
        log.info("no_followups", run_id=str(run.id), code=limit.code)
        return {}
    seated = _seat(turn, state)
    try:
        message = await converse(run, seated, Inward(run, seated, said, NODE), fallback=False)
    except DatelierError as error:
        log.info("no_followups", run_id=str(run.id), code=error.code)
        run.finish_step()
        return {}
    questions = _questions(message, turn)
    if len(questions) >= SETTINGS.followups_least:
        _put(run, questions)
    run.finish_step()
    return {"messages": [message]}


def _seat(turn: Turn, state: AnalystState) -> Turn:
    said, facts = state["messages"], turn.facts
    language = route_of(state)["language"]
    head = prompts.followups_prompt(
        language, least=SETTINGS.followups_least, most=SETTINGS.followups_most
    )
    sections = [
        head,
        prompts.digest_section(facts.sources),
        prompts.packet_section(_beginning(said)),
    ]
    conversation = [*facts.told.messages, AIMessage(_answer(said) or "(no text)")]
    history = newest(conversation, SETTINGS.budgets[NODE] // 2, SETTINGS.followup_history)
    ask = HumanMessage("Which questions might follow?")
    return seat(turn, NODE, sections, [*history, ask], **known_to_demo(said))


def _beginning(said: list[AnyMessage]) -> str:
    return packet(said, SETTINGS.budgets[NODE] // 2)[: SETTINGS.followup_packet]


def _answer(said: list[AnyMessage]) -> str:
    return "\n\n".join(m.text for m in said if node_of(m) == NARRATOR and m.text)


def _questions(message: AIMessage, turn: Turn) -> list[str]:
    """Return the questions that may be shown: none that was asked, none with a figure of its own."""
    asked = {m.text.strip().lower() for m in turn.facts.told.messages}
    fresh = [q for q in items(message.text, 2 * SETTINGS.followups_most) if q.lower() not in asked]
    return without_new_figures(fresh, turn.question)[: SETTINGS.followups_most]


def _put(run: ActiveRun, questions: list[str]) -> None:
    run.log.put({"type": FOLLOWUPS_PART, "id": "followups", "data": {"questions": questions}})
    # The same for clients that show text alone; everything behind the part is this list.
    listed = "\n".join(f"{place}. {question}" for place, question in enumerate(questions, 1))
    run.log.put({"type": "text-start", "id": _TEXT_ID})
    run.log.delta("text-delta", _TEXT_ID, listed)
    run.log.put({"type": "text-end", "id": _TEXT_ID})
