"""Figures in the words of charts: filled, traced, refused; annotations that stand at cells."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from datelier.artifacts.tools import CREATE_CHART
from datelier.kit.context import Context
from datelier.kit.tools import ToolContext, ToolResult
from tests.artifacts.sales import asked_of_sales
from tests.queries.test_queries import Agent

SALES = "month,revenue_eur\n2025-01-01,1000\n2025-02-01,1250.5\n2025-03-01,4000\n"
LINE: dict[str, Any] = {
    "mark": "line",
    "encoding": {
        "x": {"field": "month", "type": "temporal"},
        "y": {"field": "revenue_eur", "type": "quantitative"},
    },
}


@pytest.fixture
async def agent(http: httpx.AsyncClient, ctx: Context) -> Agent:
    return await asked_of_sales(http, ctx, SALES)


async def draw(context: ToolContext, **fields: Any) -> ToolResult:
    data = CREATE_CHART.input_model.model_validate({"result": "Q1.v1", **fields})
    return await CREATE_CHART.run(context, data)


async def chart_of(http: httpx.AsyncClient, made: ToolResult) -> dict[str, Any]:
    assert not made.is_error, made.text
    return (await http.get(f"/charts/{made.output['chart_id']}")).json()


def cites(chart: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    return {
        entry["path"]: [(cite["shown"], cite["kind"]) for cite in entry["cites"]]
        for entry in chart["figures"]
    }


async def test_a_title_is_filled_and_keeps_its_receipts(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    title = "Revenue reached {{Q1[2].revenue_eur | eur 0}}, {{= Q1[2].revenue_eur / Q1[0].revenue_eur | number 1}} times January's"
    chart = await chart_of(http, await draw(agent.context, title=title))
    assert chart["title"] == "Revenue reached €4,000, 4.0 times January's"
    assert cites(chart) == {"": [("€4,000", "exact"), ("4.0", "derived")]}
    (cell,) = chart["figures"][0]["cites"][0]["cells"]
    assert (cell["query"], cell["version"], cell["row"], cell["column"]) == (
        "Q1",
        1,
        2,
        "revenue_eur",
    )
    # Chosen by its columns, because there was no spec.
    assert (chart["spec"]["mark"]["type"], chart["kinds"][0]) == ("line", "line")


async def test_words_in_the_spec_are_traced_too_and_a_readers_locale_writes_them(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    words = {"text": "Umsatz", "subtitle": ["bis {{Q1[2].revenue_eur | eur 0}}", "netto"]}
    label = {"mark": "text", "encoding": {"text": {"value": "max {{= max(Q1.revenue_eur)}}"}}}
    german = replace(agent.context, locale="de-DE")
    made = await draw(german, spec={"title": words, "layer": [LINE, label]}, title="Umsatz")
    chart = await chart_of(http, made)
    assert chart["spec"]["title"]["subtitle"] == ["bis 4.000\u00a0€", "netto"]
    assert chart["spec"]["layer"][1]["encoding"]["text"]["value"] == "max 4.000"
    assert cites(chart) == {
        "title.subtitle[0]": [("4.000\u00a0€", "exact")],
        "layer[1].encoding.text.value": [("4.000", "derived")],
    }


async def test_an_annotation_stands_at_a_cell_and_never_at_a_typed_number(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    def with_rule(datum: object) -> dict[str, Any]:
        rule = {"mark": "rule", "encoding": {"y": {"datum": datum, "type": "quantitative"}}}
        return {"layer": [LINE, rule]}

    bound = await chart_of(
        http, await draw(agent.context, spec=with_rule("{{= avg(Q1.revenue_eur)}}"))
    )
    datum = bound["spec"]["layer"][1]["encoding"]["y"]["datum"]
    assert datum == pytest.approx(6250.5 / 3)
    (path,) = cites(bound)
    assert path == "layer[1].encoding.y.datum"
    assert not (await draw(agent.context, spec=with_rule(0), title="Zero")).is_error
    typed = await draw(agent.context, spec=with_rule(3000), title="Typed")
    assert typed.is_error
    assert "layer[1].encoding.y.datum: 3000: an annotation stands at a cell" in typed.text
    asked = replace(agent.context, question="Draw revenue with a line at 3000")
    assert not (await draw(asked, spec=with_rule(3000), title="Asked")).is_error


async def test_a_figure_that_no_result_bears_out_is_marked_or_with_block_refused(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    lie = "Revenue grew 37% to 4000 in March"
    marked = await chart_of(http, await draw(agent.context, title=lie))
    assert cites(marked)[""][0] == ("37%", "untraced")
    strict = replace(agent.context, numbers="block")
    refused = await draw(strict, title=lie)
    assert refused.is_error
    assert "title: 37% is in no result" in refused.text
    assert "2 tries are left" in refused.text
    assert not (await draw(strict, title="Revenue by month in 2025", kind="bar")).is_error


@pytest.mark.parametrize(
    "hole", ["{{Q9[0].revenue_eur}}", "{{Q1[9].revenue_eur}}", "{{Q1[0].x}}", "{{Q1[0].rev"]
)
async def test_a_placeholder_that_cannot_be_filled_is_refused_with_its_place(
    agent: Agent, hole: str
) -> None:
    made = await draw(agent.context, title=f"Up to {hole}")
    assert made.is_error
    assert "- title: {{Q" in made.text


async def test_receipts_outlive_an_edit_of_another_part(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    made = await draw(agent.context, title="Up to {{Q1[2].revenue_eur}}", spec=LINE)
    chart = await chart_of(http, made)
    path = f"/charts/{chart['id']}"
    edited = (await http.patch(path, json={"spec": {**LINE, "mark": "bar"}})).json()
    assert cites(edited) == {"": [("4,000", "exact")]}
    renamed = (await http.patch(path, json={"title": "Aim for 9,999"})).json()
    assert (renamed["title"], cites(renamed)) == ("Aim for 9,999", {})


async def test_a_person_draws_a_result_and_switches_its_kind(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    first = await chart_of(http, await draw(agent.context))
    made = await http.post("/charts", json={"result_id": first["result_id"], "kind": "bar"})
    assert made.status_code == 201, made.text
    chart = made.json()
    assert (chart["handle"], chart["title"]) == ("C2", "Revenue (EUR) by month")
    area = (await http.patch(f"/charts/{chart['id']}", json={"kind": "area"})).json()
    assert (area["version"], area["spec"]["mark"]["type"]) == (2, "area")
    wrong = await http.patch(f"/charts/{chart['id']}", json={"kind": "heatmap"})
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "kind")
