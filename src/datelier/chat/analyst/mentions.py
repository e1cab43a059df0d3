"""``@name`` in a question: an agent's table says how such a question is answered."""

import re
from collections.abc import Mapping
from typing import Final

from datelier.agents.definition import Mention

_MENTION: Final = re.compile(r"(?<![\w@.])@([A-Za-z0-9][A-Za-z0-9_-]{0,39})")


def mentioned(question: str, table: Mapping[str, Mention]) -> tuple[str, Mention] | None:
    """Return the first mention of a question that an agent's table knows; others are plain text."""
    if not table or "@" not in question:
        return None
    for match in _MENTION.finditer(question):
        name = match.group(1).lower()
        if name in table:
            return name, table[name]
    return None
