"""AG-UI's Interrupt, read and answered."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from datelier.inbox.schemas import Action, ActionDecision, Allow

Json = dict[str, Any]
Pairs = Sequence[tuple[Action, ActionDecision]]

_ALLOW = {
    "tool_call": Allow(approve=True, edit=True, reject=True),
    "confirmation": Allow(approve=True, reject=True),
    "input_required": Allow(respond=True, reject=True),
}
_OTHERWISE = Allow(approve=True, reject=True, respond=True)


def _items(value: Any) -> list[Json]:
    items: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [cast("Json", item) for item in items if isinstance(item, dict)]


def is_agui(value: Any) -> bool:
    """Whether a value is an AG-UI interrupt, or a list of them."""
    items = _items(value)
    count = len(cast("list[Any]", value)) if isinstance(value, list) else 1
    return (
        bool(items)
        and len(items) == count
        and all(
            isinstance(item.get("id"), str) and isinstance(item.get("reason"), str)
            for item in items
        )
        and len({item["id"] for item in items}) == len(items)
    )


def agui_request(value: Any) -> tuple[list[Action], str, datetime | None]:
    """Return one action per interrupt, what they say, and when the first of them expires."""
    items = _items(value)
    said = [item["message"] for item in items if isinstance(item.get("message"), str)]
    moments = [moment for item in items if (moment := _moment(item.get("expiresAt"))) is not None]
    return [_action(item) for item in items], "\n\n".join(said), min(moments, default=None)


def _action(item: Json) -> Action:
    reason = str(item["reason"])
    call = item.get("toolCallId")
    meta = item.get("metadata")
    details: Json = cast("Json", meta) if isinstance(meta, dict) else {}
    schema = item.get("responseSchema")
    form = cast("Json", schema) if isinstance(schema, dict) else None
    editable = reason == "tool_call"
    args: Any = details.get("args", {}) if editable else {}
    message = item.get("message")
    return Action(
        id=item["id"][:200],
        name=str(details.get("toolName") or reason)[:200],
        args=args,
        args_schema=form if editable else None,
        response_schema=form if reason == "input_required" else None,
        description=message if isinstance(message, str) else None,
        tool_call_id=call if isinstance(call, str) else None,
        allow=_ALLOW.get(reason, _OTHERWISE),
    )


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def agui_answer(envelope: Any, pairs: Pairs) -> Any:
    """Return a resume entry per interrupt; alone if the interrupt came alone."""
    entries = [_entry(action, decision) for action, decision in pairs]
    return entries if isinstance(envelope, list) else entries[0]


def _entry(action: Action, decision: ActionDecision) -> Json:
    if decision.type == "respond":
        payload: Any = decision.message if decision.args is None else decision.args
    elif decision.type == "reject":
        payload = {"approved": False}
        if decision.message:
            payload["message"] = decision.message
    else:
        payload = {"approved": True}
        if decision.type == "edit":
            payload["editedArgs"] = decision.args
    return {"interruptId": action.id, "status": "resolved", "payload": payload}


def agui_resume(envelope: Any, actions: Sequence[Action], body: Any) -> list[ActionDecision]:
    """Return the decisions of AG-UI's resume entries, in any order; all at once.

    Raises:
        ValueError, KeyError, TypeError: They are none.
    """
    del envelope  # the actions hold everything that is needed
    entries = {entry["interruptId"]: entry for entry in _items(body)}
    if entries.keys() != {action.id for action in actions}:
        raise ValueError("all open interrupts are answered at once")
    return [_decision(action, entries[action.id]) for action in actions]


def _decision(action: Action, entry: Json) -> ActionDecision:
    if entry.get("status") == "cancelled":
        return ActionDecision(action_id=action.id, type="reject")
    if entry.get("status") != "resolved":
        raise ValueError(f"unknown status {str(entry.get('status'))[:40]}")
    payload = entry.get("payload")
    if isinstance(payload, dict) and isinstance(cast("Json", payload).get("approved"), bool):
        return _approval(action, cast("Json", payload))
    text = payload if isinstance(payload, str) else None
    return ActionDecision(
        action_id=action.id,
        type="respond",
        message=text,
        args=None if text is not None else payload,
    )


def _approval(action: Action, payload: Json) -> ActionDecision:
    if not payload["approved"]:
        return ActionDecision(action_id=action.id, type="reject", message=payload.get("message"))
    if "editedArgs" in payload:
        return ActionDecision(action_id=action.id, type="edit", args=payload["editedArgs"])
    return ActionDecision(action_id=action.id, type="approve")
