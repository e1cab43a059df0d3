"""The approval gate: calls that a person must allow, asked for before any tool of the turn runs.

The gate is a node of its own and does nothing but read before it interrupts, because it is run
again from its top when the decision is there. What may be executed is then read from the stored
request alone.
"""

from dataclasses import dataclass
from typing import Any, Final, cast

from langchain_core.messages import AIMessage, ToolCall
from langgraph.runtime import Runtime
from langgraph.types import interrupt
from pydantic import BaseModel, ValidationError

from datelier.agents.policy import policy_of
from datelier.chat.human import REQUEST_HUMAN, RequestHuman, question_of
from datelier.chat.rules import AllowedByRule, is_ruled, use_of_rule
from datelier.chat.turn import Turn, having_heard, tool_context, turn_of
from datelier.effects.service import ASKED, what_became_of_it
from datelier.inbox import service as inbox
from datelier.inbox.dialects import native
from datelier.inbox.errors import ApprovalInvalid
from datelier.inbox.hashing import args_hash
from datelier.inbox.schemas import Action, Allow
from datelier.inbox.service import Call, NewRequest, Verdict, Waiter
from datelier.kit.errors import DatelierError, Invalid
from datelier.kit.tools import Effect, Preview, PreviewRefused, Tool, ToolResult
from datelier.runs.execution import ActiveRun

_RISK: Final[tuple[Effect, ...]] = ("read", "write", "external", "spend", "destructive")
_DOES: Final[dict[Effect, str]] = {
    "read": "read",
    "write": "change data",
    "external": "reach outside",
    "spend": "spend money",
    "destructive": "destroy data",
}
_REASON: Final = 2000
_UNSEEN: Final = "error"
_ANY: Final = Allow(approve=True, edit=True, reject=True, respond=True)


@dataclass(frozen=True, slots=True)
class FromPerson(ToolResult):
    """What a person said in place of a call's result; their words are no data.

    `denied`: the call was not made.
    """

    denied: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a call may be made with.

    Attributes:
        most_rows: The most rows that it may change, where a rule allowed it.
    """

    args: dict[str, Any]
    most_rows: int | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A call that waits for a person."""

    id: str
    tool: Tool
    args: dict[str, Any]
    parsed: BaseModel


def waits(turn: Turn, answer: AIMessage) -> bool:
    """Whether a call of the answer needs a person before it is made."""
    return bool(_asked(turn, answer))


def _asked(turn: Turn, answer: AIMessage) -> list[_Asked]:
    found: list[_Asked] = []
    for call in answer.tool_calls:
        tool = turn.tools.get(call["name"])
        if tool is None or not asks(turn, tool):
            continue
        try:
            parsed = tool.input_model.model_validate(call["args"])
            args_hash(tool.name, call["args"])
        except (ValidationError, Invalid):
            continue  # nobody is asked for what cannot be done; the model is told why
        found.append(_Asked(call["id"] or "", tool, call["args"], parsed))
    return found


def asks(turn: Turn, tool: Tool) -> bool:
    """Whether calls of a tool wait for a person.

    Once a run has read what others wrote, nothing it sends outside goes without one.
    """
    if tool.name == REQUEST_HUMAN.name or policy_of(turn.definition, tool) == "ask":
        return True
    return tool.effect == "external" and turn.has_read


async def approval(state: Any, runtime: Runtime[ActiveRun]) -> dict[str, Any]:
    """Wait until people have decided about the calls of the last answer."""
    run, said = runtime.context, state["messages"]
    turn = having_heard(await turn_of(run), said)
    await wait_for_people(run, turn, cast("AIMessage", said[-1]))
    return {}


async def wait_for_people(run: ActiveRun, turn: Turn, answer: AIMessage) -> None:
    """Interrupt the run until people have decided about the calls of an answer."""
    calls = _asked(turn, answer)
    reason = str(answer.content)[:_REASON]
    approvals = [call for call in calls if call.tool.name != REQUEST_HUMAN.name]
    if approvals:
        async with run.ctx.begin() as tx:
            decided = await inbox.verdicts(tx, run.id)
        if any(call.id in decided for call in approvals):
            interrupt({})  # the answer is there; what is asked matters no more
        elif not any(call.id in decided for call in calls):
            # Where a later question is stored already, nothing had to be asked before it.
            asked = await _approvals(run, turn, approvals, reason)
            if asked is not None:
                interrupt(asked)
    for call in calls:
        if isinstance(call.parsed, RequestHuman):
            interrupt(question_of(call.id, turn.agent, call.parsed, reason))


async def _approvals(
    run: ActiveRun, turn: Turn, calls: list[_Asked], reason: str
) -> dict[str, Any] | None:
    found = [(call, await _preview(run, turn, call)) for call in calls]
    # Nobody is asked for what cannot be done; the model is told why when it is tried.
    possible = [
        (call, preview)
        for call, preview in found
        if preview is not None
        and not await is_ruled(run, turn, call.tool, call.args, call.id, preview)
    ]
    if not possible:
        return None
    calls = [call for call, _ in possible]
    previews = [preview for _, preview in possible]
    risks: list[Effect] = [
        preview.risk or call.tool.effect for call, preview in zip(calls, previews, strict=True)
    ]
    risk: Effect = max(risks, key=_RISK.index)
    sources = {str(preview.source_id) for preview in previews if preview.source_id is not None}
    settings = run.ctx.resources.settings
    return native(
        "approval",
        _title(turn, calls, previews),
        [_action(str(number), call) for number, call in enumerate(calls, 1)],
        risk=risk,
        reason=reason,
        rule=_rule(turn, calls),
        preview=_shown(previews),
        requires=_needed(calls, previews, risk, settings.destroy_approvals),
        excludes_owner=not settings.approve_own,
        source_id=sources.pop() if len(sources) == 1 else None,
    )


def _action(key: str, call: _Asked) -> Action:
    # The tool's description is written for models; title, preview and arguments are for people.
    return Action(
        id=key,
        name=call.tool.name,
        title=call.tool.title,
        args=call.args,
        args_schema=call.tool.schema,
        tool_call_id=call.id,
        allow=_ANY,
        definition_hash=call.tool.definition_hash,
    )


async def _preview(run: ActiveRun, turn: Turn, call: _Asked) -> Preview | None:
    if call.tool.preview is None:
        return Preview()
    try:
        return await call.tool.preview(tool_context(run, turn, call.id), call.parsed)
    except PreviewRefused:
        return None
    except DatelierError as error:
        return Preview(data={_UNSEEN: error.detail})


def _needed(calls: list[_Asked], previews: list[Preview], risk: Effect, most: int) -> int:
    """How many people must approve: what could not be looked at may destroy."""
    unseen = any(
        call.tool.effect == "write" and _UNSEEN in (preview.data or {})
        for call, preview in zip(calls, previews, strict=True)
    )
    return most if unseen or risk == "destructive" else 1


def _shown(previews: list[Preview]) -> dict[str, Any] | None:
    found = {str(n): preview.data for n, preview in enumerate(previews, 1) if preview.data}
    return {"actions": found} if found else None


def _title(turn: Turn, calls: list[_Asked], previews: list[Preview]) -> str:
    wants = [
        preview.title or f"wants to use “{call.tool.title}”"
        for call, preview in zip(calls, previews, strict=True)
    ]
    if len(calls) == 1:
        return f"{turn.agent} {wants[0]}"
    things = "; ".join(dict.fromkeys(one.removeprefix("wants to ") for one in wants))
    return f"{turn.agent} wants to do {len(calls)} things: {things}"


def _rule(turn: Turn, calls: list[_Asked]) -> str:
    chosen = [c.tool.title for c in calls if turn.definition.tools.get(c.tool.name) == "ask"]
    if all(policy_of(turn.definition, call.tool) == "auto" for call in calls):
        return f"{turn.agent} has read data, so what it sends outside needs approval."
    if len(chosen) == len(calls):
        return f"{turn.agent} asks before it uses {', '.join(dict.fromkeys(chosen))}."
    does = " or ".join(dict.fromkeys(_DOES[call.tool.effect] for call in calls))
    return f"Calls that {does} need approval."


async def permission(run: ActiveRun, turn: Turn, call: ToolCall) -> Allowed | ToolResult:
    """Return what a call may be made with, or what the model is told instead.

    The approval or rule is used by this, in a transaction that ends before the call begins.
    """
    tool, args, call_id = turn.tools[call["name"]], call["args"], call["id"] or ""
    async with run.ctx.begin() as tx:
        verdict = (await inbox.verdicts(tx, run.id)).get(call_id)
    if verdict is None:
        ruled = await use_of_rule(run, turn, tool, args, call_id)
        if ruled is not None:
            return await _by_rule(run, tool, args, call_id, ruled)
        return await _not_asked(run, turn, tool, args, call_id)
    if not verdict.approved or tool.name == REQUEST_HUMAN.name:
        return _said(tool, verdict)
    if args_hash(tool.name, args) != args_hash(verdict.action.name, verdict.action.args):
        return _void(tool, "Other arguments were approved.")
    return await _by_approval(run, tool, call_id, verdict)


async def _by_approval(
    run: ActiveRun, tool: Tool, call_id: str, verdict: Verdict
) -> Allowed | ToolResult:
    async with run.ctx.begin() as tx:
        exact = Call(run.id, call_id, tool.name, verdict.args, tool.definition_hash)
        try:
            first = await inbox.consume(tx, exact)
        except ApprovalInvalid as error:
            return _void(tool, error.detail)
        if not first and not tool.repeatable:
            return await _tell_unknown(tx, run, tool, call_id)
    if verdict.decision is not None and verdict.decision.type == "edit":
        named = {"toolCallId": call_id, "toolName": tool.name, "title": tool.title}
        part = {"type": "tool-input-available", **named, "dynamic": True, "input": verdict.args}
        run.log.put(part)
    return Allowed(verdict.args)


async def _by_rule(
    run: ActiveRun, tool: Tool, args: dict[str, Any], call_id: str, ruled: AllowedByRule
) -> Allowed | ToolResult:
    if not ruled.first and not tool.repeatable:
        async with run.ctx.begin() as tx:
            return await _tell_unknown(tx, run, tool, call_id)
    run.log.put({"type": "data-step-note", "data": {"text": ruled.said}})
    return Allowed(args, ruled.most_rows)


async def _not_asked(
    run: ActiveRun, turn: Turn, tool: Tool, args: dict[str, Any], call_id: str
) -> ToolResult:
    """Say why nobody was asked about a call: it cannot be made as it is."""
    why = ""
    if tool.preview is not None:
        try:
            parsed = tool.input_model.model_validate(args)
            await tool.preview(tool_context(run, turn, call_id), parsed)
        except DatelierError as error:
            why = f" {error.detail}" + (f" {error.hint}" if error.hint else "")
    # A rule that held a moment ago may be gone.
    why = why or " Propose it again if it is still needed."
    return ToolResult(f"{tool.title} was not executed and nobody was asked.{why}", is_error=True)


def _void(tool: Tool, why: str) -> FromPerson:
    text = f"{tool.title} was not executed. {why} Propose it again if it is still needed."
    return FromPerson(text, is_error=True, denied=True)


def _said(tool: Tool, verdict: Verdict) -> FromPerson:
    decision = verdict.decision
    who = verdict.by or "Nobody"
    if decision is None:
        text = f"{tool.title} was not executed: {verdict.note or 'nobody decided.'}"
        return FromPerson(text, is_error=True, denied=True)
    message = decision.message or ""
    if decision.type == "reject":
        said = f": {message}" if message else "."
        text = f"{who} rejected {tool.title}{said}"
        return FromPerson(text, is_error=True, denied=True)
    if decision.type == "approve":
        return FromPerson(f"{who} approved.", {"answer": "approved", "by": who})
    said = decision.args if decision.args is not None else message
    asked = tool.name == REQUEST_HUMAN.name
    text = f"{who} answered: {said}" if asked else f"Not executed. {who} answered instead: {said}"
    return FromPerson(text, {"answer": said, "by": who}, denied=not asked)


async def _tell_unknown(tx: Any, run: ActiveRun, tool: Tool, call_id: str) -> FromPerson:
    """The call was begun before, by a process that did not live to say how it ended.

    Its tool has no ledger, so that it cannot be made once more; the run goes on.
    """
    claim = run.claim
    waiter = Waiter(
        run_id=run.id,
        interrupt_id=f"{ASKED}{call_id}",
        thread_id=claim.thread_id,
        agent_id=claim.agent_id,
        owner_id=run.ctx.actor.id,
        correlation_id=run.ctx.correlation_id,
    )
    action = Action(
        id="1",
        name=tool.name,
        title=tool.title,
        allow=Allow(respond=True),
        response_schema=what_became_of_it(),
    )
    new = NewRequest(
        "question",
        f"It is not known whether “{tool.title}” was done",
        [action],
        description="The process that executed the approved call ended before it said how the "
        "call went. It was not made again. Look, and say what became of it.",
        risk=tool.effect,
        personal=claim.kind != "background",
        waiter=waiter,
    )
    await inbox.open_request(tx, new)
    text = (
        f"It is not known whether {tool.title} was executed, because the process that did it "
        "ended. It was not executed again; a person was told. Do not repeat it."
    )
    return FromPerson(text, is_error=True)
