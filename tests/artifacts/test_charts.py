"""Charts from real results, through the agent's tool and over HTTP."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from datelier.artifacts.tools import CREATE_CHART
from datelier.kit.context import Context
from datelier.kit.tools import ToolResult
from tests.artifacts.sales import asked_of_sales
from tests.conftest import make_org
from tests.queries.test_queries import Agent
from tests.sources.app import client

SALES = "month,revenue,big\n2025-01-01,10,9007199254740993\n2025-02-01,5,1\n2025-03-01,,2\n"
SPEC: dict[str, Any] = {
    "mark": "bar",
    "encoding": {
        "x": {"field": "month", "type": "temporal"},
        "y": {"field": "revenue", "type": "quantitative"},
    },
}


@pytest.fixture
async def agent(http: httpx.AsyncClient, ctx: Context) -> Agent:
    return await asked_of_sales(http, ctx, SALES)


async def draw(agent: Agent, spec: object = SPEC, **fields: Any) -> ToolResult:
    arguments = {"result": "Q1.v1", "title": "Revenue", "spec": spec} | fields
    data = CREATE_CHART.input_model.model_validate(arguments)
    return await CREATE_CHART.run(agent.context, data)


@pytest.mark.contract("A25", "A27")
async def test_a_chart_is_bound_to_its_result_and_described(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    made = await draw(agent)
    assert not made.is_error, made.text
    assert made.output["type"] == "vega_lite_spec"
    assert made.output["spec"]["data"] == {"ref": "Q1.v1"}
    assert "{{card C1}}" in made.text
    assert agent.parts[-1]["type"] == "data-chart"
    chart = (await http.get(f"/charts/{made.output['chart_id']}")).json()
    assert (chart["handle"], chart["query_handle"], chart["query_version"]) == ("C1", "Q1", 1)
    assert chart["data"][0] == {"month": "2025-01-01", "revenue": 10, "big": "9007199254740993"}
    assert chart["data"][2]["revenue"] is None
    assert chart["description"].endswith("lowest Feb 2025 5, highest Jan 2025 10, last Feb 2025 5")


async def test_a_spec_as_text_is_understood(agent: Agent) -> None:
    assert not (await draw(agent, '{"mark":"point","encoding":{}}')).is_error
    assert "not JSON" in (await draw(agent, "{nope", title="Text")).text


@pytest.mark.contract("A26", "W4")
async def test_a_wrong_spec_can_be_repaired_and_the_third_failure_ends_it(agent: Agent) -> None:
    wrong = {"mark": "bar", "encoding": {"x": {"field": "nope"}}}
    texts = [(await draw(agent, wrong, title="Third")).text for _ in range(3)]
    assert "encoding.x.field" in texts[0]
    assert "2 tries are left" in texts[0]
    assert "1 try is left" in texts[1]
    assert "answer without a chart" in texts[2]
    assert "2 tries are left" in (await draw(agent, wrong, title="Other")).text


@pytest.mark.parametrize("reference", ["Q9.v1", "Q1.v7", "nonsense", str(UUID(int=1))])
async def test_a_result_that_is_not_there_is_said(agent: Agent, reference: str) -> None:
    assert (await draw(agent, result=reference)).is_error


async def test_a_chart_is_edited_as_a_new_version_and_checked_again(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    made = (await draw(agent)).output
    path = f"/charts/{made['chart_id']}"
    edited = await http.patch(path, json={"spec": {**SPEC, "mark": "line"}, "title": "Line"})
    assert (edited.json()["version"], edited.json()["title"]) == (2, "Line")
    assert edited.json()["spec"]["data"] == {"ref": "Q1.v1"}
    refused = await http.patch(path, json={"spec": {**SPEC, "mark": {"type": "bar", "href": "x"}}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == "mark.href"
    assert (await http.get(path)).json()["version"] == 2


async def test_another_organizations_chart_is_not_found(
    agent: Agent, http: httpx.AsyncClient, ctx: Context
) -> None:
    made = (await draw(agent)).output
    stranger = replace(ctx, org_id=await make_org(ctx.resources))
    async with client(stranger) as other:
        assert (await other.get(f"/charts/{made['chart_id']}")).status_code == 404
        assert (await other.patch(f"/charts/{made['chart_id']}", json={})).status_code == 404
