"""The second model of an agent, for a call to the first that failed before it said anything."""

from dataclasses import replace

from langchain_core.language_models import BaseChatModel

from datelier.chat.turn import Turn, bound, tuned
from datelier.kit.errors import DatelierError
from datelier.kit.log import get_logger
from datelier.llms.clients import build_chat_model
from datelier.llms.config import ModelConfig
from datelier.llms.service import get_model
from datelier.runs.execution import ActiveRun

log = get_logger(__name__)


async def fall_back(run: ActiveRun, turn: Turn, error: DatelierError) -> Turn | None:
    """Return the turn with the fallback model, for the rest of this claim, and say so in the log.

    None when the agent names no other model, or that model was deleted.

    Args:
        run: The run.
        turn: The turn whose model failed.
        error: Why it failed, in words for people.
    """
    wanted = turn.definition.fallback_model_id
    if wanted is None or wanted == turn.config.id:
        return None
    try:
        async with run.ctx.begin() as ctx:
            found = ModelConfig.of(await get_model(ctx, wanted))
        config = tuned(found, turn.definition, budgeted=turn.budgeted)
        model = build_chat_model(run.ctx, config)
    except DatelierError as missing:
        log.info("no_fallback", run_id=str(run.id), code=missing.code)
        return None
    instead = _with(turn, config, model)
    known: Turn | None = run.cache.get("turn")
    run.cache["turn"] = instead if known is None else _with(known, config, model)
    run.model = {"id": str(config.id), "name": config.name}
    said = f"{turn.config.name} could not answer, so {config.name} does. {error.detail}"
    run.log.put({"type": "data-step-note", "data": {"text": said}})
    run.log.put({"type": "message-metadata", "messageMetadata": {"model": run.model}})
    return instead


def _with(turn: Turn, config: ModelConfig, model: BaseChatModel) -> Turn:
    return replace(turn, config=config, model=model, caller=bound(config, model, turn.tools))
