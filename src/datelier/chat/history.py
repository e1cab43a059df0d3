"""What was said before, as messages for a model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from datelier.chat.branch import branch
from datelier.chat.part_names import FOLLOWUPS_PART, SUMMARY_PART
from datelier.kit.context import Context
from datelier.kit.db import one_trip
from datelier.sources.relevance import Focus

_LONGEST = 24_000  # characters of one earlier message
_SQL = 600


@dataclass(frozen=True, slots=True)
class Told:
    """What was said before.

    Attributes:
        messages: A branch, oldest first; the question is last.
        results: A line per earlier result.
        summary: What an earlier answer noted about all that came before it; empty for nothing.
        since: How many of the messages came after what the summary covers.
    """

    messages: Sequence[BaseMessage]
    results: str = ""
    summary: str = ""
    since: int = 0


async def history(ctx: Context, thread_id: UUID, leaf_id: UUID) -> Told:
    """Read the branch that ends in `leaf_id`; return what :func:`told` makes of it."""
    [rows] = await one_trip(ctx, [branch(ctx, thread_id, leaf_id)])
    return told(rows)


def told(rows: Iterable[tuple[Any, ...]]) -> Told:
    """Return what the messages of a branch say.

    Tool calls of earlier turns are not repeated: their queries are listed once, without rows.

    Args:
        rows: Role, text and parts of each message.
    """
    messages: list[BaseMessage] = []
    results: list[str] = []
    summary, covered = "", 0
    for role, text, parts in rows:
        said = text[:_LONGEST]
        if role == "user":
            messages.append(HumanMessage(said))
        elif role == "assistant":
            noted = _noted(parts or [])
            if SUMMARY_PART in noted:
                # It was made before its question was answered.
                summary, covered = str(noted[SUMMARY_PART].get("text", "")), len(messages) - 1
            if FOLLOWUPS_PART in noted:
                said = _before_followups(parts)[:_LONGEST]
            if said:
                messages.append(AIMessage(said))
            results.extend(_results(parts or []))
    return Told(messages, "\n".join(results), summary, len(messages) - max(0, covered))


def _noted(parts: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        part["type"]: part.get("data") or {}
        for part in parts
        if part["type"] in (SUMMARY_PART, FOLLOWUPS_PART)
    }


def _before_followups(parts: list[dict[str, Any]]) -> str:
    """Return an answer's text without the list of questions that follows its figures."""
    texts: list[str] = []
    for part in parts:
        if part["type"] == FOLLOWUPS_PART:
            break
        if part["type"] == "text" and part.get("text"):
            texts.append(part["text"])
    return "\n\n".join(texts)


def focus_of(branch: Told) -> Focus:
    """Return what the last question of a branch is about, from what :func:`told` gave."""
    said = reversed(branch.messages)
    asked = [str(message.content) for message in said if message.type == "human"]
    if not asked:
        return Focus()
    return Focus(asked[0], tuple(asked[1:3]), tuple(reversed(branch.results.splitlines())))


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
        elif part["type"] == "data-document":
            said = f"{data.get('kind')} document “{data.get('title')}”"
            lines.append(f"- {data.get('handle')}: {said}, version {data.get('version')}")
    return lines
