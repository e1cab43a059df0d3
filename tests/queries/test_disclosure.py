"""Private sources and columns: people see rows, a model sees shape, counts and covered summaries.

Every value of the private tables is a text or a number that occurs nowhere else; a test fails
when one of them is in anything that a model is given.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from datelier.agents.provision import ensure_builtin
from datelier.artifacts.tools import CREATE_CHART
from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from datelier.kit.tools import ToolContext, ToolResult
from datelier.queries.metadata_tools import METADATA_TOOLS
from datelier.queries.tools import DATA_TOOLS
from datelier.sources.grounding import grounding
from datelier.sources.privacy import Privacy
from datelier.sources.value_index import values_of
from datelier.threads.schemas import ThreadIn
from datelier.threads.service import create_thread
from tests.support.postgres import ScratchPostgres, running_postgres

TOOLS = {tool.name: tool for tool in (*DATA_TOOLS, *METADATA_TOOLS, CREATE_CHART)}
CITIES = ("Zanzibar", "Yokohama", "Xalapa")
# Salaries are primes far apart, so that no count or sum of other things looks like one.
SALARIES = (700001, 700027, 700057, 700067, 700079, 700087, 700099, 700103, 700109, 700127, 700129,
            700133)  # fmt: skip
PEOPLE = [
    (i, f"secret{i}@mail.test", CITIES[i % 3], salary, f"2011-0{1 + i % 9}-17")
    for i, salary in enumerate(SALARIES, 1)
]
CSV = "id,email,city,salary,born\n" + "".join(
    ",".join(map(str, person)) + "\n" for person in PEOPLE
)
PRIVATE = re.compile(r"secret\d|@mail|Zanzibar|Yokohama|Xalapa|7000\d\d|7001\d\d|2011-0")


@pytest.fixture(scope="module")
def database() -> Iterator[ScratchPostgres]:
    with running_postgres() as server:
        server.run(
            "CREATE TABLE people (id int PRIMARY KEY, email text, city text, salary int, born date)",
            *(f"INSERT INTO people VALUES {person}" for person in PEOPLE),
            "CREATE ROLE reader LOGIN",
            "GRANT SELECT ON people TO reader",
        )
        yield server


@pytest.fixture(params=["files", "postgresql"])
async def source(request: pytest.FixtureRequest, http: httpx.AsyncClient) -> str:
    if request.param == "files":
        files = [("files", ("people.csv", CSV.encode()))]
        answer = await http.post("/sources/upload", files=files)
    else:
        database: ScratchPostgres = request.getfixturevalue("database")
        config = {"host": database.host, "port": database.port, "database": "app",
                  "user": "reader", "sslmode": "disable"}  # fmt: skip
        body = {"name": "people", "engine": "postgresql", "config": config}
        answer = await http.post("/sources", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def make_private(http: httpx.AsyncClient, source: str, *columns: str) -> None:
    tables = (await http.get(f"/sources/{source}/catalog")).json()["tables"]
    key = ".".join(filter(None, (tables[0]["schema"], tables[0]["name"])))
    body: dict[str, Any] = {"private": True}
    if columns:
        body = {"private_columns": [{"table": key, "column": name} for name in columns]}
    answer = await http.patch(f"/sources/{source}", json=body)
    assert answer.status_code == 200, answer.text


class Desk:
    """A chat with one source; `use` calls a tool as the model does and keeps what it is told."""

    def __init__(self, ctx: Context, thread_id: UUID, source: str) -> None:
        self.parts: list[dict[str, Any]] = []
        self.told: list[str] = []

        async def emit(part: dict[str, Any]) -> None:
            self.parts.append(part)

        self._at = ToolContext(
            ctx=ctx, run_id=uuid7(), thread_id=thread_id, message_id=uuid7(), tool_call_id="c",
            source_ids=(UUID(source),), emit=emit, agent="Analyst",
        )  # fmt: skip

    async def use(self, name: str, **args: Any) -> ToolResult:
        tool = TOOLS[name]
        result = await tool.run(self._at, tool.input_model.model_validate(args))
        self.told += [result.text, orjson.dumps(result.output).decode()]
        return result

    async def sql(self, statement: str) -> ToolResult:
        return await self.use("execute_sql_query", sql=statement)

    def leaked(self) -> list[str]:
        return [f"{match[0]} in {text}" for text in self.told if (match := PRIVATE.search(text))]


@pytest.fixture
async def desk(ctx: Context, source: str) -> Desk:
    async with ctx.begin() as tx:
        await ensure_builtin(tx)
        thread = await create_thread(tx, ThreadIn(source_ids=[UUID(source)]))
    return Desk(ctx, thread.id, source)


# Every one would show a private value to a model that is handed its rows.
ROWS = (
    "SELECT * FROM people",
    "SELECT email FROM people",
    "SELECT email AS harmless FROM people",
    "SELECT min(email), max(salary) FROM people",
    "SELECT city, count(*) FROM people GROUP BY city",
    "SELECT string_agg(email, ',') FROM people",
    "SELECT array_agg(salary) FROM people",
    "SELECT id, sum(salary) FROM people GROUP BY id",
    "SELECT sum(salary) FROM people WHERE id = 3",
    "SELECT avg(p.salary) FROM people p, people q WHERE p.id = 3",
    "SELECT sum(salary) FROM people GROUP BY city HAVING count(*) > 0",
    "SELECT sum(CASE WHEN id = 3 THEN salary ELSE 0 END) FROM people",
    "SELECT sum(salary) FILTER (WHERE id = 3) FROM people",
    "SELECT sum(salary) FROM (SELECT salary FROM people LIMIT 1) AS one",
    "WITH one AS (SELECT salary FROM people WHERE id = 3) SELECT sum(salary) FROM one",
    "SELECT sum(salary) OVER (PARTITION BY id) FROM people",
    "SELECT (SELECT salary FROM people WHERE id = 3) + count(*) FROM people",
    "SELECT email FROM people UNION ALL SELECT 'x'",
    "SELECT count(*), lower(max(email)) FROM people",
    "SELECT p FROM people AS p",
    "SELECT q.b FROM people AS q(a, b, c, d, e)",
    "SELECT upper(concat(email, city)) FROM people",
    "SELECT sum(salary * (CASE WHEN id = 3 THEN 1 ELSE 0 END)) FROM people",
    "SELECT CAST(email AS INTEGER) FROM people",
    "SELECT count(DISTINCT email), CAST(max(email) AS INTEGER) FROM people",
    "SELECT born FROM people ORDER BY born LIMIT 1",
    "SELECT email AS x, x AS y FROM people",
    "SELECT sum(salary) AS s, s AS t FROM people WHERE id = 3",
    "SELECT generate_series FROM people, generate_series(salary, salary)",
    "SELECT g FROM people AS p, generate_series(p.salary, p.salary) AS g",
    "SELECT * REPLACE (email AS id) FROM people",
    "SELECT * RENAME (email AS e) FROM people",
    "SELECT * FROM people AS a JOIN people AS b USING (id)",
    "SELECT (p).email FROM people AS p",
    "SELECT to_json(p) FROM people AS p",
    "SELECT COLUMNS('em.*') FROM people",
    "FROM people",
    "PIVOT people ON city IN ('Zan', 'Yok') USING max(salary)",
    "UNPIVOT people ON email INTO NAME n VALUE v",
    "SELECT a.email FROM people AS a LEFT JOIN people AS b ON a.id = b.id",
    "SELECT count(*) AS n FROM people GROUP BY email ORDER BY max(email)",
    "SELECT json_object_agg(email, salary) FROM people",
    "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY salary) FROM people",
    "SELECT sum(DISTINCT salary) FROM people WHERE id = 3",
    "SELECT coalesce(sum(salary), 0) + 0 FROM people WHERE id = 3",
    "SELECT max(length(email)) FROM people WHERE 1 / (CASE WHEN email = 'x' THEN 0 ELSE 1 END) = 1",
)


async def test_no_statement_shows_a_model_a_value_of_a_private_source(
    http: httpx.AsyncClient, source: str, desk: Desk
) -> None:
    await make_private(http, source)
    for statement in ROWS:
        await desk.sql(statement)
    assert desk.leaked() == []
    # Not because nothing ran: the person has the rows.
    done = [part["data"] for part in desk.parts if part["data"]["status"] == "done"]
    rows = (await http.get(f"/results/{done[0]['result_id']}/rows")).json()
    assert "secret3@mail.test" in str(rows["data"])
    assert len(done) >= 20


async def test_no_statement_shows_a_model_a_value_of_a_private_column(
    http: httpx.AsyncClient, source: str, desk: Desk
) -> None:
    await make_private(http, source, "email", "salary", "born", "city")
    for statement in ROWS:
        await desk.sql(statement)
    assert desk.leaked() == []


async def test_no_tool_and_no_description_shows_a_private_value(
    http: httpx.AsyncClient, ctx: Context, source: str, desk: Desk
) -> None:
    told_before, _ = await grounding(ctx, [UUID(source)])
    assert PRIVATE.search(told_before)
    await make_private(http, source)
    for name, args in (
        ("read_source_data", {"table": "people"}),
        ("sample_source_data", {"table": "people", "n": 5}),
        ("filter_data", {"table": "people", "condition": "id < 4"}),
        ("aggregate_data", {"table": "people", "group_by": ["city"], "agg_func": "max(salary)"}),
        ("describe_source", {}),
        ("describe_source", {"table": "people"}),
        ("count_rows", {"table": "people"}),
    ):
        result = await desk.use(name, **args)
        assert not result.is_error, result.text
    told, facts = await grounding(ctx, [UUID(source)])
    desk.told += [told, orjson.dumps(facts).decode()]
    assert desk.leaked() == []
    assert "private: you never see its values" in told
    assert "| 12" in desk.told[-4] or "12" in desk.told[-4]


async def test_counts_and_well_covered_summaries_are_shown(
    http: httpx.AsyncClient, source: str, desk: Desk
) -> None:
    await make_private(http, source)
    average = sum(SALARIES) // len(SALARIES)
    result = await desk.sql(
        "SELECT count(*) AS n, round(avg(salary)) AS mean, count(DISTINCT city) AS cities FROM people"
    )
    first = result.output["rows"][0]
    assert (first[0], first[2]) == ("12", "3")
    assert abs(float(first[1]) - average) <= 1
    assert "withheld" not in result.output


async def test_a_group_that_covers_too_little_withholds_its_summary_alone(
    http: httpx.AsyncClient, source: str, desk: Desk
) -> None:
    await make_private(http, source)
    result = await desk.sql("SELECT count(*) AS n, sum(salary) AS s FROM people WHERE id <= 4")
    assert result.output["rows"] == [["4", "(private)"]]
    assert result.output["withheld"] == ["s"]
    assert "at least 5 different values" in result.text
    enough = await desk.sql("SELECT sum(salary) AS s FROM people WHERE id <= 5")
    assert enough.output["rows"] == [[str(sum(SALARIES[:5]))]]


async def test_columns_beside_a_private_one_are_shown(
    http: httpx.AsyncClient, ctx: Context, source: str, desk: Desk
) -> None:
    await make_private(http, source, "email", "salary")
    result = await desk.sql("SELECT id, email, city FROM people ORDER BY id LIMIT 2")
    assert result.output["rows"] == [["1", "(private)", "Yokohama"], ["2", "(private)", "Xalapa"]]
    star = await desk.sql("SELECT * FROM people ORDER BY id LIMIT 1")
    assert star.output["rows"] == [["1", "(private)", "Yokohama", "(private)", "2011-02-17"]]
    free = await desk.sql("SELECT city, max(id) AS last FROM people GROUP BY city ORDER BY city")
    assert free.output["rows"][0] == ["Xalapa", "11"]
    assert "withheld" not in free.output
    told, _ = await grounding(ctx, [UUID(source)])
    assert "secret" not in told
    assert "'Zanzibar'" in told
    assert re.search(r"- email: \w+.*, private", told)


async def test_a_chart_of_private_values_is_drawn_without_telling_them(
    http: httpx.AsyncClient, source: str, desk: Desk
) -> None:
    await make_private(http, source)
    await desk.sql("SELECT city, max(salary) AS top FROM people GROUP BY city")
    spec = {
        "mark": "bar",
        "encoding": {
            "x": {"field": "city", "type": "nominal"},
            "y": {"field": "top", "type": "quantitative"},
        },
    }
    drawn = await desk.use("create_chart", result="Q1.v1", title="Top", spec=spec)
    assert not drawn.is_error, drawn.text
    assert desk.leaked() == []
    chart = next(part for part in desk.parts if part["type"] == "data-chart")
    shown = (await http.get(f"/charts/{chart['data']['chart_id']}")).json()
    assert any("Zanzibar" in str(row) for row in shown["data"])
    wrong = {**spec, "encoding": {"x": {"field": "nothing", "type": "nominal"}}}
    refused = await desk.use("create_chart", result="Q1.v1", title="Bad", spec=wrong)
    assert refused.is_error
    assert desk.leaked() == []


async def test_messages_about_the_statement_pass_and_others_do_not(
    http: httpx.AsyncClient, source: str, desk: Desk
) -> None:
    await make_private(http, source)
    missing = await desk.sql("SELECT nothing FROM people")
    assert missing.is_error
    assert "nothing" in missing.text
    quoting = await desk.sql("SELECT CAST(email AS INTEGER) FROM people")
    assert quoting.is_error
    assert "shown to the person only" in quoting.text
    failed = [part["data"]["error"] for part in desk.parts if part["data"].get("error")]
    assert "secret1@mail.test" in failed[-1]["message"]


async def test_what_is_no_longer_private_is_shown_again(
    http: httpx.AsyncClient, ctx: Context, source: str, desk: Desk
) -> None:
    await make_private(http, source)
    opened = await http.patch(f"/sources/{source}", json={"private": False})
    assert opened.json()["private"] is False
    result = await desk.sql("SELECT email FROM people ORDER BY id LIMIT 1")
    assert result.output["rows"] == [["secret1@mail.test"]]


async def test_a_private_column_must_exist(http: httpx.AsyncClient, source: str) -> None:
    body = {"private_columns": [{"table": "people", "column": "nothing"}]}
    refused = await http.patch(f"/sources/{source}", json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == "private_columns.0"


async def test_the_index_forgets_what_becomes_private_and_a_profile_does_not_bring_it_back(
    http: httpx.AsyncClient, ctx: Context, source: str
) -> None:
    await make_private(http, source, "city")
    async with ctx.begin() as tx:
        kept = await values_of(tx, UUID(source), Privacy("files"))
    assert {column for _, column in kept}.isdisjoint({"city"})
    assert (await http.post(f"/sources/{source}/refresh")).status_code == 200
    async with ctx.begin() as tx:
        kept = await values_of(tx, UUID(source), Privacy("files"))
    assert {column for _, column in kept}.isdisjoint({"city"})
