"""Whether a decision fits what was asked: allow flags, completeness, schemas, types."""

from collections.abc import Sequence
from typing import Any, NoReturn, cast

import jsonschema_rs

from datelier.inbox.errors import DecisionNotAllowed
from datelier.inbox.hashing import args_hash, canonical
from datelier.inbox.schemas import Action, ActionDecision
from datelier.kit.errors import FieldError, Invalid

_MOST_PROBLEMS = 20


def check_decisions(
    actions: Sequence[Action], given: Sequence[ActionDecision]
) -> list[ActionDecision]:
    """Return one decision per action, in the order of the actions.

    An edit that changes nothing becomes an approval.

    Raises:
        Invalid: An action is missing, unknown or named twice, or arguments do not fit.
        DecisionNotAllowed: An action does not offer this kind of decision.
    """
    by_action: dict[str, ActionDecision] = {}
    known = {action.id for action in actions}
    for index, decision in enumerate(given):
        path = f"decisions.{index}.action_id"
        if decision.action_id not in known:
            raise Invalid.field(path, "is no action of this request")
        if decision.action_id in by_action:
            raise Invalid.field(path, "is decided twice")
        by_action[decision.action_id] = decision
    checked: list[ActionDecision] = []
    for action in actions:
        decision = by_action.get(action.id)
        if decision is None:
            raise Invalid.field("decisions", f"{action.name} ({action.id}) is not decided")
        path = f"decisions.{given.index(decision)}"
        checked.append(_checked(action, decision, path))
    return checked


def _checked(action: Action, decision: ActionDecision, path: str) -> ActionDecision:
    if decision.type == "edit":
        decision = _edit(action, decision, path)
    if not getattr(action.allow, decision.type):
        raise DecisionNotAllowed(
            f"{action.name} cannot be answered with {decision.type}.",
            errors=[{"path": f"{path}.type", "message": "is not offered by this request"}],
        )
    if decision.type == "respond":
        _check_response(action, decision, path)
    elif decision.type != "edit" and decision.args is not None:
        raise Invalid.field(f"{path}.args", f"do not belong to {decision.type}")
    return decision


def _edit(action: Action, decision: ActionDecision, path: str) -> ActionDecision:
    edited = args_hash(action.name, decision.args)
    if edited == args_hash(action.name, action.args):
        return decision.model_copy(update={"type": "approve", "args": None})
    if action.args_schema is not None:
        _satisfy(action.args_schema, decision.args, f"{path}.args")
    else:
        problems = list(_changed_types(action.args, decision.args, f"{path}.args"))
        if problems:
            _refuse(problems)
    return decision


def _check_response(action: Action, decision: ActionDecision, path: str) -> None:
    if decision.args is not None:
        canonical(decision.args)
        if action.response_schema is not None:
            _satisfy(action.response_schema, decision.args, f"{path}.args")
    elif action.response_schema is not None:
        raise Invalid.field(f"{path}.args", "is needed: the answer is a form")
    elif not (decision.message or "").strip():
        raise Invalid.field(f"{path}.message", "is needed to respond")


def _never_fetch(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is not part of the schema")


def _satisfy(schema: dict[str, Any], value: Any, path: str) -> None:
    try:
        validator = jsonschema_rs.validator_for(schema, retriever=_never_fetch)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise Invalid.field(path, "cannot be checked: the request's schema is broken") from error
    problems: list[FieldError] = []
    for error in validator.iter_errors(value):
        where = ".".join([path, *map(str, error.instance_path)])
        problems.append({"path": where, "message": error.message[:300]})
        if len(problems) == _MOST_PROBLEMS:
            break
    if problems:
        _refuse(problems)


def _refuse(problems: list[FieldError]) -> NoReturn:
    first = problems[0]
    raise Invalid(f"{first['path']}: {first['message']}", errors=problems)


def _changed_types(before: Any, after: Any, path: str) -> "list[FieldError]":
    """Where there is no schema, an edit keeps every key and every type."""
    if isinstance(before, dict) and isinstance(after, dict):
        old, new = cast("dict[str, Any]", before), cast("dict[str, Any]", after)
        found: list[FieldError] = [
            {"path": f"{path}.{key}", "message": "is missing" if key in old else "is unknown"}
            for key in sorted(old.keys() ^ new.keys())
        ]
        for key in old.keys() & new.keys():
            found += _changed_types(old[key], new[key], f"{path}.{key}")
        return found
    if before is None or _kind(before) == _kind(after):
        return []
    return [{"path": path, "message": f"must stay {_kind(before)}"}]


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    if value is None:
        return "null"
    return "a list" if isinstance(value, list) else "an object"
