"""Reading what models write as lists and as JSON, whatever they put around it."""

import json
import re
from collections.abc import Iterable
from typing import Any, Final, cast

_ITEM: Final = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s+(.+?)\s*$")
_OBJECT: Final = re.compile(r"\{.*\}", re.DOTALL)
_NUMERAL: Final = re.compile(r"\d+(?:[.,\u00a0\u202f' ]\d+)*")
_LONGEST: Final = 200


def items(text: str, most: int) -> list[str]:
    """Return the items of the numbered or dashed lines of a text, each once."""
    found = [match.group(1) for line in text.splitlines() if (match := _ITEM.match(line))]
    plain = [item.strip().strip('*_"“”„`').strip() for item in found]
    return list(dict.fromkeys(item[:_LONGEST] for item in plain if item))[:most]


def without_items(text: str) -> str:
    """Return a text without such lines."""
    return "\n".join(line for line in text.splitlines() if not _ITEM.match(line)).strip()


def read_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object of a text; None when there is none that can be read."""
    found = _OBJECT.search(text)
    if found is None:
        return None
    try:
        value: Any = json.loads(found.group())
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def without_new_figures(questions: Iterable[str], known: str) -> list[str]:
    """Return the questions that hold no number but those that stand in `known`.

    A question is no place for a figure that nobody can trace.
    """
    there = set(_NUMERAL.findall(known))
    return [q for q in questions if set(_NUMERAL.findall(q)) <= there]


def one_line(value: object, most: int = 500) -> str:
    """Return a value of a model's JSON as one line of readable text."""
    text = " ".join(str(value or "").split())
    return "".join(char for char in text if char.isprintable())[:most]
