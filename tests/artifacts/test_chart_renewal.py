"""*Update the answer*: its charts and cards are drawn from the newest results, their figures checked."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from datelier.agents.provision import ensure_builtin
from datelier.artifacts.tools import CREATE_CHART
from datelier.chat.analyst.card import build_card
from datelier.chat.analyst.card_shapes import card_part
from datelier.chat.errors import NothingToUpdate
from datelier.chat.refresh import refresh_answer
from datelier.kit.context import Actor, Context
from datelier.kit.db import add_owned
from datelier.kit.ids import uuid7
from datelier.queries.trace.formula import Reference
from datelier.queries.trace.load import load_table
from datelier.runs.engine import open_engine
from datelier.threads.models import Message
from datelier.threads.schemas import ThreadIn
from datelier.threads.service import create_thread
from tests.chat.conftest import make_member
from tests.queries.test_queries import Agent
from tests.sources.app import client
from tests.sources.real_worker import RealWorker

SALES = "month,revenue_eur\n2025-01-01,1000\n2025-02-01,1250.5\n2025-03-01,4000\n"
FIRST = "select * from sales order by month"
DOUBLED = "select month, revenue_eur * 2 as revenue_eur from sales order by month"
LINE: dict[str, Any] = {
    "mark": "line",
    "encoding": {
        "x": {"field": "month", "type": "temporal"},
        "y": {"field": "revenue_eur", "type": "quantitative"},
    },
}
AVERAGE = {"y": {"datum": "{{= avg(Q1.revenue_eur)}}", "type": "quantitative"}}
TITLE = "Revenue reached {{Q1[2].revenue_eur | eur 0}}, 3 times as much"

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


@pytest.fixture
async def story(ctx: Context, real_worker: RealWorker) -> AsyncGenerator[Story]:
    assert real_worker
    person_id, _ = await make_member(ctx.resources, ctx.org_id, "Ada")
    ctx = replace(ctx, actor=Actor("user", person_id, "Ada"))
    async with open_engine(ctx.resources), client(ctx) as http:
        files = [("files", ("sales.csv", SALES.encode()))]
        source = (await http.post("/sources/upload", files=files)).json()
        agent = Agent(ctx, source["id"])
        async with ctx.begin() as tx:
            await ensure_builtin(tx)
            await create_thread(tx, ThreadIn(id=agent.context.thread_id))
        made = await agent.call("execute_sql_query", sql=FIRST)
        assert not made.is_error, made.text
        yield Story(ctx, http, agent, agent.parts[-1]["data"])


def kinds(chart: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    return {
        entry["path"]: [(cite["shown"], cite["kind"]) for cite in entry["cites"]]
        for entry in chart["figures"]
    }


def versions(chart: dict[str, Any]) -> set[int]:
    cites = [cite for entry in chart["figures"] for cite in entry["cites"]]
    return {cell["version"] for cite in cites for cell in cite["cells"]}


def of(parts: list[Part], kind: str) -> list[Part]:
    return [part["data"] for part in parts if part["type"] == kind]


async def test_a_chart_is_drawn_from_the_newest_result_and_its_words_say_so(story: Story) -> None:
    rule = {"mark": "rule", "encoding": AVERAGE}
    part = await story.draw(title=TITLE, spec={"layer": [LINE, rule]})
    before = await story.chart(part)
    assert kinds(before)[""] == [("€4,000", "exact"), ("3 times", "untraced")]
    await story.rerun()
    parts = await story.updated(part)
    after = await story.chart(part)
    assert after["title"] == "Revenue reached €8,000, 3 times as much"
    assert kinds(after)[""] == [("€8,000", "exact"), ("3 times", "untraced")]
    assert [row["revenue_eur"] for row in after["data"]] == [2000.0, 2501.0, 8000.0]
    datum = after["spec"]["layer"][1]["encoding"]["y"]["datum"]
    assert datum == pytest.approx(12501 / 3)
    assert (after["query_version"], after["version"], versions(after)) == (2, 2, {2})
    assert after["spec"]["data"] == {"ref": "Q1.v2"}
    assert "8,000" in after["description"]
    # The answer holds the chart as it is now, and the version that it is drawn from.
    (shown,) = of(parts, "data-chart")
    assert (shown["title"], shown["query_version"]) == (after["title"], 2)
    assert shown["result_id"] == after["result_id"] != before["result_id"]
    assert [query["version"] for query in of(parts, "data-query")] == [2]


async def test_a_figure_that_was_typed_is_held_against_the_newest_result(story: Story) -> None:
    part = await story.draw(title="Revenue in March 2025 was €4,000")
    assert kinds(await story.chart(part))[""][1] == ("€4,000", "matched")
    await story.rerun()
    await story.updated(part)
    assert kinds(await story.chart(part))[""][1] == ("€4,000", "untraced")


async def test_a_persons_own_words_need_no_receipt_and_keep_those_they_have(story: Story) -> None:
    part = await story.draw(title=TITLE)
    title = {"title": "Nearly 5000 in March"}
    assert (await story.http.patch(f"/charts/{part['data']['chart_id']}", json=title)).is_success
    await story.rerun()
    await story.updated(part)
    after = await story.chart(part)
    assert (after["title"], kinds(after)) == ("Nearly 5000 in March", {})
    assert (after["query_version"], after["version"]) == (2, 3)


async def test_a_chart_that_the_newest_result_cannot_draw_stays_as_it_was(story: Story) -> None:
    part = await story.draw(title=TITLE)
    before = await story.chart(part)
    await story.rerun("select count(*) as n from sales")
    (shown,) = of(await story.updated(part), "data-chart")
    assert shown["query_version"] == 1
    assert await story.chart(part) == before


async def test_a_chart_of_the_newest_result_is_not_drawn_again(story: Story) -> None:
    part = await story.draw(title=TITLE)
    (shown,) = of(await story.updated(part), "data-chart")
    assert shown == part["data"]
    assert (await story.chart(part))["version"] == 1


async def test_a_card_is_built_from_the_newest_result(story: Story) -> None:
    table = await load_table(story.ctx, story.thread_id, Reference(1, None))
    card = build_card(table, "")
    assert card is not None
    await story.rerun()
    (shown,) = of(await story.updated(card_part(card, 1)), "data-card")
    points = [point["value"] for group in shown["groups"] for point in group["points"]]
    assert [(p["raw"], p["ref"]["version"]) for p in points][-1] == ("8000.0", 2)
    assert (shown["query"]["version"], shown["kind"]) == (2, "trend")


async def test_an_answer_of_words_alone_has_nothing_to_update(story: Story) -> None:
    with pytest.raises(NothingToUpdate):
        await story.updated({"type": "text", "text": "Hello!"})
