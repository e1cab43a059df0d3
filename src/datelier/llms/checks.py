"""*Test*: four small requests that show what a model can do before anybody depends on it."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from datelier.kit.errors import DatelierError
from datelier.kit.log import get_logger
from datelier.llms.config import ModelConfig
from datelier.llms.errors import ModelBadAnswer, ModelTimeout, provider_error
from datelier.llms.schemas import Check, CheckName, TestReport

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = get_logger(__name__)

CHECK_TIMEOUT_S: Final = 45.0
_TOOL: Final[dict[str, Any]] = {
    "type": "function",
    "function": {
        "name": "report_number",
        "description": "Report a number to the person.",
        "parameters": {
            "type": "object",
            "properties": {"number": {"type": "integer"}},
            "required": ["number"],
        },
    },
}


async def run_checks(
    model: "BaseChatModel", config: ModelConfig, *, timeout_s: float = CHECK_TIMEOUT_S
) -> TestReport:
    """Try reply, stream, tool call and JSON at once; each is reported on its own.

    Args:
        model: The built model.
        config: Its configuration, for error messages.
        timeout_s: Longest time for one check.
    """
    # The demo model uses the data tools only, and never free-form JSON.
    names = _DEMO_CHECKS if config.is_demo else tuple(_PROBES)
    checks = await asyncio.gather(*(_timed(name, model, config, timeout_s) for name in names))
    return TestReport(ok=all(check.ok for check in checks), checks=list(checks))


async def _timed(
    name: CheckName, model: "BaseChatModel", config: ModelConfig, timeout_s: float
) -> Check:
    began = time.perf_counter()
    failure: DatelierError | None = None
    detail: str | None = None
    try:
        async with asyncio.timeout(timeout_s):
            detail = await _PROBES[name](model)
    except TimeoutError:
        failure = ModelTimeout(f"No answer within {timeout_s:g} seconds.")
    except Exception as error:  # noqa: BLE001  # whatever a provider's library raises is a result
        failure = provider_error(error, config)
        log.info("model_check_failed", check=name, code=failure.code, error=type(error).__name__)
    elapsed = round((time.perf_counter() - began) * 1000)
    if failure is None:
        return Check(name=name, ok=True, detail=detail, elapsed_ms=elapsed)
    return Check(name=name, ok=False, detail=failure.detail, code=failure.code, elapsed_ms=elapsed)


async def _reply(model: "BaseChatModel") -> str | None:
    answer = await model.ainvoke("Reply with the single word: ready")
    if not answer.text.strip():
        raise ModelBadAnswer("The answer was empty.")
    return None


async def _stream(model: "BaseChatModel") -> str | None:
    pieces = 0
    async for chunk in model.astream("Count from one to five in words."):
        pieces += bool(chunk.text)
    if pieces == 0:
        raise ModelBadAnswer("The streamed answer was empty.")
    return "The answer came in one piece." if pieces == 1 else None


async def _tool_call(model: "BaseChatModel") -> str | None:
    bound = model.bind_tools([_TOOL])
    answer = await bound.ainvoke("Call the tool report_number with the number 7. Do not answer.")
    calls = answer.tool_calls
    if not calls:
        raise ModelBadAnswer("The model answered in words instead of calling the tool.")
    call = calls[0]
    if call["name"] != "report_number" or "number" not in call["args"]:
        raise ModelBadAnswer("The model called a tool with the wrong name or arguments.")
    return None


_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


async def _json(model: "BaseChatModel") -> str | None:
    answer = await model.ainvoke(
        'Answer with exactly this JSON object and nothing else: {"city": "Oslo", "count": 3}'
    )
    found = _OBJECT.search(answer.text)
    try:
        value: Any = json.loads(found.group()) if found else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ModelBadAnswer("The answer was not a JSON object.")
    return None


_PROBES: Final[dict[CheckName, Callable[["BaseChatModel"], Awaitable[str | None]]]] = {
    "reply": _reply,
    "stream": _stream,
    "tool_call": _tool_call,
    "json": _json,
}
_DEMO_CHECKS: Final[tuple[CheckName, ...]] = ("reply", "stream")
