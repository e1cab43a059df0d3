"""Which definitions a model is told of, and whether a query uses the one it names."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from datelier.definitions.comparing import uses
from datelier.definitions.grounding import definitions_for
from datelier.definitions.relevance import relevant
from datelier.definitions.service import get_definition
from datelier.definitions.since import bring_up_to_date
from datelier.definitions.tools import EXECUTE_SQL, FIND_DEFINITIONS
from datelier.definitions.using import part_of
from datelier.kit.context import Context
from datelier.kit.tools import ToolResult
from datelier.sources.schemas import CatalogTable
from tests.definitions.conftest import REVENUE, Desk
from tests.queries.test_queries import Agent, begin_thread

TABLES = [
    CatalogTable.model_validate(
        {
            "schema": "public",
            "name": name,
            "columns": [{"name": n, "type": "int32"} for n in columns],
        }
    )
    for name, columns in {
        "orders": ("id", "status", "price", "quantity", "customer_id", "region"),
        "customers": ("id", "name"),
    }.items()
]
PAID = "select sum(price * quantity) as revenue from orders where status = 'paid'"
BOUGHT = "select count(distinct customer_id) from orders where price > 0 having count(*) > 5"
NORTH = "select id from orders where region = 'North'"
NAMED = (
    "select c.name, sum(price) from orders o join customers c on c.id = o.customer_id group by 1"
)


@pytest.mark.parametrize(
    ("definition", "statement"),
    [
        (PAID, PAID.upper().replace("'PAID'", "'paid'")),
        (PAID, f"-- as defined\n{PAID} order by 1"),
        (PAID, ("select round(sum(o.quantity * o.price), 2) from public.orders o "
               "where ('paid' = o.status) and o.region = 'North'")),
        (PAID, f"with r as ({PAID} and region <> 'x') select revenue / 2 from r"),
        (PAID, ("select region, sum(price * quantity) / count(*) from orders "
               "where status = 'paid' group by region order by 2 desc limit 5")),
        (PAID, ("select * from (select region, sum(quantity * price) s from orders "
               "where status = 'paid' group by 1) t where s > 10")),
        (BOUGHT, f"{BOUGHT} and sum(price) > 3 limit 1"),
        (NORTH, "select count(*) from orders where region = 'North' and status = 'open'"),
        (NAMED, ("select sum(orders.price) from customers join orders "
                "on orders.customer_id = customers.id")),
    ],
)  # fmt: skip
def test_what_computes_the_same_uses_the_definition(definition: str, statement: str) -> None:
    assert uses(definition, statement, "postgresql", TABLES)


@pytest.mark.parametrize(
    ("definition", "statement"),
    [
        (PAID, "select sum(price * quantity) from orders"),
        (PAID, "select sum(price) from orders where status = 'paid'"),
        (PAID, "select sum(price + quantity) from orders where status = 'paid'"),
        (PAID, "select avg(price * quantity) from orders where status = 'paid'"),
        (PAID, "select sum(price * quantity) from orders where status = 'PAID'"),
        (PAID, "select sum(price * quantity) from orders where status = 'paid' or price > 1"),
        (PAID, "select sum(price * quantity) from orders where not (status = 'paid')"),
        (PAID, "select sum(price * quantity) from archive.orders where status = 'paid'"),
        (PAID, "select sum(price * quantity) over () from orders where status = 'paid'"),
        (PAID, ("select sum(price * quantity) filter (where id > 3) from orders "
               "where status = 'paid'")),
        # A further table could count a row twice.
        (PAID, ("select sum(price * quantity) from orders join customers c on c.id = customer_id "
               "where status = 'paid'")),
        (PAID, ("with orders as (select * from customers) select sum(price * quantity) "
               "from orders where status = 'paid'")),
        (BOUGHT, "select count(distinct customer_id) from orders where price > 0"),
        (BOUGHT, "select count(customer_id) from orders where price > 0 having count(*) > 5"),
        (BOUGHT, BOUGHT.replace("having", "group by region having")),
        (PAID, f"with r as ({PAID}) select 99 as revenue"),
        (PAID, ("select sum(price * quantity) from orders semi join customers c on c.id = customer_id "
               "where status = 'paid'")),
        (PAID, ("select sum(price * quantity) from orders tablesample system (10) "
               "where status = 'paid'")),
        (NORTH, "select count(*) from orders where region = 'South'"),
        (NAMED, "select sum(o.price) from orders o left join customers c on c.id = o.customer_id"),
        (NAMED, "select sum(o.price) from orders o join customers c on c.id = o.id"),
        (f"{PAID} limit 1", ("select sum(price * quantity), region from orders "
                            "where status = 'paid' group by 2")),
        ("select 1", "select 1 + 1"),
        (PAID, "this is no SQL"),
    ],
)  # fmt: skip
def test_what_computes_something_else_does_not(definition: str, statement: str) -> None:
    assert not uses(definition, statement, "postgresql", TABLES)


def test_words_decide_whatever_their_case_ending_or_script() -> None:
    texts = [
        ("revenue", (("Net revenue", 3.0), ("How much did we earn?", 2.0))),
        ("churn", (("Churned customers", 3.0), ("", 2.0))),
        ("umsatz", (("Umsätze", 3.0), ("", 2.0))),
        ("uriage", (("売上高", 3.0), ("", 2.0))),
    ]
    assert relevant("What are the REVENUES per region?", texts) == ["revenue"]
    assert relevant("churning: which customer left?", texts) == ["churn"]
    assert relevant("Wie hoch ist der Umsatz?", texts) == ["umsatz"]
    assert relevant("先月の売上高は?", texts) == ["uriage"]
    assert relevant("What is the weather like?", texts) == []


async def told(ctx: Context, question: str, *sources: str, schemas: Any = None) -> tuple[str, Any]:
    async with ctx.begin() as tx:
        found = await definitions_for(tx, question, list(map(UUID, sources)), schemas or {})
    return found.text, [one["handle"] for one in found.data]


async def test_certified_ones_come_first_and_lapsed_ones_not_at_all(desk: Desk) -> None:
    own = await desk.propose(name="Revenue of mine", note="Try.")
    good = await desk.certified(
        name="Revenue", note="Paid sales only.", pattern="What did we earn?"
    )
    lapsed = await desk.certified(name="Old revenue")
    await desk.http.post(f"/definitions/{lapsed['id']}/lapse", json={"reason": "New rules."})
    await desk.certified(name="Regions", sql="select distinct region from sale")
    text, handles = await told(desk.ctx, "Revenue of this year?", desk.source_id)
    assert handles == [good["handle"], own["handle"]]
    assert f"### {good['handle']} Revenue (certified metric, source shop sales_reader)" in text
    assert f"Note: Paid sales only.\nSQL: {REVENUE}" in text
    # Somebody else's proposal changes nobody's answer; another source's definition neither.
    colleague = await desk.colleague("analyst")
    assert (await told(colleague.ctx, "Revenue?", desk.source_id))[1] == [good["handle"]]
    assert await told(desk.ctx, "Revenue?") == ("", [])
    only = {UUID(desk.source_id): ["other"]}
    assert await told(desk.ctx, "Revenue?", desk.source_id, schemas=only) == ("", [])


async def test_what_is_told_has_a_bound(desk: Desk) -> None:
    for number in range(14):
        await desk.certified(name=f"Revenue {number}", note="Long. " * 100)
    text, handles = await told(desk.ctx, "Revenue?", desk.source_id)
    assert 0 < len(handles) < 12
    assert len(text) < 6_500


async def run_sql(desk: Desk, sql: str, definition: str | None) -> tuple[ToolResult, list[Any]]:
    agent = Agent(desk.ctx, desk.source_id)
    await begin_thread(desk.ctx, agent.context.thread_id)
    arguments = {"sql": sql, "definition": definition}
    result = await EXECUTE_SQL.run(agent.context, EXECUTE_SQL.input_model.model_validate(arguments))
    return result, [part for part in agent.parts if part["type"] == "data-definition"]


async def test_a_query_that_computes_the_definition_it_names_says_so_in_the_log(desk: Desk) -> None:
    made = await desk.certified(name="Revenue")
    result, parts = await run_sql(
        desk, "select region, sum(s.amount) from sale s where s.paid group by 1", "M1"
    )
    data = {
        "definition_id": made["id"],
        "handle": "M1",
        "name": "Revenue",
        "status": "certified",
        "version": 1,
    }
    assert parts == [{"type": "data-definition", "id": made["id"], "data": data}]
    assert result.output["definition"] == data
    used = (await desk.http.get(f"/definitions/{made['id']}/uses")).json()
    assert (used["count"], len(used["data"])) == (1, 1)
    async with desk.ctx.resources.db.system() as session:
        await session.execute(
            text("update thread set owner_id = null where org_id = :org"), {"org": desk.ctx.org_id}
        )
    used = (await desk.http.get(f"/definitions/{made['id']}/uses")).json()
    assert (used["count"], used["data"]) == (1, [])  # of a chat that is not the caller's


async def test_what_older_chats_call_a_definition_is_found_unless_another_has_that_name(
    desk: Desk,
) -> None:
    first = await desk.certified(name="Revenue")
    _, parts = await run_sql(desk, REVENUE, "D1")
    assert [(part["id"], part["data"]["handle"]) for part in parts] == [(first["id"], "M1")]
    named = await desk.certified(name="D1")
    _, parts = await run_sql(desk, REVENUE, "D1")
    assert [part["id"] for part in parts] == [named["id"]]


@pytest.mark.parametrize(
    ("sql", "definition", "said"),
    [
        ("select sum(amount) from sale", "M1", "does not compute M1 as it is defined"),
        (REVENUE, "M9", "There is no definition M9"),
        (REVENUE, None, ""),
    ],
)
async def test_a_claim_that_the_sql_does_not_bear_out_is_no_use(
    desk: Desk, sql: str, definition: str | None, said: str
) -> None:
    made = await desk.certified(name="Revenue")
    result, parts = await run_sql(desk, sql, definition)
    assert (result.is_error, parts) == (False, [])
    assert said in result.text
    assert "definition" not in result.output
    assert (await desk.http.get(f"/definitions/{made['id']}/uses")).json()["count"] == 0


async def test_a_query_on_another_source_or_of_a_colleagues_proposal_is_no_use(desk: Desk) -> None:
    await desk.propose(name="Revenue")
    colleague = await desk.colleague("analyst")
    theirs = replace(desk, ctx=replace(colleague.ctx, resources=desk.ctx.resources))
    result, parts = await run_sql(theirs, REVENUE, "M1")
    assert parts == []
    assert "There is no definition M1" in result.text


async def test_a_definition_whose_sql_fails_in_an_answer_lapses(desk: Desk) -> None:
    made = await desk.certified(name="Revenue")
    wrong, _ = await run_sql(desk, "select sum(turnover) from sale where paid", "M1")
    assert wrong.is_error
    assert (await desk.get(made["id"]))["status"] == "certified"  # the model's own mistake
    desk.database.run("alter table sale rename column amount to value")
    broken, parts = await run_sql(desk, REVENUE, "Revenue")
    assert parts == []
    assert "M1 Revenue does not hold any more" in broken.text
    shown = await desk.get(made["id"])
    assert (shown["status"], shown["lapsed"]["reason"]) == ("lapsed", "failed")


async def test_a_model_can_look_up_what_a_word_means(desk: Desk) -> None:
    await desk.certified(
        kind="term", name="Churn", sql="", source_id=None, note="No order in 90 days."
    )
    agent = Agent(desk.ctx, desk.source_id)
    asked = FIND_DEFINITIONS.input_model.model_validate({"about": "what is churn"})
    found = await FIND_DEFINITIONS.run(agent.context, asked)
    assert "No order in 90 days." in found.text
    assert [one["name"] for one in found.output["definitions"]] == ["Churn"]
    asked = FIND_DEFINITIONS.input_model.model_validate({"about": "weather"})
    assert (await FIND_DEFINITIONS.run(agent.context, asked)).output == {"definitions": []}


async def test_an_answer_says_what_has_become_of_the_version_it_used(desk: Desk) -> None:
    made = await desk.certified(name="Revenue")

    async def now() -> dict[str, Any]:
        parts: list[dict[str, Any]] = [{"type": "text", "text": "x"}, part]
        async with desk.ctx.begin() as tx:
            await bring_up_to_date(tx, [parts, []])
        assert parts[0] == {"type": "text", "text": "x"}
        return parts[1]["data"]

    async with desk.ctx.begin() as tx:
        part = part_of(await get_definition(tx, UUID(made["id"])))
    assert (await now())["status"] == "certified"
    edited = (await desk.edit(made, note="Without tax.")).json()
    # Certified again, it says something else than what the answer used.
    await desk.certify(edited)
    assert (await now())["lapsed"] == "The definition was changed to version 2."
    await desk.http.delete(f"/definitions/{made['id']}")
    assert (await now())["lapsed"] == "The definition was archived."
    assert part["data"]["status"] == "certified"  # the log stays as it was
