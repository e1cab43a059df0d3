"""Filters that match nothing are found before the statement runs, and never passed over."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from datelier.kit.context import Context
from datelier.kit.tools import ToolResult
from datelier.queries.literals import text_filters
from datelier.queries.nearest import nearest
from datelier.sources.schemas import CatalogTable
from tests.queries import test_mariadb, test_postgres
from tests.queries.misspelled import COUNT, mistakes, values
from tests.queries.test_queries import Agent
from tests.support.mariadb import ScratchMariaDB, running_mariadb
from tests.support.postgres import ScratchPostgres, scratch_postgres

__all__ = ["scratch_postgres"]

TRIES = 24
ROWS = ", ".join(f"({n}, '{name}')" for n, name in enumerate(values()))


async def files(http: httpx.AsyncClient) -> str:
    text = "id,name\n" + "".join(f"{n},{name}\n" for n, name in enumerate(values()))
    sent = [("files", ("place.csv", text.encode()))]
    answer = await http.post("/sources/upload", files=sent)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture(scope="module")
def postgres(scratch_postgres: ScratchPostgres) -> ScratchPostgres:
    scratch_postgres.run(
        "drop table if exists place",
        "create table place (id int primary key, name text)",
        f"insert into place values {ROWS}",
        "drop role if exists place_reader",
        "create role place_reader login",
        "grant select on place to place_reader",
    )
    return scratch_postgres


@pytest.fixture(scope="module")
def mariadb() -> Iterator[ScratchMariaDB]:
    with running_mariadb() as server:
        server.run(
            "create database if not exists app character set utf8mb4",
            "create table app.place (id int primary key, name varchar(100)) character set utf8mb4",
            f"insert into app.place values {ROWS}",
            "create user 'reader'@'%' identified by 'reader-Pa55'",
            "grant select on app.* to 'reader'@'%'",
        )
        yield server


def notes(agent: Agent) -> list[str]:
    return [p["data"]["text"] for p in agent.parts if p["type"] == "data-step-note"]


async def asked(agent: Agent, sql: str) -> ToolResult:
    agent.parts.clear()
    result = await agent.call("execute_sql_query", sql=sql)
    assert not result.is_error, result.text
    return result


async def never_silent(ctx: Context, source: str, seed: int) -> None:
    """Each wrong text either matches by the database's own rules, or is named with the right one."""
    agent = Agent(ctx, source)
    found = await asked(agent, f"select count(*) as n from place where name = '{values()[4711]}'")
    assert found.output["rows"] == [["1"]]
    assert notes(agent) == []
    silent: list[tuple[str, str, str]] = []
    for kind, meant, written in mistakes(TRIES, seed):
        result = await asked(agent, f"select count(*) as n from place p where p.name = '{written}'")
        if result.output["rows"] == [["0"]]:
            near = [one for miss in result.output.get("filters", ()) for one in miss["nearest"]]
            if meant not in near or not notes(agent):
                silent.append((kind, meant, written))
            assert "These texts chose nothing" in result.text
        else:
            assert "filters" not in result.output
    assert silent == []
    listed = await asked(agent, "select id from place where name in ('North Berg 00000', 'nort')")
    assert [one["value"] for one in listed.output["filters"]] == ["nort"]
    like = await asked(agent, "select id from place where name like 'Nrth Berg%' limit 3")
    assert any("North Berg" in one for one in like.output["filters"][0]["nearest"])
    assert (
        "filters"
        not in (await asked(agent, "select id from place where name like 'North%' limit 3")).output
    )


async def test_10000_values_of_a_file_are_never_missed_silently(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    await never_silent(ctx, await files(http), 1)


async def test_10000_values_of_postgresql_are_never_missed_silently(
    http: httpx.AsyncClient, ctx: Context, postgres: ScratchPostgres
) -> None:
    source = await test_postgres.add(http, postgres, "place_reader")
    await never_silent(ctx, str(source["id"]), 2)


async def test_10000_values_of_mariadb_are_never_missed_silently(
    http: httpx.AsyncClient, ctx: Context, mariadb: ScratchMariaDB
) -> None:
    body = test_mariadb.body(mariadb, "reader", "reader-Pa55")
    answer = await http.post("/sources", json=body)
    assert answer.status_code == 201, answer.text
    await never_silent(ctx, str(answer.json()["id"]), 3)


ORDERS = (
    "id,region,amount,placed\n1,North,10,2026-01-01\n2,South,5,2026-01-02\n3,North,1,2026-02-01\n"
)


@pytest.fixture
async def orders(http: httpx.AsyncClient) -> str:
    answer = await http.post("/sources/upload", files=[("files", ("orders.csv", ORDERS.encode()))])
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize(
    "sql",
    [
        "select sum(amount) from orders where region = 'north'",
        "select sum(amount) from orders where 'north' = region",
        "select sum(amount) from orders o where not o.region <> 'north'",
        "select sum(amount) from orders where region in ('South', 'north')",
        "select sum(amount) from orders where region = any(['north'])",
        "select sum(amount) from orders where region not in ('north')",
        "select sum(case when region = 'north' then amount end) from orders",
        "select sum(case region when 'north' then amount end) from orders",
        "select sum(amount) filter (where region = 'north') from orders",
        "select region from orders group by region having region = 'north'",
        "with o as (select region as r from orders) select * from o where r = 'north'",
        "with o as (select * from orders), q as (select * from o) select * from q where region = 'north'",
        "select * from (select region from orders) as x where x.region = 'north'",
        "select * from orders a join orders b on a.id = b.id and b.region = 'north'",
        "select * from orders where upper(region) = 'north'",
        "select * from orders where trim(region) like 'north%'",
        "select * from orders where id in (select id from orders where region = 'north')",
        "select * from orders union all select * from orders where region = 'north'",
    ],
)
async def test_a_text_that_no_row_holds_is_found_wherever_it_stands(
    ctx: Context, orders: str, sql: str
) -> None:
    agent = Agent(ctx, orders)
    result = await asked(agent, sql)
    assert [one["value"].rstrip("%") for one in result.output["filters"]] == ["north"]
    assert result.output["filters"][0]["nearest"] == ["North"]
    assert notes(agent)[0].endswith("nearest: “North”")
    assert result.text.startswith("Filter check: No row of orders has region")


@pytest.mark.parametrize(
    "sql",
    [
        "select sum(amount) from orders where region = 'North' and placed = '2030-01-01'",
        "select 'north' as word, count(*) from orders",
        "select * from orders where lower(region) = 'north'",
        "select * from orders where region ilike 'NORTH'",
        "select * from orders where region like '%th'",
        "select region || 'x' from orders where concat(region, '!') = 'north!'",
    ],
)
async def test_what_is_no_mistake_is_not_remarked_on(ctx: Context, orders: str, sql: str) -> None:
    agent = Agent(ctx, orders)
    result = await asked(agent, sql)
    assert "filters" not in result.output
    assert notes(agent) == []


async def test_conditions_of_the_other_tools_are_looked_up_too(ctx: Context, orders: str) -> None:
    agent = Agent(ctx, orders)
    for name in ("count_rows", "filter_data"):
        result = await agent.call(name, table="orders", condition="region = 'Nort'")
        assert result.output["filters"][0]["nearest"] == ["North"]


async def test_values_of_private_columns_are_neither_looked_up_nor_named(
    http: httpx.AsyncClient, ctx: Context, orders: str
) -> None:
    catalog = (await http.get(f"/sources/{orders}/catalog")).json()
    table = catalog["tables"][0]
    key = f"{table['schema']}.{table['name']}" if table["schema"] else table["name"]
    private = {"private_columns": [{"table": key, "column": "region"}]}
    assert (await http.patch(f"/sources/{orders}", json=private)).status_code == 200
    agent = Agent(ctx, orders)
    result = await asked(agent, "select count(*) as n from orders where region = 'north'")
    assert "filters" not in result.output
    assert notes(agent) == []
    assert "private and were not looked up" in result.text
    assert "North" not in result.text
    assert (await http.patch(f"/sources/{orders}", json={"private": True})).status_code == 200
    result = await asked(agent, "select count(*) as n from orders where region = 'north'")
    assert "North" not in result.text


async def test_a_value_that_is_new_since_the_index_was_made_is_no_mistake(
    http: httpx.AsyncClient, ctx: Context, postgres: ScratchPostgres
) -> None:
    postgres.run(
        "drop table if exists place_kind",
        "create table place_kind as select 'town' as kind",
        "grant select on place_kind to place_reader",
    )
    source = await test_postgres.add(http, postgres, "place_reader")
    postgres.run("insert into place_kind values ('village')")
    agent = Agent(ctx, str(source["id"]))
    result = await asked(agent, "select count(*) as n from place_kind where kind = 'village'")
    assert "filters" not in result.output


def test_of_a_name_in_two_schemas_none_is_guessed() -> None:
    columns: Any = [{"name": "kind", "type": "text"}]
    one = CatalogTable(schema="a", name="t", columns=columns)
    two = CatalogTable(schema="b", name="t", columns=columns)
    assert text_filters("select 1 from t where kind = 'x'", "postgres", [one, two]) == []
    [found] = text_filters("select 1 from b.t where kind = 'x'", "postgres", [one, two])
    assert found.table is two
    assert found.condition == "\"kind\" = 'x'"


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("koln", "Köln"),
        ("NEW  YORK", "New York"),
        ("York, New", "New York"),
        ("Muenchen", "München"),
        ("Sao Paolo", "São Paulo"),
        ("credit-card", "credit card"),
        ("U.S.A.", "USA"),
    ],
)
def test_the_nearest_value_comes_first(wanted: str, first: str) -> None:
    known = ["Köln", "New York", "York", "München", "São Paulo", "credit card", "USA", "Newark"]
    assert nearest(wanted, known)[0] == first


def test_nothing_is_near_to_what_is_unlike_all() -> None:
    assert nearest("xyzzy", ["North", "South"]) == []
    assert nearest("  ", ["North"]) == []
    assert len(values()) == COUNT
