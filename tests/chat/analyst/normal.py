"""Event streams without what differs from run to run, to be stored and reviewed."""

import re
from typing import Any

_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_CALL = re.compile(r"\bcall_[0-9a-f]+(?:_\d+)?\b")
_TIME = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_KNOWN = "0197a000"  # ids that the tests' tools give
_DELTAS = {"text-delta": "delta", "reasoning-delta": "delta", "tool-input-delta": "inputTextDelta"}


def normal(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts with ids and times named by order of appearance, and deltas joined."""
    names: dict[str, str] = {}

    def named(kind: str, found: str) -> str:
        if found.startswith(_KNOWN):
            return found
        count = sum(name.startswith(kind) for name in names.values())
        return names.setdefault(found, f"{kind}-{count + 1}")

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: clean(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]  # JSON
        if isinstance(value, list):
            return [clean(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  # JSON
        if not isinstance(value, str):
            return value
        text = _UUID.sub(lambda match: named("id", match.group()), value)
        text = _CALL.sub(lambda match: named("call", match.group()), text)
        return _TIME.sub("<time>", text)

    return [clean(part) for part in _joined(parts)]


def _joined(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for part in parts:
        key = _DELTAS.get(part["type"])
        same = key is not None and made and made[-1]["type"] == part["type"]
        if same and made[-1].get("id") == part.get("id"):
            made[-1] = {**made[-1], str(key): made[-1][str(key)] + part[str(key)]}
        else:
            made.append(part)
    return made
