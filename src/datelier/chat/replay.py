"""Doing again what an earlier run did, up to the step where a person wants another answer.

The words and tool calls of the earlier steps are taken from the log in place of asking the model;
the tools run again, so that what the model then sees are present results under present rights.
"""

from typing import Any

import orjson
from langchain_core.messages import AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk
from sqlalchemy import text

from datelier.runs.execution import ActiveRun
from datelier.runs.fold import Fold, Part

_PLAN = "plan"
_SAID = (
    "text",
    "dynamic-tool",
    "data-intent",
    "data-thinking",
    "data-summary",
    "data-followups",
)
_LOG = text(
    "select seq, part from run_event where org_id = :org and run_id = :run and seq < :until "
    "order by seq"
)


async def planned(run: ActiveRun, number: int) -> AIMessageChunk | None:
    """Return what the model call `number` of this run said before; None to ask the model.

    Args:
        run: A claim whose input may name an earlier run and where to leave it.
        number: Counts the model calls of the run, from 0.
    """
    given = run.claim.input
    if "until" not in given:
        return None
    plan: list[AIMessageChunk | None] | None = run.cache.get(_PLAN)
    if plan is None:
        values = {"org": run.ctx.org_id, "run": given["rerun_of"], "until": given["until"]}
        async with run.ctx.begin() as ctx:
            rows = (await ctx.session.execute(_LOG, values)).all()
        plan = run.cache[_PLAN] = _plan((row.seq, row.part) for row in rows)
    return plan[number] if number < len(plan) else None


def _plan(log: Any) -> list[AIMessageChunk | None]:
    view = Fold()
    for seq, part in log:
        view.add(seq, part)
    steps: list[list[Part]] = []
    for part in view.parts:
        if part["type"] == "step-start":
            steps.append([])
        elif steps and part["type"] in _SAID:
            steps[-1].append(part)
    return [_said(parts) for parts in steps if parts and not _is_chosen(parts)]


def _is_chosen(parts: list[Part]) -> bool:
    """Whether a step sorted the question without asking a model."""
    return any(
        part["type"] == "data-intent" and part["data"].get("by") in ("forced", "mention")
        for part in parts
    )


def _said(parts: list[Part]) -> AIMessageChunk | None:
    """Return what the model said in a step; None for a decision that is not in the log as it was."""
    data: dict[str, dict[str, Any]] = {
        part["type"]: part["data"] for part in parts if part["type"].startswith("data-")
    }
    if "data-intent" in data:
        return AIMessageChunk(content=orjson.dumps(data["data-intent"]).decode())
    if "data-followups" in data:
        questions: list[str] = data["data-followups"]["questions"]
        return AIMessageChunk(content="\n".join(f"- {question}" for question in questions))
    if "data-summary" in data:
        return AIMessageChunk(content=data["data-summary"]["text"])
    thought = data.get("data-thinking")
    if thought is not None and thought["node"] == "recovery":
        return None
    calls = [part for part in parts if part["type"] == "dynamic-tool"]
    return AIMessageChunk(
        content=thought["text"]
        if thought is not None
        else "\n\n".join(part["text"] for part in parts if part["type"] == "text"),
        tool_call_chunks=[
            tool_call_chunk(
                name=call["toolName"],
                args=orjson.dumps(call["input"] or {}).decode(),
                id=None,
                index=index,
            )
            for index, call in enumerate(calls)
        ],
    )
