"""An agent that has looked at a table of sales: what charts and documents are made from."""

import httpx

from datelier.kit.context import Context
from tests.queries.test_queries import Agent


async def asked_of_sales(http: httpx.AsyncClient, ctx: Context, csv: str) -> Agent:
    """Upload `csv` as `sales`, and ask for all of it by month: ``Q1 v1``."""
    answer = await http.post("/sources/upload", files=[("files", ("sales.csv", csv.encode()))])
    agent = Agent(ctx, answer.json()["id"])
    result = await agent.call("execute_sql_query", sql="select * from sales order by month")
    assert not result.is_error, result.text
    return agent
