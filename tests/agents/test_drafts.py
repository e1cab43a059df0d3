"""Drafts with revisions, immutable versions, what differs between them, and the way back."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from datelier.llms.service import delete_model
from tests.agents.conftest import Office


@pytest.mark.contract("C88")
async def test_a_draft_becomes_a_version_and_an_earlier_one_comes_back(office: Office) -> None:
    made = await office.agent()
    path = f"/api/v1/agents/{made['id']}"
    await office.edit(made["id"], instructions="Be kind.\nBe short.")
    first = await office.publish(made["id"], "To begin with")
    assert (first["version"], first["note"], first["current"]) == (1, "To begin with", True)
    assert first["published_by"]["name"] == "Ada"
    await office.edit(made["id"], instructions="Be kind.\nBe long.", starters=["How many?"])
    shown = await office.get(made["id"])
    assert shown["has_changes"]
    assert shown["published"]["instructions"] == "Be kind.\nBe short."
    assert shown["starters"] == []  # people see what is published
    await office.publish(made["id"])
    listed = (await office.http.get(f"{path}/versions")).json()["data"]
    assert [(one["version"], one["current"]) for one in listed] == [(2, True), (1, False)]
    back = await office.http.post(f"{path}/restore", json={"version": 1})
    assert back.json()["definition"]["instructions"] == "Be kind.\nBe short."
    assert back.json()["has_changes"]
    assert (await office.http.get(f"{path}/versions/2")).json()["definition"]["starters"] == [
        "How many?"
    ]
    assert (await office.publish(made["id"]))["version"] == 3
    assert (await office.audited())[-4:] == [
        "agent.draft_saved",
        "agent.published",
        "agent.restored",
        "agent.published",
    ]


async def test_two_editors_do_not_overwrite_each_other(office: Office) -> None:
    made = await office.agent()
    both = await asyncio.gather(
        office.save(made, instructions="Mine."), office.save(made, instructions="No, mine.")
    )
    assert sorted(answer.status_code for answer in both) == [200, 412]
    lost = next(answer for answer in both if answer.status_code == 412)
    assert lost.json()["code"] == "draft_changed"
    kept = next(answer for answer in both if answer.status_code == 200)
    assert kept.headers["etag"] == '"2"'
    assert (await office.get(made["id"]))["draft"] == kept.json()["definition"]
    # Publishing what one has not seen is refused the same way.
    path = f"/api/v1/agents/{made['id']}/publish"
    unseen = await office.http.post(path, json={"revision": 1})
    assert unseen.status_code == 412
    assert (await office.http.post(path, json={"revision": 2})).status_code == 201


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 428), ({"If-Match": "*"}, 400), ({"If-Match": "x"}, 400), ({"If-Match": "99"}, 412)],
)
async def test_an_edit_names_the_revision_it_was_made_from(
    office: Office, headers: dict[str, str], status: int
) -> None:
    made = await office.agent()
    path = f"/api/v1/agents/{made['id']}/draft"
    answer = await office.http.put(path, json=made["draft"], headers=headers)
    assert answer.status_code == status
    assert (await office.get(made["id"]))["draft_revision"] == 1


async def test_saving_what_is_there_changes_nothing(office: Office) -> None:
    made = await office.agent()
    assert (await office.save(made)).json()["revision"] == 1
    assert await office.audited() == ["agent.created"]


async def test_a_draft_is_discarded_for_what_is_published(office: Office) -> None:
    made = await office.agent()
    path = f"/api/v1/agents/{made['id']}/draft"
    never = await office.http.delete(path)
    assert (never.status_code, never.json()["code"]) == (409, "never_published")
    await office.edit(made["id"], instructions="Good.")
    await office.publish(made["id"])
    nothing = await office.http.post(f"/api/v1/agents/{made['id']}/publish", json={})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_publish")
    await office.edit(made["id"], instructions="Bad.")
    gone = (await office.http.delete(path)).json()
    assert (gone["definition"]["instructions"], gone["has_changes"]) == ("Good.", False)
    assert gone["revision"] == 4


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"tools": {"nothing": "auto"}}, "tools.nothing"),
        ({"tools": {"change": "auto"}}, "tools.change"),
        ({"tools": {"drop": "auto"}}, "tools.drop"),
        ({"tools": {"look": "maybe"}}, "tools.look"),
        ({"parameters": {"temperature": 3}}, "parameters.temperature"),
        ({"limits": {"max_steps": 0}}, "limits.max_steps"),
        ({"limits": {"max_cost_usd": "0"}}, "limits.max_cost_usd"),
        ({"starters": ["x"] * 7}, "starters"),
        ({"memory": "everybody"}, "memory"),
        ({"surprise": 1}, "surprise"),
        ({"instructions": "x" * 20_001}, "instructions"),
    ],
)
async def test_what_is_not_there_is_refused_at_its_field(
    office: Office, fields: dict[str, Any], path: str
) -> None:
    refused = await office.save(await office.agent(), **fields)
    assert refused.status_code == 422, refused.text
    assert [error["path"] for error in refused.json()["errors"]] == [path]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"model_id": str(uuid4())}, "model_id"),
        ({"fallback_model_id": str(uuid4())}, "fallback_model_id"),
        ({"source_ids": [str(uuid4())]}, "source_ids.0"),
        ({"schemas": {str(uuid4()): ["public"]}}, "schemas"),
    ],
)
async def test_an_object_that_is_not_there_is_not_found_at_its_field(
    office: Office, fields: dict[str, Any], path: str
) -> None:
    refused = await office.save(await office.agent(), **fields)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert [error["path"] for error in refused.json()["errors"]] == [path]


async def test_the_fallback_is_another_model(office: Office) -> None:
    model = await office.model()
    refused = await office.save(await office.agent(), model_id=model, fallback_model_id=model)
    assert refused.status_code == 422
    assert [error["path"] for error in refused.json()["errors"]] == ["fallback_model_id"]


async def test_a_draft_whose_model_was_deleted_is_not_published(office: Office) -> None:
    made, model = await office.agent(), await office.model()
    await office.edit(made["id"], model_id=model)
    async with office.ctx.begin() as tx:
        await delete_model(tx, UUID(model))
    refused = await office.http.post(f"/api/v1/agents/{made['id']}/publish", json={})
    assert [error["path"] for error in refused.json()["errors"]] == ["model_id"]


async def test_a_diff_names_fields_and_lines(office: Office) -> None:
    made = await office.agent()
    await office.edit(
        made["id"],
        instructions="One.\nTwo.\nThree.",
        tools={"look": "ask", "call": "auto"},
        limits={"max_rows": 100},
    )
    await office.publish(made["id"])
    await office.edit(
        made["id"],
        instructions="One.\nThree.\nFour.",
        tools={"look": "never", "change": "never"},
        limits={"max_rows": 200, "max_cost_usd": "0.50"},
        starters=["Why?"],
    )
    path = f"/api/v1/agents/{made['id']}/diff"
    shown = (await office.http.get(path, params={"from": "1"})).json()
    assert (shown["from"], shown["to"]) == ("1", "draft")
    found = {c["path"]: (c["kind"], c["before"], c["after"]) for c in shown["changes"]}
    assert found == {
        "tools.look": ("changed", "ask", "never"),
        "tools.call": ("removed", "auto", None),
        "tools.change": ("added", None, "never"),
        "limits.max_rows": ("changed", 100, 200),
        "limits.max_cost_usd": ("added", None, "0.5"),
        "starters": ("changed", [], ["Why?"]),
    }
    lines = [(line["kind"], line["text"], line["before"], line["after"]) for line in shown["lines"]]
    assert lines == [
        ("same", "One.", 1, 1),
        ("removed", "Two.", 2, None),
        ("same", "Three.", 3, 2),
        ("added", "Four.", None, 3),
    ]
    same = (await office.http.get(path, params={"from": "draft", "to": "draft"})).json()
    assert (same["changes"], same["lines"]) == ([], [])
    assert (await office.http.get(path, params={"from": "7"})).status_code == 404
    assert (await office.http.get(path, params={"from": "x"})).status_code == 422


async def test_the_tools_say_what_they_do_and_who_is_asked(office: Office) -> None:
    shown = (await office.http.get("/api/v1/agents/tools")).json()["data"]
    told = {one["name"]: (one["effect"], one["default"], one["policies"]) for one in shown}
    assert told == {
        "look": ("read", "auto", ["auto", "ask", "never"]),
        "change": ("write", "ask", ["ask", "never"]),
        "drop": ("destructive", "ask", ["ask", "never"]),
        "call": ("external", "ask", ["auto", "ask", "never"]),
    }
    assert shown[0]["contexts"] == ["chat", "background"]
