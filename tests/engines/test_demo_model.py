"""The demo model's statements run on every engine."""

from typing import Any

import pytest
from langchain_core.messages import SystemMessage

from datelier.llms.demo.plan import make_plan
from datelier.llms.demo.question import read_question
from datelier.llms.demo.schema import read_sources
from datelier.sources.sql_names import quote
from datelier.worker.engines.base import Engine
from datelier.worker.guard import check
from tests.engines.subjects import Subject
from tests.worker.conftest import collect

QUESTIONS = (
    "Total by month",
    "Total by week",
    "Total by quarter",
    "Total by year",
    "Total by day",
    "Total by region",
    "Bottom 2 regions by total",
    "Top 3 regions by total and their share",
    "Which columns have missing values?",
    "Are there duplicates in orders?",
    "Compare January and February",
    "Average total by status",
)


@pytest.fixture
async def facts(engine: Engine, subject: Subject) -> list[SystemMessage]:
    """What the chat attaches about the source."""
    tables: list[dict[str, Any]] = [
        {
            "name": quote(table.name, subject.engine),
            "rows": table.rows,
            "columns": [
                {"name": quote(column.name, subject.engine), "type": column.type}
                for column in table.columns
            ],
        }
        for table in await engine.catalog("orders")
    ]
    source = {"id": "1", "name": "shop", "dialect": subject.dialect, "tables": tables}
    return [SystemMessage("", additional_kwargs={"datelier": {"sources": [source]}})]


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_becomes_a_statement_that_runs(
    engine: Engine, facts: list[SystemMessage], question: str
) -> None:
    plan = make_plan(read_question(question), read_sources(facts))
    assert plan is not None
    rendered = check(plan.sql, engine.dialect, await engine.scope())
    rows, _ = await collect(engine, rendered)
    assert rows or "duplicates" in question
