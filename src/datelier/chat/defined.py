"""Definitions beside what a model is told about the sources."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from langchain_core.messages import BaseMessage, HumanMessage

from datelier.definitions.grounding import definitions_for
from datelier.kit.context import Context

_LATELY: Final = 3  # the newest question alone may only say "and by month?"
_HEAD: Final = "## Definitions of this organization that the question may be about"


async def with_definitions(
    ctx: Context,
    facts: tuple[str, dict[str, Any]],
    said: Sequence[BaseMessage],
    source_ids: Sequence[UUID],
    schemas: Mapping[UUID, Sequence[str]],
) -> tuple[str, dict[str, Any]]:
    """Add the definitions that a question is about to what is known of its sources.

    Args:
        ctx: Who asks, in a transaction.
        facts: Markdown about the sources, and the same as data.
        said: The branch up to the question, which is last.
        source_ids: The sources attached to the chat.
        schemas: The schemas of a source that may be used, where not all of them may.
    """
    asked = [str(message.content) for message in said if isinstance(message, HumanMessage)]
    found = await definitions_for(ctx, "\n".join(asked[-_LATELY:]), source_ids, schemas)
    if not found.data:
        return facts
    text = "\n\n".join(part for part in (facts[0], _HEAD, found.text) if part)
    return text, facts[1] | {"definitions": found.data}
