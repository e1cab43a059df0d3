"""What differs between two definitions, field by field."""

from collections.abc import Iterator
from typing import Any, cast

from datelier.agents.definition import AgentDefinition
from datelier.agents.schemas import ChangeOut

_BY_KEY = frozenset({"tools", "schemas", "parameters", "limits"})


def changes_between(before: AgentDefinition, after: AgentDefinition) -> list[ChangeOut]:
    """Return the fields that differ, the instructions aside; inside of maps key by key."""
    old, new = dict(_fields(before)), dict(_fields(after))
    found: list[ChangeOut] = []
    for path in dict.fromkeys((*old, *new)):
        was, now = old.get(path), new.get(path)
        if was == now:
            continue
        kind = "added" if was is None else "removed" if now is None else "changed"
        found.append(ChangeOut(path=path, kind=kind, before=was, after=now))
    return found


def _fields(definition: AgentDefinition) -> Iterator[tuple[str, Any]]:
    for name, value in definition.stored().items():
        if name in _BY_KEY:
            for key, inner in cast("dict[str, Any]", value).items():
                yield f"{name}.{key}", inner
        elif name != "instructions":
            yield name, value
