"""What was said before, as messages for a model."""

from typing import Any
from uuid import UUID

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from sqlalchemy import text

from datelier.kit.context import Context

WINDOW = 30  # messages
_LONGEST = 24_000  # characters of one earlier message
_SQL = 600

_CHAIN = text(
    """
    with recursive chain as (
        select m.id, m.parent_id, m.role, m.text, m.parts, 1 as depth from message m
        where m.org_id = :org and m.thread_id = :thread and m.id = :leaf
        union all
        select m.id, m.parent_id, m.role, m.text, m.parts, c.depth + 1 from chain c
        join message m on m.org_id = :org and m.id = c.parent_id
        where c.depth < :window
    )
    select role, text, case when role = 'assistant' then parts end as parts
    from chain order by depth desc
    """
)


async def history(ctx: Context, thread_id: UUID, leaf_id: UUID) -> tuple[list[BaseMessage], str]:
    """Return the branch that ends in `leaf_id`, oldest first, and a line per earlier result.

    Tool calls of earlier turns are not repeated: their queries are listed once, without rows.
    """
    values = {"org": ctx.org_id, "thread": thread_id, "leaf": leaf_id, "window": WINDOW}
    rows = (await ctx.session.execute(_CHAIN, values)).all()
    messages: list[BaseMessage] = []
    results: list[str] = []
    for row in rows:
        said = row.text[:_LONGEST]
        if row.role == "user":
            messages.append(HumanMessage(said))
        elif row.role == "assistant":
            if said:
                messages.append(AIMessage(said))
            results.extend(_results(row.parts or []))
    return messages, "\n".join(results)


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
