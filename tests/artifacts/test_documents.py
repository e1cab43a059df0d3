"""Documents: written by agents and people, as versions, with the receipts of their figures."""

import asyncio
import io
import zipfile
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import event

from datelier.agents.definition import AgentDefinition
from datelier.agents.policy import policy_of
from datelier.artifacts.documents.figures import LONGEST
from datelier.artifacts.documents.routes import router
from datelier.artifacts.documents.tools import DOCUMENT_TOOLS
from datelier.kit.context import Context
from datelier.kit.tools import ToolContext, ToolResult
from tests.artifacts.sales import asked_of_sales
from tests.conftest import make_org
from tests.queries.test_queries import Agent
from tests.sources.app import client
from tests.sources.real_worker import RealWorker

SALES = "month,revenue_eur\n2025-01-01,1000\n2025-02-01,1250.5\n2025-03-01,4000\n"
TOOLS = {tool.name: tool for tool in DOCUMENT_TOOLS}
MEMO = (
    "# Revenue\n\nMarch reached {{Q1[2].revenue_eur | eur 0}}, "
    "{{= Q1[2].revenue_eur / Q1[0].revenue_eur | number 1}} times January's.\n\nNext year: 9,999.\n"
)
FILLED = "# Revenue\n\nMarch reached €4,000, 4.0 times January's.\n\nNext year: 9,999.\n"


@pytest.fixture
async def http(ctx: Context, real_worker: RealWorker) -> AsyncGenerator[httpx.AsyncClient]:
    assert real_worker
    async with client(ctx, router) as caller:
        yield caller


@pytest.fixture
async def agent(http: httpx.AsyncClient, ctx: Context) -> Agent:
    return await asked_of_sales(http, ctx, SALES)


async def call(context: ToolContext, name: str, **arguments: Any) -> ToolResult:
    # Every call of a run has an id of its own.
    context = replace(context, tool_call_id=str(uuid4()))
    tool = TOOLS[name]
    return await tool.run(context, tool.input_model.model_validate(arguments))


async def write(context: ToolContext, content: str = MEMO, **more: Any) -> str:
    given = {"kind": "text", "title": "Revenue", "content": content} | more
    made = await call(context, "create_document", **given)
    assert not made.is_error, made.text
    return str(made.output["document_id"])


async def get(http: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await http.get(f"/documents/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def put(http: httpx.AsyncClient, key: str, version: int, **edit: Any) -> httpx.Response:
    return await http.put(f"/documents/{key}", json=edit, headers={"If-Match": f'"{version}"'})


def cites(shown: dict[str, Any]) -> list[tuple[str, str]]:
    return [(cite["shown"], cite["kind"]) for cite in shown["figures"]]


def pointed(shown: dict[str, Any]) -> list[str]:
    """What the receipts' offsets point at, in a text without signs beyond the first plane."""
    return [shown["content"][cite["start"] : cite["end"]] for cite in shown["figures"]]


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.contract("D43")
async def test_an_agent_has_the_tools_only_where_its_definition_names_them() -> None:
    for name, tool in TOOLS.items():
        assert tool.partition == "documents"
        assert policy_of(AgentDefinition(), tool) == "never"
        assert policy_of(AgentDefinition(tools={name: "auto"}), tool) == "auto"
        assert policy_of(AgentDefinition(tools={name: "ask"}), tool) == "ask"


@pytest.mark.contract("D43")
async def test_figures_of_a_text_are_filled_and_keep_their_receipts(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    made = await call(agent.context, "create_document", kind="text", title="Revenue", content=MEMO)
    assert "2 of 3 figures have a receipt; without one: 9,999." in made.text
    part = agent.parts[-1]
    assert (part["type"], part["id"]) == ("data-document", made.output["document_id"])
    head = {"handle": "D1", "title": "Revenue", "kind": "text", "version": 1}
    assert part["data"] == {"document_id": part["id"], **head}
    shown = await get(http, part["id"])
    assert shown["content"] == FILLED
    assert cites(shown) == [("€4,000", "exact"), ("4.0", "derived"), ("9,999", "untraced")]
    assert pointed(shown) == ["€4,000", "4.0", "9,999"]
    (cell,) = shown["figures"][0]["cells"]
    assert (cell["query"], cell["version"], cell["row"]) == ("Q1", 1, 2)
    assert shown["author"] == {"kind": "agent", "name": "Analyst"}


async def test_lines_that_stay_keep_their_receipts_and_what_a_person_types_needs_none(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    key = await write(agent.context)
    typed = FILLED.replace("# Revenue", "# Revenue 🚀 of 123 shops").replace("9,999", "8,888")
    answer = await put(http, key, 1, content=typed)
    assert answer.headers["etag"] == '"2"'
    shown = answer.json()
    assert shown["author"]["kind"] == "user"
    assert cites(shown) == [("€4,000", "exact"), ("4.0", "derived")]
    said = shown["content"].encode("utf-16-le")
    first = shown["figures"][0]
    assert said[first["start"] * 2 : first["end"] * 2].decode("utf-16-le") == "€4,000"
    # An agent's edit of one passage leaves the receipts of the others alone.
    edits = [{"find": "Next year: 8,888.", "replace": "In total {{= sum(Q1.revenue_eur)}}."}]
    made = await call(agent.context, "update_document", document="D1", version=2, edits=edits)
    assert not made.is_error, made.text
    shown = await get(http, key)
    assert shown["content"].endswith("In total 6,250.5.\n")
    assert cites(shown) == [("€4,000", "exact"), ("4.0", "derived"), ("6,250.5", "derived")]


async def test_a_figure_without_a_receipt_is_refused_where_the_agent_blocks_them(
    agent: Agent,
) -> None:
    strict = replace(agent.context, numbers="block")
    refused = await call(strict, "create_document", kind="text", title="x", content=MEMO)
    assert refused.is_error
    assert "9,999 is in no result" in refused.text
    unfilled = await call(
        agent.context, "create_document", kind="text", title="x", content="{{Q1[7].revenue_eur}}"
    )
    assert unfilled.is_error
    assert "there is no row 7" in unfilled.text
    assert not [part for part in agent.parts if part["type"] == "data-document"]


async def test_the_same_call_made_again_writes_nothing_twice(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    tool = TOOLS["create_document"]
    data = tool.input_model.model_validate({"kind": "text", "title": "x", "content": "y"})
    first, again = [await tool.run(agent.context, data) for _ in range(2)]
    assert first.output == again.output
    assert len((await http.get("/documents")).json()["data"]) == 1


async def test_a_sheet_is_filled_cell_by_cell_and_leaves_without_formulas(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    content = (
        "month,revenue,note\n"
        "March,{{Q1[month='2025-03-01'].revenue_eur | number 2}},=HYPERLINK(1)\n"
        'May,77,"a, b"\n'
    )
    key = await write(agent.context, content, kind="sheet", title="Plan")
    shown = await get(http, key)
    assert shown["rows"]["columns"][0] == {"name": "month", "type": "string"}
    assert shown["rows"]["data"][1] == ["4,000.00", "77"]
    found = {tuple(cite["cell"]): (cite["shown"], cite["kind"]) for cite in shown["figures"]}
    assert found[(0, 1)] == ("4,000.00", "exact")
    assert found[(1, 1)] == ("77", "untraced")
    path = f"/documents/{key}/download"
    answer = await http.get(path)
    assert answer.text.splitlines()[1] == 'March,"4,000.00",\'=HYPERLINK(1)'
    assert 'filename="d1-plan-v1.csv"' in answer.headers["content-disposition"]
    assert ",=HYPERLINK(1)" in (await http.get(f"{path}?protect=false")).text
    book = zipfile.ZipFile(io.BytesIO((await http.get(f"{path}?format=xlsx")).content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "HYPERLINK(1)" in sheet
    assert problem(await http.get(f"{path}?format=md")) == (422, "document_kind")


async def test_a_sheet_can_show_a_stored_result(agent: Agent, http: httpx.AsyncClient) -> None:
    key = await write(agent.context, "", kind="sheet", title="Months", result="Q1.v1")
    shown = await get(http, key)
    assert (shown["result"]["reference"], shown["result"]["row_count"]) == ("Q1.v1", 3)
    assert shown["rows"] is None
    assert (await http.get(f"/documents/{key}/download")).text.count("\r\n") == 4
    assert problem(await put(http, key, 1, content="a\n1\n")) == (422, "document_kind")
    assert (await put(http, key, 1, title="By month")).json()["result"] == shown["result"]


async def test_versions_are_compared_and_restored(agent: Agent, http: httpx.AsyncClient) -> None:
    key = await write(agent.context)
    await put(http, key, 1, title="Revenue 2025", content="Nothing to say.\n")
    diff = await get(http, f"{key}/diff?from=1&to=2")
    assert diff["title"] == ["Revenue", "Revenue 2025"]
    lines = [(line["kind"], line["text"]) for line in diff["lines"]]
    assert ("removed", "# Revenue") in lines
    assert ("added", "Nothing to say.") in lines
    restored = (await http.post(f"/documents/{key}/restore", json={"version": 1})).json()
    assert (restored["version"], restored["restored_from"]) == (3, 1)
    assert (restored["content"], len(restored["figures"])) == (FILLED, 3)
    versions = (await get(http, f"{key}/versions"))["data"]
    assert [(one["version"], one["author"]["kind"]) for one in versions] == [
        (3, "user"),
        (2, "user"),
        (1, "agent"),
    ]
    assert (await get(http, f"{key}/versions/2"))["content"] == "Nothing to say.\n"
    assert (await http.get(f"/documents/{key}/versions/9")).status_code == 404
    same = (await http.post(f"/documents/{key}/restore", json={"version": 1})).json()
    assert same["version"] == 3, "what changes nothing makes no version"


async def test_an_edit_from_an_older_version_is_refused_and_says_what_to_do(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    key = await write(agent.context)
    both = await asyncio.gather(put(http, key, 1, content="a"), put(http, key, 1, content="b"))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    late = next(answer for answer in both if answer.status_code == 409)
    assert problem(late) == (409, "document_changed")
    assert "at version 2" in late.json()["detail"]
    assert late.json()["hint"]
    stale = await call(agent.context, "update_document", document="D1", version=1, content="c")
    assert stale.is_error
    assert stale.output["error"]["code"] == "document_changed"
    read = await call(agent.context, "read_document", document="D1")
    assert "version 2" in read.text
    bare = await http.put(f"/documents/{key}", json={"content": "d"})
    assert problem(bare) == (428, "document_version_needed")


async def test_an_archived_document_can_be_read_and_brought_back(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    key = await write(agent.context)
    assert (await http.delete(f"/documents/{key}")).status_code == 204
    assert (await http.get("/documents")).json()["data"] == []
    assert [one["id"] for one in (await http.get("/documents?archived=true")).json()["data"]] == [
        key
    ]
    assert (await get(http, key))["archived_at"] is not None
    assert problem(await put(http, key, 1, content="x")) == (409, "document_archived")
    answer = await http.patch(f"/documents/{key}", json={"archived": False})
    assert answer.json()["archived_at"] is None
    assert (await put(http, key, 1, content="x")).status_code == 200


async def test_code_is_kept_to_the_letter_and_downloaded_by_its_language(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    code = "print('{{Q1[0].revenue_eur}}', 42)\n"
    key = await write(agent.context, code, kind="code", language="python", title="Print")
    shown = await get(http, key)
    assert (shown["content"], shown["figures"]) == (code, [])
    answer = await http.get(f"/documents/{key}/download")
    assert answer.text == code
    assert 'filename="d1-print-v1.py"' in answer.headers["content-disposition"]
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_text_is_downloaded_with_footnotes_or_plain(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    key = await write(agent.context)
    text = (await http.get(f"/documents/{key}/download")).text
    assert "March reached €4,000[^1], 4.0[^2] times January's." in text
    assert "[^1]: €4,000 (exact) · Q1 v1, month=2025-03-01, revenue_eur = 4000" in text
    assert "[^3]: 9,999 (untraced)" in text
    assert (await http.get(f"/documents/{key}/download?format=txt")).text == FILLED


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "text", "content": ""}, "validation_failed"),
        ({"kind": "text", "content": "x\0y"}, "validation_failed"),
        ({"kind": "text", "content": "x", "language": "sql"}, "document_kind"),
        ({"kind": "text", "content": "x" * (LONGEST + 1)}, "document_too_large"),
        ({"kind": "sheet", "content": "a,b\n1\n"}, "document_content"),
        ({"kind": "sheet", "content": 'a\n"1\n'}, "document_content"),
        ({"kind": "sheet", "content": "a\n" + "1\n" * 5_001}, "document_too_large"),
        ({"kind": "sheet", "content": "a\n1\n", "result": "Q1.v1"}, "validation_failed"),
        ({"kind": "sheet", "result": "Q9.v1"}, "not_found"),
        ({"kind": "sheet", "result": "nonsense"}, "validation_failed"),
        ({"kind": "code", "result": "Q1.v1"}, "document_kind"),
    ],
)
async def test_what_cannot_be_kept_is_refused_by_name(
    agent: Agent, given: dict[str, Any], code: str
) -> None:
    refused = await call(agent.context, "create_document", title="x", **given)
    assert refused.is_error
    assert refused.output["error"]["code"] == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"document": "D9", "content": "y"}, "not_found"),
        ({"document": str(UUID(int=1)), "content": "y"}, "not_found"),
        ({"document": "the memo", "content": "y"}, "validation_failed"),
        ({"document": "D1"}, "validation_failed"),
        ({"document": "D1", "content": "y", "result": "Q1.v1"}, "validation_failed"),
        ({"document": "D1", "edits": [{"find": "nope", "replace": ""}]}, "document_content"),
        ({"document": "D1", "edits": [{"find": "e", "replace": ""}]}, "document_content"),
        ({"document": "D1", "result": "Q1.v1"}, "document_kind"),
    ],
)
async def test_a_change_that_fits_nothing_is_refused_by_name(
    agent: Agent, given: dict[str, Any], code: str
) -> None:
    await write(agent.context)
    refused = await call(agent.context, "update_document", version=1, **given)
    assert refused.is_error
    assert refused.output["error"]["code"] == code


@pytest.mark.parametrize("version", ["0", "-1", "1" + "0" * 20, "x"])
async def test_a_version_is_a_number_that_one_can_have(
    agent: Agent, http: httpx.AsyncClient, version: str
) -> None:
    key = await write(agent.context)
    refused = await http.get(f"/documents/{key}/versions/{version}")
    assert refused.status_code == 422
    assert (await get(http, f"{key}/versions/1"))["version"] == 1


async def test_lists_leave_what_documents_say_where_it_is(
    agent: Agent, http: httpx.AsyncClient, ctx: Context
) -> None:
    key = await write(agent.context)
    asked: list[str] = []

    def heard(_on: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    engine = ctx.resources.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        [listed] = (await http.get("/documents")).json()["data"]
        [version] = (await get(http, f"{key}/versions"))["data"]
    finally:
        event.remove(engine, "before_cursor_execute", heard)
    assert (listed["title"], version["numbers"]["traced"]) == ("Revenue", 2)
    said = [statement for statement in asked if "document_version" in statement]
    assert len(said) == 2
    assert not any("content" in statement or "figures" in statement for statement in said)


async def test_what_placeholders_bring_in_is_held_to_the_same_size(agent: Agent) -> None:
    long = await agent.call("execute_sql_query", sql="select repeat('x', 60000) as note")
    assert not long.is_error, long.text
    for kind, content in (
        ("text", "{{Q2[0].note}}\n{{Q2[0].note}}"),
        ("sheet", "a\n{{Q2[0].note}}"),
    ):
        refused = await call(
            agent.context, "create_document", kind=kind, title="x", content=content
        )
        assert refused.output["error"]["code"] == "document_too_large", kind


async def test_a_value_with_a_sign_that_no_text_has_is_kept_without_it(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    odd = await agent.call("execute_sql_query", sql="select 'a' || chr(0) || 'b' as note")
    assert not odd.is_error, odd.text
    key = await write(agent.context, "It says {{Q2[0].note}}.")
    assert (await get(http, key))["content"] == "It says a\ufffdb."


async def test_marks_like_our_own_are_cells_like_others(http: httpx.AsyncClient) -> None:
    cell = f"\ue000{'9' * 5000}\ue001"
    body = {"kind": "sheet", "title": "x", "content": f"a\n{cell}\n"}
    made = await http.post("/documents", json=body)
    assert (made.status_code, made.json()["rows"]["data"]) == (201, [[cell]])


async def test_a_document_is_its_persons_alone(
    agent: Agent, http: httpx.AsyncClient, ctx: Context
) -> None:
    key = await write(agent.context)
    colleague = replace(ctx, actor=replace(ctx.actor, id=uuid4()))
    stranger = replace(ctx, org_id=await make_org(ctx.resources))
    for other in (colleague, stranger):
        async with client(other, router) as caller:
            for answer in (
                await caller.get(f"/documents/{key}"),
                await caller.get(f"/documents/{key}/download"),
                await caller.post(f"/documents/{key}/restore", json={"version": 1}),
            ):
                assert problem(answer) == (404, "not_found")
            assert (await caller.get("/documents")).json()["data"] == []
