"""agent-inbox' HumanInterrupt and LangChain v1's HITLRequest, read and answered."""

from collections.abc import Sequence
from typing import Any, cast

from datelier.inbox.schemas import Action, ActionDecision, Allow

Json = dict[str, Any]
Pairs = Sequence[tuple[Action, ActionDecision]]

_HUMAN_TYPES = {"accept": "approve", "edit": "edit", "ignore": "reject", "response": "respond"}
_REJECTED = "Rejected: "


def _objects(value: Any) -> list[Json] | None:
    """Return a list of objects, of one for an object alone; None for anything else."""
    items: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    return cast("list[Json]", items)


def is_human(value: Any) -> bool:
    """Whether a value is a HumanInterrupt, or a list of them."""
    items = _objects(value)
    return items is not None and all(
        isinstance(item.get("action_request"), dict)
        and isinstance(item["action_request"].get("action"), str)
        and isinstance(item.get("config"), dict)
        for item in items
    )


def human_request(value: Any) -> list[Action]:
    """Return one action per HumanInterrupt."""
    actions: list[Action] = []
    for number, item in enumerate(_objects(value) or (), 1):
        asked, config = item["action_request"], item["config"]
        allow = Allow(
            approve=config.get("allow_accept") is True,
            edit=config.get("allow_edit") is True,
            reject=config.get("allow_ignore") is True,
            respond=config.get("allow_respond") is True,
        )
        described = item.get("description")
        actions.append(
            Action(
                id=str(number),
                name=asked["action"][:200],
                args=asked.get("args"),
                description=described if isinstance(described, str) else None,
                allow=allow,
            )
        )
    return actions


def human_answer(pairs: Pairs) -> list[Json]:
    """Return one HumanResponse per action, in a list as agent-inbox sends it."""
    return [_human_response(action, decision) for action, decision in pairs]


def _human_response(action: Action, decision: ActionDecision) -> Json:
    if decision.type == "approve":
        return {"type": "accept", "args": {"action": action.name, "args": action.args}}
    if decision.type == "edit":
        return {"type": "edit", "args": {"action": action.name, "args": decision.args}}
    if decision.type == "respond":
        said = decision.message if decision.args is None else decision.args
        return {"type": "response", "args": said}
    if decision.message and action.allow.respond:
        return {"type": "response", "args": f"{_REJECTED}{decision.message}"}
    return {"type": "ignore", "args": None}


def human_resume(actions: Sequence[Action], body: Any) -> list[ActionDecision]:
    """Return the decisions that HumanResponses stand for.

    Raises:
        ValueError, KeyError, TypeError: It is none.
    """
    items: list[Any] = cast("list[Any]", body) if isinstance(body, list) else [body]
    return [_human_decision(action, reply) for action, reply in zip(actions, items, strict=True)]


def _human_decision(action: Action, reply: Any) -> ActionDecision:
    kind, args = reply["type"], reply.get("args")
    if kind not in _HUMAN_TYPES:
        raise ValueError(f"unknown type {str(kind)[:40]}")
    if kind == "edit":
        if args["action"] != action.name:
            raise ValueError("an edit cannot change the action")
        return ActionDecision(action_id=action.id, type="edit", args=args["args"])
    if kind == "response":
        if isinstance(args, str) and args.startswith(_REJECTED):
            said = args.removeprefix(_REJECTED)
            return ActionDecision(action_id=action.id, type="reject", message=said)
        text = args if isinstance(args, str) else None
        return ActionDecision(
            action_id=action.id,
            type="respond",
            message=text,
            args=None if text is not None else args,
        )
    return ActionDecision(action_id=action.id, type="approve" if kind == "accept" else "reject")


def is_hitl(value: Any) -> bool:
    """Whether a value is a HITLRequest."""
    if not isinstance(value, dict):
        return False
    asked, configs = _parts(cast("Json", value))
    return (
        bool(asked)
        and all(isinstance(item.get("name"), str) for item in asked)
        and all(isinstance(item.get("action_name"), str) for item in configs)
        and {item["name"] for item in asked} <= {item["action_name"] for item in configs}
    )


def _parts(value: Json) -> tuple[list[Json], list[Json]]:
    asked, configs = value.get("action_requests"), value.get("review_configs")
    found = [_objects(part) if isinstance(part, list) else None for part in (asked, configs)]
    return found[0] or [], found[1] or []


def hitl_request(value: Json) -> list[Action]:
    """Return every action, each with the review config of its name."""
    asked, configs = _parts(value)
    rules = {config["action_name"]: config for config in configs}
    actions: list[Action] = []
    for number, item in enumerate(asked, 1):
        config = rules[item["name"]]
        allowed: list[Any] = config.get("allowed_decisions") or []
        schema = config.get("args_schema")
        described = item.get("description")
        actions.append(
            Action(
                id=str(number),
                name=item["name"][:200],
                args=item["args"] if "args" in item else item.get("arguments"),
                args_schema=cast("Json", schema) if isinstance(schema, dict) else None,
                description=described if isinstance(described, str) else None,
                allow=Allow(
                    approve="approve" in allowed,
                    edit="edit" in allowed,
                    reject="reject" in allowed,
                ),
            )
        )
    return actions


def hitl_answer(pairs: Pairs) -> Json:
    """Return the HITLResponse: one decision per action, in their order."""
    return {"decisions": [_hitl_decision(action, decision) for action, decision in pairs]}


def _hitl_decision(action: Action, decision: ActionDecision) -> Json:
    if decision.type == "edit":
        edited = {"name": action.name, "args": decision.args}
        return {"type": "edit", "edited_action": edited}
    if decision.type == "approve":
        return {"type": "approve"}
    said = {"message": decision.message} if decision.message else {}
    return {"type": "reject", **said}


def hitl_resume(actions: Sequence[Action], body: Any) -> list[ActionDecision]:
    """Return the decisions of a HITLResponse.

    Raises:
        ValueError, KeyError, TypeError: It is none.
    """
    found: list[ActionDecision] = []
    for action, item in zip(actions, body["decisions"], strict=True):
        kind = item["type"]
        if kind == "edit":
            edited = item["edited_action"]
            if edited["name"] != action.name:
                raise ValueError("an edit cannot change the action")
            found.append(ActionDecision(action_id=action.id, type="edit", args=edited["args"]))
        elif kind in ("approve", "reject"):
            message = item.get("message") if kind == "reject" else None
            found.append(ActionDecision(action_id=action.id, type=kind, message=message))
        else:
            raise ValueError(f"unknown type {str(kind)[:40]}")
    return found
