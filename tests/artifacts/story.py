"""An answer about the result of one query, which has another version by now."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx

from datelier.artifacts.documents.tools import DOCUMENT_TOOLS
from datelier.artifacts.tools import CREATE_CHART
from datelier.chat.refresh import refresh_answer
from datelier.kit.context import Context
from datelier.kit.db import add_owned
from datelier.kit.ids import uuid7
from datelier.threads.models import Message
from tests.queries.test_queries import Agent

SALES = "month,revenue_eur\n2025-01-01,1000\n2025-02-01,1250.5\n2025-03-01,4000\n"
FIRST = "select * from sales order by month"
DOUBLED = "select month, revenue_eur * 2 as revenue_eur from sales order by month"
CREATE_DOCUMENT = next(tool for tool in DOCUMENT_TOOLS if tool.name == "create_document")
Part = dict[str, Any]


@dataclass
class Story:
    """An answer about the result of one query, which has another version by now."""

    ctx: Context
    http: httpx.AsyncClient
    agent: Agent
    query: dict[str, Any]

    @property
    def thread_id(self) -> UUID:
        return self.agent.context.thread_id

    async def draw(self, **fields: Any) -> Part:
        """Draw a chart as the agent does; return the part that it puts into the log."""
        given = CREATE_CHART.input_model.model_validate({"result": "Q1.v1", **fields})
        made = await CREATE_CHART.run(self.agent.context, given)
        assert not made.is_error, made.text
        return self.agent.parts[-1]

    async def write(self, kind: str, content: str | None = None, **fields: Any) -> Part:
        """Write a document as the agent does; return the part that it puts into the log."""
        context = replace(self.agent.context, tool_call_id=str(uuid7()))
        given = {"kind": kind, "title": "Revenue", "content": content} | fields
        made = await CREATE_DOCUMENT.run(context, CREATE_DOCUMENT.input_model.model_validate(given))
        assert not made.is_error, made.text
        return self.agent.parts[-1]

    async def document(self, part: Part, version: int | None = None) -> dict[str, Any]:
        at = "" if version is None else f"/versions/{version}"
        return (await self.http.get(f"/documents/{part['id']}{at}")).json()

    async def chart(self, part: Part) -> dict[str, Any]:
        return (await self.http.get(f"/charts/{part['data']['chart_id']}")).json()

    async def rerun(self, sql: str = DOUBLED) -> None:
        names = ("source_id", "query_id")
        body = {"sql": sql, "thread_id": str(self.thread_id), **{n: self.query[n] for n in names}}
        made = (await self.http.post("/queries", json=body)).json()
        assert (made["status"], made["version"]) == ("done", 2), made

    async def updated(self, *parts: Part) -> list[Part]:
        """Store an answer of these parts, and update it; return what it then consists of."""
        message = Message(
            id=uuid7(), thread_id=self.thread_id, parent_id=None, client_id=None, role="assistant",
            parts=list(parts), author_kind="agent", author_id=None, author_name="Analyst",
            run_id=None, details={},
        )  # fmt: skip
        async with self.ctx.begin() as tx:
            await add_owned(tx, message)
        answer = await refresh_answer(self.ctx, self.thread_id, message.id, "en-US")
        return answer.model_dump(mode="json")["parts"]


def of(parts: list[Part], kind: str) -> list[Part]:
    return [part["data"] for part in parts if part["type"] == kind]
