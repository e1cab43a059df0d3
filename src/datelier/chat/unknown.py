"""Calls of which nobody knows whether they happened: a person looks, and says what is true.

Such a call is never made again by itself. Its step leaves its answer out, and the run waits here
until somebody has said that it happened, that it did not and is to be made now, or that it is to
be left. What they say is in the ledger with their decision; here it is only followed.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, cast

from langchain_core.messages import AIMessage, AnyMessage, ToolCall, ToolMessage
from langgraph.types import interrupt
from pydantic import ValidationError

from datelier.chat.approval import FromPerson
from datelier.chat.tool_calls import answer_call, call_again
from datelier.chat.turn import Turn, having_heard, tool_context
from datelier.effects.service import DO_NOW, HAPPENED, UNKNOWN, note_of, what_became_of_it
from datelier.inbox import service as inbox
from datelier.inbox.dialects import native
from datelier.inbox.schemas import Action, Allow
from datelier.kit.errors import DatelierError
from datelier.kit.tools import Preview, Tool
from datelier.runs.execution import ActiveRun

_WHY: Final = (
    "The process that made the approved call ended before it could say how the call went, and it "
    "cannot be found out. It was not made again. Look, and say what became of it."
)
_LOOK: Final = (
    "This is what it would do if it were made now. Where no row is left to change, it has probably "
    "happened."
)


def unanswered(answer: AIMessage, said: Sequence[AnyMessage]) -> list[ToolCall]:
    """Return the calls of an answer that were made and of which nobody knows how they ended.

    Args:
        answer: One of the messages.
        said: What was said so far, the results of its calls included.
    """
    at = max(place for place, message in enumerate(said) if message is answer)
    known = {message.tool_call_id for message in said[at:] if isinstance(message, ToolMessage)}
    return [call for call in answer.tool_calls if (call["id"] or "") not in known]


async def ask_what_became(
    run: ActiveRun, turn: Turn, answer: AIMessage, said: Sequence[AnyMessage]
) -> list[ToolMessage]:
    """Wait until people have said what became of the calls; return what the model is told.

    A call that was made once more, and of which again nobody knows, is left out again.

    Args:
        run: The run.
        turn: With the tools of the node that made the calls.
        answer: The message with the calls.
        said: All that the run has said so far.
    """
    # What had been read when the calls were made decides whether people were asked about them;
    # the answers of calls made beside them do not.
    at = max(place for place, message in enumerate(said) if message is answer)
    turn = having_heard(replace(turn, heard=False), said[:at])
    calls = unanswered(answer, said)
    answers = [interrupt(await _question(run, turn, call)) for call in calls]
    run.begin_step()
    found = [await _settled(run, turn, *pair) for pair in zip(calls, answers, strict=True)]
    run.finish_step()
    return [message for message in found if message is not None]


async def _settled(run: ActiveRun, turn: Turn, call: ToolCall, said: Any) -> ToolMessage | None:
    decision: dict[str, Any] = cast("dict[str, Any]", said["decisions"])["1"]
    chosen = decision["args"] if decision["type"] == "respond" else None
    if chosen == DO_NOW:
        return await call_again(run, turn, call)
    async with run.ctx.begin() as tx:
        note = await note_of(tx, run.id, call["id"] or "")
    title = turn.tools[call["name"]].title
    if chosen == HAPPENED:
        text = f"{title} was executed. {note} What it returned is not known. Do not repeat it."
        return answer_call(run, call, FromPerson(text, {"note": note}))
    text = f"It is not known whether {title} was executed. {note} Do not repeat it."
    return answer_call(run, call, FromPerson(text, is_error=True))


async def _question(run: ActiveRun, turn: Turn, call: ToolCall) -> dict[str, Any]:
    tool, call_id = turn.tools[call["name"]], call["id"] or ""
    async with run.ctx.begin() as tx:
        verdict = (await inbox.verdicts(tx, run.id)).get(call_id)
    args: dict[str, Any] = call["args"] if verdict is None else verdict.args
    look = await _look(run, turn, tool, call_id, args)
    action = Action(
        id="1",
        name=UNKNOWN,
        title=tool.title,
        args={"tool": tool.name, "call": call_id, "arguments": args},
        allow=Allow(respond=True),
        response_schema=what_became_of_it(now=True),
    )
    return native(
        "question",
        f"Did this happen? {tool.title}",
        [action],
        risk=tool.effect,
        on_expiry="keep",
        description=_WHY,
        rule="A call whose outcome is unknown is never repeated by itself.",
        preview={"actions": {"1": look.data}} if look.data else None,
        source_id=str(look.source_id) if look.source_id is not None else None,
    )


async def _look(
    run: ActiveRun, turn: Turn, tool: Tool, call_id: str, args: dict[str, Any]
) -> Preview:
    """Look anew at what the call is about, as it is by now."""
    if tool.preview is None:
        return Preview()
    try:
        parsed = tool.input_model.model_validate(args)
        fresh = await tool.preview(tool_context(run, turn, call_id), parsed)
    except ValidationError:
        return Preview()
    except DatelierError as error:
        return Preview(data={"error": error.detail})
    note = f"{_LOOK} {(fresh.data or {}).get('note', '')}".strip()
    return Preview(data={**(fresh.data or {}), "note": note}, source_id=fresh.source_id)
