"""What differs between two definitions: field by field, and the instructions line by line."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, cast

from datelier.agents.definition import AgentDefinition
from datelier.agents.schemas import ChangeOut, LineOut

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


def lines_between(before: AgentDefinition, after: AgentDefinition) -> list[LineOut]:
    """Return the lines of both instructions in one order; none when they are the same."""
    if before.instructions == after.instructions:
        return []
    old, new = before.instructions.splitlines(), after.instructions.splitlines()
    lines: list[LineOut] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            lines += [
                LineOut(kind="same", text=old[i], before=i + 1, after=j1 + i - i1 + 1)
                for i in range(i1, i2)
            ]
            continue
        lines += [
            LineOut(kind="removed", text=old[i], before=i + 1, after=None) for i in range(i1, i2)
        ]
        lines += [
            LineOut(kind="added", text=new[j], before=None, after=j + 1) for j in range(j1, j2)
        ]
    return lines
