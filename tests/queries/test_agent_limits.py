"""What an agent may see and fetch, held by the tools, the platform and the worker's guard."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from datelier.kit.context import Context
from datelier.kit.tools import ToolResult
from datelier.sources.grounding import grounding
from tests.queries.test_postgres import add
from tests.queries.test_queries import Agent
from tests.support.postgres import ScratchPostgres, scratch_postgres

__all__ = ["scratch_postgres"]


@pytest.fixture(scope="module")
def offices(scratch_postgres: ScratchPostgres) -> ScratchPostgres:
    """A database with two schemas that hold a table of the same name."""
    scratch_postgres.run(
        "drop schema if exists sales cascade",
        "drop schema if exists hr cascade",
        "create schema sales",
        "create schema hr",
        "create table sales.deal as select n as id, 'deal ' || n as name from generate_series(1, 50) n",
        "create table hr.salary as select n as id, n * 1000 as pay from generate_series(1, 5) n",
        "create table if not exists public.secret as select 42 as answer",
        "drop role if exists office_reader",
        "create role office_reader login",
        "grant usage on schema sales, hr to office_reader",
        "grant select on all tables in schema sales, hr, public to office_reader",
    )
    return scratch_postgres


@pytest.fixture
async def source(http: httpx.AsyncClient, offices: ScratchPostgres) -> str:
    return str((await add(http, offices, "office_reader"))["id"])


def agent_of(ctx: Context, source: str, **limits: Any) -> Agent:
    agent = Agent(ctx, source)
    agent.context = replace(agent.context, **limits)
    return agent


def code(result: ToolResult) -> str:
    assert result.is_error, result.text
    return str(result.output["error"]["code"])


async def test_only_the_allowed_schemas_are_described_and_read(ctx: Context, source: str) -> None:
    only = {UUID(source): ["sales"]}
    agent = agent_of(ctx, source, schemas=only)
    told, _ = await grounding(ctx, [UUID(source)], only)
    assert "sales.deal" in told
    assert "salary" not in told
    assert "secret" not in told
    whole, _ = await grounding(ctx, [UUID(source)])
    assert "hr.salary" in whole  # the same catalog, for an agent without that limit
    described = await agent.call("describe_source")
    assert "sales.deal" in described.text
    assert "salary" not in described.text
    assert code(await agent.call("describe_source", table="hr.salary")) == "validation_failed"
    counted = await agent.call("count_rows", table="sales.deal")
    assert counted.output["rows"] == [["50"]]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("execute_sql_query", {"sql": "select * from hr.salary"}),
        ("execute_sql_query", {"sql": "select * from sales.deal d join hr.salary s on true"}),
        ("execute_sql_query", {"sql": "with x as (select * from hr.salary) select * from x"}),
        ("execute_sql_query", {"sql": 'select * from "HR".salary'}),
        ("execute_sql_query", {"sql": "select * from public.secret"}),
        # A bare name is looked for in the allowed schemas only.
        ("execute_sql_query", {"sql": "select * from secret"}),
        ("execute_sql_query", {"sql": "select * from salary"}),
        ("read_source_data", {"table": "hr.salary"}),
        ("sample_source_data", {"table": "hr.salary"}),
        ("count_rows", {"table": "hr.salary"}),
        ("count_rows", {"table": "secret"}),
        ("filter_data", {"table": "hr.salary", "condition": "pay > 0"}),
        (
            "filter_data",
            {"table": "sales.deal", "condition": "id in (select id from hr.salary)"},
        ),
        ("aggregate_data", {"table": "hr.salary", "agg_func": "sum(pay)"}),
        (
            "aggregate_data",
            {"table": "sales.deal", "agg_func": "max((select max(pay) from hr.salary))"},
        ),
    ],
)
async def test_no_tool_reaches_another_schema(
    ctx: Context, source: str, name: str, arguments: dict[str, Any]
) -> None:
    agent = agent_of(ctx, source, schemas={UUID(source): ["sales"]})
    assert code(await agent.call(name, **arguments)) in {"sql_refused", "sql_failed"}
    # The same session of the worker serves an agent that may.
    allowed = await agent_of(ctx, source).call("count_rows", table="hr.salary")
    assert allowed.output["rows"] == [["5"]]


async def test_schemas_that_the_source_lacks_leave_nothing(ctx: Context, source: str) -> None:
    agent = agent_of(ctx, source, schemas={UUID(source): ["gone"]})
    assert code(await agent.call("count_rows", table="deal")) in {"sql_refused", "sql_failed"}


async def test_a_result_has_no_more_rows_than_the_agent_may_fetch(
    ctx: Context, source: str
) -> None:
    agent = agent_of(ctx, source, max_rows=7)
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("execute_sql_query", {"sql": "select * from sales.deal"}),
        ("execute_sql_query", {"sql": "select * from sales.deal", "limit": 40}),
        ("read_source_data", {"table": "sales.deal"}),
        ("sample_source_data", {"table": "sales.deal", "n": 30}),
        ("filter_data", {"table": "sales.deal", "condition": "id > 0"}),
        ("aggregate_data", {"table": "sales.deal", "group_by": ["id"], "agg_func": "count(*)"}),
    )
    for name, arguments in calls:
        result = await agent.call(name, **arguments)
        assert not result.is_error, (name, result.text)
        assert result.output["row_count"] == 7, name
    cut = await agent.call("execute_sql_query", sql="select * from sales.deal")
    assert cut.output["truncated"] is True
