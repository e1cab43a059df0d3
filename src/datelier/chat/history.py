"""What was said before, as messages for a model."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from datelier.chat.branch import branch
from datelier.kit.context import Context
from datelier.kit.db import one_trip
from datelier.sources.relevance import Focus

_LONGEST = 24_000  # characters of one earlier message
_SQL = 600


async def history(ctx: Context, thread_id: UUID, leaf_id: UUID) -> tuple[list[BaseMessage], str]:
    """Read the branch that ends in `leaf_id`; return what :func:`told` makes of it."""
    [rows] = await one_trip(ctx, [branch(ctx, thread_id, leaf_id)])
    return told(rows)


def told(rows: Iterable[tuple[Any, ...]]) -> tuple[list[BaseMessage], str]:
    """Return the messages of a branch, oldest first, and a line per earlier result.

    Tool calls of earlier turns are not repeated: their queries are listed once, without rows.

    Args:
        rows: Role, text and parts of each message.
    """
    messages: list[BaseMessage] = []
    results: list[str] = []
    for role, text, parts in rows:
        said = text[:_LONGEST]
        if role == "user":
            messages.append(HumanMessage(said))
        elif role == "assistant":
            if said:
                messages.append(AIMessage(said))
            results.extend(_results(parts or []))
    return messages, "\n".join(results)


def focus_of(branch: tuple[Sequence[BaseMessage], str]) -> Focus:
    """Return what the last question of a branch is about, from what :func:`told` gave."""
    messages, results = branch
    asked = [str(message.content) for message in reversed(messages) if message.type == "human"]
    if not asked:
        return Focus()
    return Focus(asked[0], tuple(asked[1:3]), tuple(reversed(results.splitlines())))


def _results(parts: list[dict[str, Any]]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        data: dict[str, Any] = part.get("data") or {}
        if part["type"] == "data-query" and data.get("status") == "done":
            fields: list[dict[str, Any]] = data.get("columns") or []
            hidden: list[str] = data.get("withheld") or []
            names = [str(field.get("name")) for field in fields]
            columns = ", ".join("(private)" if name in hidden else name for name in names)
            sql = " ".join(str(data.get("sql", "")).split())[:_SQL]
            lines.append(
                f"- {data.get('handle')} v{data.get('version')}: {data.get('row_count')} rows "
                f"({columns}) from {data.get('source_name')}: {sql}"
            )
        elif part["type"] == "data-chart":
            lines.append(
                f"- {data.get('handle')}: chart “{data.get('title')}” of {data.get('query_handle')}"
            )
    return lines
