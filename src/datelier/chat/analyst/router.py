"""The router: what kind of question is it?"""

import asyncio
import re
from dataclasses import replace
from typing import Final, cast, get_args

from langchain_core.messages import AIMessage, AnyMessage
from langgraph.runtime import Runtime

from datelier.agents.definition import Intent
from datelier.chat.analyst import prompts
from datelier.chat.analyst.calls import calls_made, think, thought_id
from datelier.chat.analyst.json_calls import ask_json
from datelier.chat.analyst.lines import one_line, read_object
from datelier.chat.analyst.mentions import mentioned
from datelier.chat.analyst.seats import remembered, seat, summary_of
from datelier.chat.analyst.settings import SETTINGS, AnalystSettings
from datelier.chat.analyst.state import AnalystState, By, Route, Update
from datelier.chat.limits import admit_call
from datelier.chat.turn import Turn, tuned, turn_of
from datelier.kit.errors import DatelierError
from datelier.kit.log import get_logger
from datelier.kit.tools import Partition
from datelier.llms.clients import build_chat_model
from datelier.llms.config import ModelConfig
from datelier.llms.service import get_model
from datelier.runs.execution import ActiveRun

log = get_logger(__name__)

NODE: Final = "router"
INTENTS: Final[tuple[Intent, ...]] = get_args(Intent)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})?")
_SLOTS: Final = 5
_SLOT: Final = 100


async def router(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Decide how the question is answered, without a model where somebody has decided already."""
    run = runtime.context
    turn = await turn_of(run)
    run.start({"id": str(turn.config.id), "name": turn.config.name})
    run.stage("routing", "Understanding your question")
    run.begin_step()
    said = state["messages"]
    part_id = thought_id(said, NODE)
    message: AIMessage | None = None
    route = _decided(run, turn)
    if route is None:
        think(run, part_id, NODE, "Understanding your question…")
        route, message = await _by_model(run, turn, state, said)
    think(run, part_id, NODE, route["reasoning"], done=True)
    _say(run, route)
    run.finish_step()
    return {"route": route, "messages": [] if message is None else [message]}


def _decided(run: ActiveRun, turn: Turn) -> Route | None:
    forced = (run.claim.input or {}).get("intent")
    if forced in INTENTS:
        return _route(forced, "Whoever asked has chosen this kind of answer.", "forced")
    mention = mentioned(turn.question, turn.definition.mentions)
    if mention is None:
        return None
    name, chosen = mention
    reasoning = f"The question says @{name}, which this agent's table names."
    return _route(chosen.intent, reasoning, "mention", partition=chosen.partition)


def _route(intent: Intent, reasoning: str, by: By, *, partition: Partition | None = None) -> Route:
    return Route(
        intent=intent,
        reasoning=reasoning,
        confidence=None,
        language=None,
        missing_slots=[],
        by=by,
        partition=partition,
    )


def _say(run: ActiveRun, route: Route) -> None:
    shown = {key: value for key, value in route.items() if key != "partition"}
    shown["language"] = route["language"] or "en"
    run.log.put({"type": "data-intent", "id": "intent", "data": shown})


async def _by_model(
    run: ActiveRun, turn: Turn, state: AnalystState, said: list[AnyMessage]
) -> tuple[Route, AIMessage | None]:
    """Ask the model; whatever goes wrong with it, the question is researched."""
    try:
        await admit_call(run, turn, calls_made(said))
        seated = await _seat(run, turn, state)
        settings = run.ctx.resources.find(AnalystSettings, SETTINGS)
        async with asyncio.timeout(settings.routing_seconds):
            message = await ask_json(run, seated, said, NODE)
    except TimeoutError:
        return _fallback("the model took too long"), None
    except DatelierError as error:
        log.info("router_failed", run_id=str(run.id), code=error.code)
        return _fallback("the model that sorts questions did not answer"), None
    route = read_route(message.text)
    return (route or _fallback("the model's answer could not be read")), message


def _fallback(why: str) -> Route:
    return _route("research", f"The question was not sorted, because {why}.", "fallback")


async def _seat(run: ActiveRun, turn: Turn, state: AnalystState) -> Turn:
    facts = turn.facts
    history, cut = remembered(turn, 2 * SETTINGS.budgets[NODE], SETTINGS.routing_history)
    sections = [prompts.router_prompt(), prompts.digest_section(facts.sources)]
    sections += summary_of(state, turn, cut=cut)
    turn = await _routing_turn(run, turn)
    return seat(turn, NODE, sections, history)


async def _routing_turn(run: ActiveRun, turn: Turn) -> Turn:
    """Return the turn with the model that sorts questions; where there is none, with the other."""
    wanted = turn.definition.routing_model_id
    if wanted is None or wanted == turn.config.id:
        return turn
    try:
        async with run.ctx.begin() as ctx:
            found = ModelConfig.of(await get_model(ctx, wanted))
        bounds = turn.definition.model_copy(
            update={"parameters": type(turn.definition.parameters)()}
        )
        config = tuned(found, bounds, budgeted=turn.budgeted)
        model = build_chat_model(run.ctx, config)
    except DatelierError as missing:
        log.info("no_routing_model", run_id=str(run.id), code=missing.code)
        return turn
    return replace(turn, config=config, model=model)


def read_route(text: str) -> Route | None:
    """Return what the model decided; None when it decided nothing."""
    found = read_object(text)
    if found is None:
        return None
    intent = str(found.get("intent", "")).strip().lower()
    if intent not in INTENTS:
        return None
    language = str(found.get("language") or found.get("detected_language") or "").strip()
    return Route(
        intent=intent,
        reasoning=one_line(found.get("reasoning")) or "No reason was given.",
        confidence=_confidence(found.get("confidence")),
        language=language if _LANGUAGE.fullmatch(language) else None,
        missing_slots=_slots(found.get("missing_slots")) if intent == "clarify" else [],
        by="model",
        partition=None,
    )


def _confidence(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 1 else None


def _slots(value: object) -> list[str]:
    if not isinstance(value, list):
        return []
    named = [one_line(slot, _SLOT) for slot in cast("list[object]", value)]
    return [slot for slot in named if slot][:_SLOTS]
