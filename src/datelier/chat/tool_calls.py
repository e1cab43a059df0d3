"""Executing the tool calls of one answer, each exactly once, side by side."""

import asyncio
from dataclasses import replace
from typing import Final

from langchain_core.messages import AIMessage, ToolCall, ToolMessage
from pydantic import BaseModel, ValidationError

from datelier.chat.approval import FromPerson, asks, permission
from datelier.chat.prompts import fenced
from datelier.chat.turn import Turn, tool_context
from datelier.kit.errors import DatelierError
from datelier.kit.fail_points import reach
from datelier.kit.log import get_logger
from datelier.kit.metrics import tool_execution_seconds
from datelier.kit.tools import OutcomeUnknown, Tool, ToolContext, ToolResult
from datelier.runs.drive import LOST_DATABASE
from datelier.runs.events import Fenced
from datelier.runs.execution import ActiveRun
from datelier.runs.fold import Part

log = get_logger(__name__)

_FAILED: Final = "failed_calls"
_REASON_MAX: Final = 200


async def execute_calls(run: ActiveRun, turn: Turn, answer: AIMessage) -> list[ToolMessage]:
    """Run every call of `answer`; return one message per call, in the same order.

    A call of which nobody knows how it ended has no message: a person is asked about it next.

    Raises:
        Exception: PostgreSQL went away; the other calls are cancelled and the step is done again.
    """
    failed_before: dict[str, str] = run.cache.pop(_FAILED, {})
    calls = [_call(run, turn, call) for call in answer.tool_calls]
    tasks = [asyncio.create_task(call) for call in calls]
    refused = [
        _unreadable(run, call["name"] or "", call["id"] or "") for call in answer.invalid_tool_calls
    ]
    try:
        made = await asyncio.gather(*tasks)
        answered = [*(message for message in made if message is not None), *refused]
        _note_repairs(run, turn, answered, failed_before)
        return answered
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _note_repairs(
    run: ActiveRun, turn: Turn, answered: list[ToolMessage], failed_before: dict[str, str]
) -> None:
    """Say in the log what a successful second attempt put right; the reader saw the first fail."""
    for message in answered:
        name = str(message.name)
        reason = failed_before.pop(name, None) if message.status == "success" else None
        if reason is None:
            continue
        tool = turn.tools.get(name)
        what = (
            "repaired SQL"
            if name == "execute_sql_query"
            else f"repeated: {tool.title if tool else name}"
        )
        run.log.put({"type": "data-step-note", "data": {"text": f"{what}: {reason}"}})


def _unreadable(run: ActiveRun, name: str, call_id: str) -> ToolMessage:
    result = ToolResult(
        f"The arguments of {name} are not a JSON object. Call it again with valid JSON.",
        is_error=True,
    )
    return _answer(run, name, call_id, result)


async def call_again(run: ActiveRun, turn: Turn, call: ToolCall) -> ToolMessage | None:
    """Make a call that a person wants made after all; None when again nobody knows how it ended."""
    return await _call(run, turn, call)


def answer_call(run: ActiveRun, call: ToolCall, result: ToolResult) -> ToolMessage:
    """Put the result of a call into the log; return what the model is told."""
    return _answer(run, call["name"], call["id"] or "", result)


async def _call(run: ActiveRun, turn: Turn, call: ToolCall) -> ToolMessage | None:
    name, call_id = call["name"], call["id"] or ""
    tool = turn.tools.get(name)
    if tool is None:
        known = ", ".join(sorted(turn.tools)) or "none"
        result = ToolResult(f"There is no tool named {name}. Tools: {known}.", is_error=True)
    else:
        try:
            result = await _run_tool(run, turn, tool, call)
        except OutcomeUnknown:
            return None
        reach("tool.after")
    return _answer(run, name, call_id, result)


async def _run_tool(run: ActiveRun, turn: Turn, tool: Tool, call: ToolCall) -> ToolResult:
    """Run a call that fits and is allowed; what is wrong with any other is its result."""
    at = tool_context(run, turn, call["id"] or "")
    try:
        parsed = tool.input_model.model_validate(call["args"])
        if asks(turn, tool):
            allowed = await permission(run, turn, call)
            if isinstance(allowed, ToolResult):
                return allowed
            parsed = tool.input_model.model_validate(allowed.args)
            at = replace(at, most_rows=allowed.most_rows)
    except ValidationError as error:
        return ToolResult(_explain(tool, error), is_error=True)
    return await _result(run, tool, at, parsed)


async def _result(run: ActiveRun, tool: Tool, at: ToolContext, parsed: BaseModel) -> ToolResult:
    """Run a call; a failure becomes its result, except where the step must be done again.

    Raises:
        OutcomeUnknown: Nobody knows whether it happened.
        Fenced, LOST_DATABASE: Another process does it again, or this one does once it can.
    """
    if tool.partition == "viz":
        run.stage("drawing", "Drawing the chart")
    elif tool.partition == "documents":
        run.stage("writing", tool.title)
    else:
        run.stage("running_query", tool.title)
    with tool_execution_seconds.labels(tool.name).time():
        try:
            reach("tool.before")
            return await tool.run(at, parsed)
        except (OutcomeUnknown, Fenced, *LOST_DATABASE):
            raise
        except DatelierError as error:
            hint = f" {error.hint}" if error.hint else ""
            return ToolResult(f"{error.detail}{hint}", is_error=True)
        except Exception:
            error_id = run.ctx.correlation_id
            log.exception("tool_failed", tool=tool.name, run_id=str(run.id), error_id=error_id)
            return ToolResult(f"{tool.title} failed. Reference: {error_id}", is_error=True)


def _answer(run: ActiveRun, name: str, call_id: str, result: ToolResult) -> ToolMessage:
    from_person = isinstance(result, FromPerson)
    if isinstance(result, FromPerson) and result.denied:
        part: Part = {"type": "tool-output-denied", "toolCallId": call_id}
    elif result.is_error:
        run.cache.setdefault(_FAILED, {})[name] = result.text.partition("\n")[0][:_REASON_MAX]
        part = {
            "type": "tool-output-error",
            "toolCallId": call_id,
            "errorText": result.text,
            "dynamic": True,
        }
    else:
        part = {
            "type": "tool-output-available",
            "toolCallId": call_id,
            "output": result.output,
            "dynamic": True,
        }
    run.log.put(part)
    return ToolMessage(
        result.text if from_person else fenced(result.text),
        name=name,
        tool_call_id=call_id,
        artifact=result.output,
        status="error" if result.is_error else "success",
    )


def _explain(tool: Tool, error: ValidationError) -> str:
    problems = "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return f"The arguments of {tool.name} do not fit: {problems}. Call it again."
