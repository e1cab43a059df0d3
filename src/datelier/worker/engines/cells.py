"""Cells that extra engines deliver as text or as Python's objects, made exact for Arrow."""

from collections.abc import Callable
from typing import Any

import orjson

from datelier.worker.engines.base import Outcome

Read = Callable[[Any], object]


def json_text(cell: Any) -> str:
    """A nested value as JSON; a text is one already."""
    if isinstance(cell, str):
        return cell
    return orjson.dumps(cell, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def moments(name: str, outcome: Outcome) -> Read:
    """Times and timestamps of up to nanoseconds, to the microsecond; a note says what was cut."""
    said = False

    def read(cell: Any) -> str:
        nonlocal said
        head, dot, fraction = str(cell).partition(".")
        digits = len(fraction) - len(fraction.lstrip("0123456789"))
        if not dot or digits <= 6:
            return str(cell)
        if fraction[6:digits].strip("0") and not said:
            said = True
            outcome.notes.append(f"Nanoseconds of {name!r} are not shown.")
        return f"{head}.{fraction[:6]}{fraction[digits:]}"

    return read


def without(secrets: tuple[str | None, ...], text: str) -> str:
    """A driver's message without the secrets that it might repeat."""
    for secret in secrets:
        if secret and len(secret) > 3:
            text = text.replace(secret, "***")
    return text
