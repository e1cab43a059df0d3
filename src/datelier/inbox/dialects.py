"""Three foreign dialects of asking a person, and what each expects for an answer.

A graph passes its own kind of value to ``interrupt()``; it is understood here, shown like any
other request, and answered in kind. What nobody understands is shown as JSON with a box to
respond, so that no run is ever stuck in "invalid schema".

- *human_interrupt*: agent-inbox' ``HumanInterrupt``, alone or in a list.
- *hitl*: LangChain v1's ``HITLRequest``; its ``arguments`` are read as well as its ``args``.
- *ag_ui*: AG-UI's ``Interrupt``, alone or in a list.
- *native*: ours, made by :func:`native`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from datelier.inbox.dialects_agui import agui_answer, agui_request, agui_resume, is_agui
from datelier.inbox.dialects_langchain import (
    hitl_answer,
    hitl_request,
    hitl_resume,
    human_answer,
    human_request,
    human_resume,
    is_hitl,
    is_human,
)
from datelier.inbox.schemas import Action, ActionDecision, Allow, Dialect, Kind, OnExpiry, Risk
from datelier.kit.errors import Malformed

_NATIVE = "datelier.request"
_TITLE = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What an interrupt asks for, in our words.

    Attributes:
        native: Ours alone: everything else a request may hold.
    """

    dialect: Dialect
    kind: Kind
    title: str
    actions: list[Action]
    description: str = ""
    expires_at: datetime | None = None
    native: dict[str, Any] = field(default_factory=dict[str, Any])


def native(
    kind: Kind,
    title: str,
    actions: Sequence[Action],
    *,
    risk: Risk = "read",
    on_expiry: OnExpiry = "reject",
    **more: Any,
) -> dict[str, Any]:
    """Return the value that our own graphs pass to ``interrupt()``.

    Args:
        kind: What kind of request it is.
        title: A sentence.
        actions: What is asked for.
        risk: The worst of the actions.
        on_expiry: What happens when nobody decides in time.
        more: ``description``, ``reason``, ``rule``, ``preview``, ``seconds``, ``requires``,
            ``excludes_owner``, ``source_id``.
    """
    return {
        "type": _NATIVE,
        "kind": kind,
        "title": title,
        "risk": risk,
        "on_expiry": on_expiry,
        "actions": [action.model_dump(mode="json") | {"args": action.args} for action in actions],
        **more,
    }


def understand(value: Any) -> Asked:
    """Return what a value passed to ``interrupt()`` asks for; every value asks for something."""
    if isinstance(value, dict) and cast("dict[str, Any]", value).get("type") == _NATIVE:
        return _native_request(cast("dict[str, Any]", value))
    if is_human(value):
        actions = human_request(value)
        described = "\n\n".join(a.description for a in actions if a.description)
        return Asked("human_interrupt", "approval", _title(described, actions), actions, described)
    if is_hitl(value):
        actions = hitl_request(cast("dict[str, Any]", value))
        described = "\n\n".join(a.description for a in actions if a.description)
        return Asked("hitl", "approval", _title("", actions), actions, described)
    if is_agui(value):
        actions, message, expires_at = agui_request(value)
        asks = any(action.allow.respond for action in actions)
        kind: Kind = "question" if asks else "approval"
        return Asked("ag_ui", kind, _title(message, actions), actions, message, expires_at)
    action = Action(id="1", name="interrupt", args=value, allow=Allow(respond=True))
    text = value if isinstance(value, str) else ""
    return Asked("generic", "question", _title(text, [action]), [action], text)


def _native_request(value: dict[str, Any]) -> Asked:
    known = {"type", "kind", "title", "actions", "description"}
    return Asked(
        "native",
        value["kind"],
        value["title"],
        [Action.model_validate(action) for action in value["actions"]],
        value.get("description", ""),
        native={key: item for key, item in value.items() if key not in known},
    )


def _title(text: str, actions: Sequence[Action]) -> str:
    line = text.strip().partition("\n")[0].strip("# ")
    if line:
        return line if len(line) <= _TITLE else line[: _TITLE - 1] + "…"
    names = ", ".join(dict.fromkeys(action.name for action in actions))
    return f"An answer is needed: {names}" if names == "interrupt" else f"Approve {names}"


def answer(
    dialect: Dialect,
    envelope: Any,
    actions: Sequence[Action],
    decisions: Sequence[ActionDecision] | None,
    note: str = "",
) -> Any:
    """Return what the waiting graph is given.

    Args:
        dialect: The request's.
        envelope: The value that the graph passed.
        actions: The request's actions.
        decisions: One per action, in their order; None when the request ended without any,
            which every dialect is told as a rejection.
        note: Why there is no decision.
    """
    if decisions is None:
        decisions = [
            ActionDecision(action_id=action.id, type="reject", message=note or None)
            for action in actions
        ]
    pairs = list(zip(actions, decisions, strict=True))
    if dialect == "human_interrupt":
        return human_answer(pairs)
    if dialect == "hitl":
        return hitl_answer(pairs)
    if dialect == "ag_ui":
        return agui_answer(envelope, pairs)
    if dialect == "generic":
        return _generic_answer(decisions[0])
    return {
        "decisions": {d.action_id: d.model_dump(mode="json") | {"args": d.args} for d in decisions}
    }


def _generic_answer(decision: ActionDecision) -> Any:
    return decision.message if decision.args is None else decision.args


def resume(
    dialect: Dialect, envelope: Any, actions: Sequence[Action], body: Any
) -> list[ActionDecision]:
    """Return the decisions that a reply in a request's own dialect stands for.

    Raises:
        Malformed: The reply is not one of that dialect, or has a type it does not know.
    """
    try:
        if dialect == "human_interrupt":
            return human_resume(actions, body)
        if dialect == "hitl":
            return hitl_resume(actions, body)
        if dialect == "ag_ui":
            return agui_resume(envelope, actions, body)
        if dialect == "native":
            return [ActionDecision.model_validate(item) for item in body["decisions"]]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise Malformed(f"This is no {dialect} reply: {str(error)[:200]}") from error
    if isinstance(body, str):
        return [ActionDecision(action_id=actions[0].id, type="respond", message=body)]
    return [ActionDecision(action_id=actions[0].id, type="respond", args=body)]
