"""The recovery: what becomes of a search that found nothing?"""

from typing import Any, Final, cast, get_args

from langgraph.runtime import Runtime

from datelier.chat.analyst import prompts
from datelier.chat.analyst.calls import open_call, think, thought_id
from datelier.chat.analyst.data import known_to_demo, packet
from datelier.chat.analyst.json_calls import ask_json
from datelier.chat.analyst.lines import one_line, read_object, without_new_figures
from datelier.chat.analyst.seats import remembered, seat
from datelier.chat.analyst.settings import SETTINGS
from datelier.chat.analyst.state import AnalystState, Finding, Update, route_of
from datelier.chat.turn import Turn, turn_of
from datelier.kit.errors import DatelierError
from datelier.kit.log import get_logger
from datelier.runs.execution import ActiveRun

log = get_logger(__name__)

NODE: Final = "recovery"
_ACTIONS: Final = get_args(Finding.__annotations__["action"])
_REASONS: Final = get_args(Finding.__annotations__["reason"])
_SILENT: Final = "The attached sources do not hold what is needed to answer this."


async def recovery(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Decide whether to answer all the same, to ask back, or to say no and why."""
    run = runtime.context
    turn = await turn_of(run)
    said = state["messages"]
    part_id = thought_id(said, NODE)
    run.stage("thinking", "Thinking")
    await open_call(run, turn, said)
    messages: list[Any] = []
    try:
        message = await ask_json(run, _seat(turn, state), said, NODE)
    except DatelierError as error:
        log.info("recovery_failed", run_id=str(run.id), code=error.code)
        finding = _finding({}, turn.question)
    else:
        messages = [message]
        finding = _finding(read_object(message.text) or {}, turn.question)
    think(run, part_id, NODE, finding["explanation"], done=True)
    run.finish_step()
    return {"finding": finding, "messages": messages}


def _seat(turn: Turn, state: AnalystState) -> Turn:
    budget = SETTINGS.budgets[NODE]
    history, _ = remembered(turn, budget)
    sections = [
        prompts.recovery_prompt(route_of(state)["language"]),
        prompts.digest_section(turn.facts.sources),
        prompts.packet_section(packet(state["messages"], budget // 2)),
    ]
    return seat(turn, NODE, sections, history, **known_to_demo(state["messages"]))


def _finding(said: dict[str, Any], question: str) -> Finding:
    """Return what was decided; when nothing that can be read was, the answer is written as it is."""
    action, reason = said.get("action"), said.get("reason")
    explanation = without_new_figures([one_line(said.get("explanation"))], question)
    nearest = without_new_figures([one_line(said.get("nearest"), 200)], question)
    return Finding(
        action=cast("Any", action) if action in _ACTIONS else "answer",
        reason=cast("Any", reason) if reason in _REASONS else "unanswerable",
        explanation=next(iter(explanation), "") or _SILENT,
        nearest=next(iter(nearest), "") or None,
    )
