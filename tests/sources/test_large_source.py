"""A source of 5,000 tables: what a model is told of it, and how it finds the rest."""

import sys
from time import perf_counter
from typing import Any
from uuid import UUID

import pytest

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number
from datelier.queries.metadata_tools import METADATA_TOOLS
from datelier.sources.grounding import grounding
from datelier.sources.models import Source
from datelier.sources.privacy import Privacy
from datelier.sources.relevance import Focus
from datelier.sources.rendering import BUDGET, Facts, Piece, render
from datelier.sources.selection import fit
from tests.queries.test_queries import Agent
from tests.sources.warehouse import column, table, warehouse


async def large_source(ctx: Context, tables: list[dict[str, Any]]) -> UUID:
    """A source whose catalog has been read."""
    async with ctx.begin() as tx:
        number = await next_number(tx, "source")
        source = Source(name=f"s{number}", number=number, engine="postgresql", config={})
        source.catalog, source.catalog_at = {"tables": tables}, now()
        await add_owned(tx, source)
        return source.id


@pytest.fixture
async def source(ctx: Context) -> UUID:
    return await large_source(ctx, warehouse())


@pytest.fixture(scope="module")
def piece() -> Piece:
    facts = Facts(uuid7(), "Warehouse", "postgresql", Privacy("postgresql"))
    return render(facts, warehouse(), {})


def shown(piece: Piece, question: str, **more: Any) -> list[str]:
    """The tables shown for a question, in their order."""
    text, _ = fit(piece, BUDGET, Focus(question, **more))
    assert len(text) <= BUDGET
    return [line[4:].partition(" (")[0] for line in text.splitlines() if line.startswith("### ")]


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("How hot were the kilns last week?", "plant.kiln"),
        ("average kiln temperature by day", 'plant."KilnTemperature"'),
        ("Warum waren so viele Mitarbeiter krank? absence reasons", "hr.absences"),
        ("convert to euro with the exchange rate", "finance.fx"),
        ("What is our NPS?", "crm.nps"),
        ("Zeig die Größenverteilung", 'sales."Größenverteilung"'),
        ("Zeig die Groessen: großenverteilung", 'sales."Größenverteilung"'),
        ("Show the customer order summary", "archive.customerordersummary"),
        ("unpaid invoices in finance", "finance.invoice"),
    ],
)
def test_the_tables_that_a_question_is_about_are_shown_first(
    piece: Piece, question: str, wanted: str
) -> None:
    assert wanted in (shown(piece, question))[:6]


def test_what_is_left_out_is_said_with_the_way_to_find_it(piece: Piece) -> None:
    text, facts = fit(piece, BUDGET, Focus("kiln temperature"))
    count = text.count("\n### ")
    assert f"5,000 tables, {count} shown; search with search_tables" in text
    assert "Tables by schema: " in text
    assert 5 <= count <= 40
    assert (facts["table_count"], len(facts["tables"])) == (5_000, count)


def test_names_that_mean_several_tables_are_told_apart_and_empty_ones_come_last(
    piece: Piece,
) -> None:
    text, _ = fit(piece, BUDGET, Focus("how many invoices are there?"))
    said = next(line for line in text.splitlines() if "tables are named invoice:" in line)
    assert said.startswith("11 tables are named invoice: ")
    assert "legacy.invoice (0 rows)" in text
    invoices = [
        name for name in shown(piece, "how many invoices are there?") if name.endswith(".invoice")
    ]
    assert len(invoices) == 11
    assert {name.partition(".")[0] for name in invoices[-2:]} == {"legacy", "test_area"}


def test_tables_that_the_thread_has_used_and_their_neighbours_are_shown_again(piece: Piece) -> None:
    question = "and the year before?"
    assert "hr.absences" not in shown(piece, question)
    sql = "- Q1 v1: 3 rows (n) from HR: SELECT count(*) AS n FROM hr.absences AS a"
    assert (shown(piece, question, statements=(sql,)))[0] == "hr.absences"
    assert "hr.employee" in shown(piece, question, statements=(sql,))
    before = ("temperature of the kilns",)
    assert 'plant."KilnTemperature"' in shown(piece, question, before=before)


def test_a_question_that_names_nothing_still_gets_something_to_begin_with(piece: Piece) -> None:
    assert len(shown(piece, "hello!")) >= 5
    text, _ = fit(piece, BUDGET, Focus("hello!"))
    assert "(0 rows)" not in text


async def test_of_a_table_of_10000_columns_those_that_are_asked_for_are_shown(
    ctx: Context, source: UUID, piece: Piece
) -> None:
    text, _ = fit(piece, BUDGET, Focus("wide: feature 7312"))
    assert "### web.wide" in text
    assert "- feature_7312: float8" in text
    assert "further columns: describe_source of the table lists them" in text
    agent = Agent(ctx, str(source))
    whole = await agent.call("describe_source", table="web.wide")
    assert "10,000 columns, 300 shown" in whole.text
    assert len(whole.output["source"]["tables"][0]["columns"]) == 300
    some = await agent.call("describe_source", table="web.wide", columns="feature_999")
    assert "- feature_9991: float8" in some.text
    assert len(some.output["source"]["tables"][0]["columns"]) == 11


async def test_tables_are_searched_listed_and_described_with_a_tool(
    ctx: Context, source: UUID
) -> None:
    assert {tool.partition for tool in METADATA_TOOLS} == {"metadata"}
    agent = Agent(ctx, str(source))
    found = await agent.call("search_tables", query="kiln")
    assert found.output["matches"] == 2
    assert found.output["table_count"] == 5_000
    assert "- plant.kiln (12 rows), Every kiln of the ceramics works: id, site" in found.text
    first = await agent.call("search_tables", schema_name="hr", limit=3)
    again = await agent.call("search_tables", schema_name="hr", limit=3, offset=3)
    names = [entry["name"] for entry in first.output["tables"] + again.output["tables"]]
    assert names == sorted(names)
    assert len(set(names)) == 6
    assert "Go on with offset 3" in first.text
    described = await agent.call("describe_source", table="plant.kiln")
    assert described.text.startswith("### plant.kiln (12 rows)")
    nothing = await agent.call("search_tables", query="zzzzz")
    assert nothing.output["matches"] == 0
    assert "None of 5,000 tables matches" in nothing.text
    whole = await agent.call("describe_source")
    assert len(whole.text) <= BUDGET
    missing = await agent.call("describe_source", table="plant.kilm")
    assert missing.is_error
    assert "plant.kiln" in missing.text


async def test_an_agents_schemas_bound_what_is_shown_and_found(ctx: Context, source: UUID) -> None:
    only = {source: ["hr"]}
    text, _ = await grounding(ctx, [source], only, focus=Focus("kiln absences"))
    assert "hr.absences" in text
    assert "plant." not in text
    assert "5,000" not in text


async def test_one_large_source_leaves_its_share_to_a_small_one(ctx: Context, source: UUID) -> None:
    tiny = await large_source(ctx, [table("public", "one", [column("n", "int")])])
    text, _ = await grounding(ctx, [source, tiny], focus=Focus("invoices"))
    assert "### one\n- n: int" in text
    assert len(text) <= BUDGET
    assert len(text) > BUDGET * 0.6


async def test_what_a_question_costs_does_not_grow_to_what_the_source_holds(
    ctx: Context, source: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    started = perf_counter()
    await grounding(ctx, [source], focus=Focus("invoices"))
    first = perf_counter() - started
    times: list[float] = []
    for number in range(30):
        started = perf_counter()
        await grounding(ctx, [source], focus=Focus(f"unpaid invoices per customer in {number}"))
        times.append(perf_counter() - started)
    with capsys.disabled():
        middle = sorted(times)[len(times) // 2]
        said = f"5,000 tables: {first * 1000:.0f} ms once, {middle * 1000:.1f} ms a question"
        sys.stdout.write(f"\n{said}\n")
