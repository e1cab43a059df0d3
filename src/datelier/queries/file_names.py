"""Names of downloaded files, and of the columns in formats that need one name per column."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

_BYTES_MAX: Final = 120


def download_name(handle: str, title: str | None, version: int, suffix: str) -> str:
    """Return a file name such as ``q3-revenue-by-month-v1.csv``: letters and digits of any script.

    Nothing else of a title gets in: no quotes, line ends, folders or marks that turn the direction
    of writing.
    """
    text = unicodedata.normalize("NFC", title or "").lower()
    words = re.sub(r"[\W_]+", "-", text).strip("-")
    short = words.encode()[:_BYTES_MAX].decode("utf-8", "ignore").strip("-")
    return f"{handle.lower()}-{short or 'result'}-v{version}.{suffix}"


def disposition(name: str) -> str:
    """Return the Content-Disposition of a file (RFC 6266): an ASCII name, and the real one."""
    stem, dot, suffix = name.rpartition(".")
    plain = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-") or "result"
    header = f'attachment; filename="{plain}{dot}{suffix}"'
    return header if plain == stem else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


def unique_names(names: Sequence[str]) -> list[str]:
    """Return one name per column: a repeated `a` becomes `a_2`, an empty name `column_3`.

    Names that differ only in case count as repeated, because many readers see no case.
    """
    taken = {name.casefold() for name in names if name}
    used: set[str] = set()
    made: list[str] = []
    for position, name in enumerate(names, 1):
        base = name or f"column_{position}"
        chosen, number = base, 1
        while chosen.casefold() in used or (number > 1 and chosen.casefold() in taken):
            number += 1
            chosen = f"{base}_{number}"
        used.add(chosen.casefold())
        made.append(chosen)
    return made
