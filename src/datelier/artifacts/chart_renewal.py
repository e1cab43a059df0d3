"""A chart's words as they were written, with placeholders, to be filled from newer results."""

import re
from collections.abc import Sequence
from typing import Any, Final

from datelier.artifacts.chart_texts import Slot, with_slots
from datelier.queries.trace.receipts import code_points

_VERSION: Final = re.compile(r"\b([Qq]\d+)\.v\d+(?=[\[.)])")


def newest_version(formula: str) -> str:
    """Return a formula that names no versions, and so means the newest results."""
    return _VERSION.sub(r"\1", formula)


def as_written(title: str, spec: object, figures: Sequence[dict[str, Any]]) -> tuple[str, object]:
    """Return title and spec with placeholders where a result's values stand; the rest stays.

    Args:
        title: As it is drawn.
        spec: As it is drawn.
        figures: The receipts of both, as :func:`datelier.artifacts.chart_figures.told` gave them.
    """
    made, slots = with_slots(spec)
    head: dict[str, Any] = {"title": title}
    entries = {str(entry["path"]): entry for entry in figures}
    for slot in (Slot("", title, head, "title"), *slots):
        entry = entries.get(slot.path)
        if entry is not None:
            slot.put(_with_placeholders(entry["text"], entry["cites"]))
    return str(head["title"]), made


def _with_placeholders(text: str, cites: Sequence[dict[str, Any]]) -> str:
    out, at = "", 0
    for cite in sorted(cites, key=lambda cite: cite["start"]):
        if not cite["formula"]:
            continue
        form = f" | {cite['format']}" if cite["format"] else ""
        out += text[at : code_points(text, cite["start"])]
        out += f"{{{{= {newest_version(cite['formula'])}{form}}}}}"
        at = code_points(text, cite["end"])
    return out + text[at:]
