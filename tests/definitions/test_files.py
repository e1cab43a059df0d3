"""Definitions as YAML files: a round trip, a plan, conflicts, all or nothing."""

from typing import Any

import httpx
import pytest

from datelier.definitions.schemas import Content
from datelier.definitions.yaml_form import read_yaml, to_yaml
from datelier.kit.errors import Invalid
from tests.definitions.conftest import REVENUE, Desk

NAME = "shop sales_reader"
FILE = f"""\
kind: metric
name: Revenue
source: {NAME}
pattern: What did we earn?
note: |-
  Paid sales only.
  Never returns.
sql: {REVENUE}
"""


def imported(desk: Desk, texts: dict[str, str], **more: Any) -> "Any":
    documents = [{"file": file, "text": text} for file, text in texts.items()]
    return desk.http.post("/definitions/import", json={"documents": documents, **more})


async def plan(desk: Desk, texts: dict[str, str]) -> dict[str, Any]:
    answer: httpx.Response = await imported(desk, texts)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def exported(desk: Desk, definition_id: str) -> str:
    return (await desk.http.get(f"/definitions/{definition_id}/export")).text


async def test_what_is_exported_and_imported_elsewhere_has_the_same_bytes(desk: Desk) -> None:
    answer: httpx.Response = await imported(desk, {"revenue.yaml": FILE}, apply=True)
    assert answer.json()["applied"] is True, answer.text
    [made] = (await desk.http.get("/definitions")).json()["data"]
    assert (made["status"], made["check"]["ok"]) == ("proposed", True)
    assert await exported(desk, made["id"]) == FILE
    again = await plan(desk, {"revenue.yaml": FILE})
    assert [entry["action"] for entry in again["entries"]] == ["same"]


@pytest.mark.parametrize(
    "content",
    [
        Content(name="yes", sql="select 'a: b' -- #x\n  from t\n where x like '%ä%'"),
        Content(kind="term", name="No", note="- one\n- two\n\n\tthree: 3"),
        Content(name="1.50", pattern="'quoted' \"twice\"?", note="a  b\n c ", sql="select 1"),
        Content(name="Umsätze 売上", sql="select 1\n\n\nfrom t", note="x" * 300),
    ],
)
def test_every_text_comes_back_as_it_was(content: Content) -> None:
    text = to_yaml(content, "null")
    assert read_yaml(text) == (content, "null")
    assert to_yaml(*read_yaml(text)) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "It is not YAML"),
        ("- name", "It does not hold a definition"),
        ("name: x\nstatus: certified", "There is no field status"),
        ("name: 3\nnote: x\nkind: term", "name: "),
        ("name: x\nkind: ratio", "kind: "),
        ("name: x\nsource: [a]", "source: "),
        ("name: !!python/object/apply:os.system [ls]", "It is not YAML"),
    ],
)
def test_a_file_that_is_no_definition_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_yaml(text)
    assert said in caught.value.detail


async def test_the_plan_names_every_change_and_each_conflict_and_nothing_is_done(
    desk: Desk,
) -> None:
    kept = await desk.certified(name="Kept")
    await desk.certified(name="Revenue")
    other = FILE.replace("Revenue", "revenue")
    found = await plan(
        desk,
        {
            "kept.yaml": await exported(desk, kept["id"]),
            "revenue.yaml": FILE,
            "twice.yaml": other,
            "new.yaml": FILE.replace("Revenue", "New"),
            "where.yaml": FILE.replace(NAME, "Nowhere").replace("Revenue", "Where"),
            "bad.yaml": "name: x",
        },
    )
    said = {entry["file"]: entry for entry in found["entries"]}
    assert said["kept.yaml"]["action"] == "same"
    assert said["revenue.yaml"]["action"] == "change"
    assert said["revenue.yaml"]["fields"] == ["pattern", "note"]
    assert said["revenue.yaml"]["lapses"] is True
    assert said["twice.yaml"]["problem"] == "revenue.yaml defines revenue too."
    assert said["new.yaml"]["action"] == "create"
    assert said["where.yaml"]["problem"] == "There is no source called Nowhere."
    assert said["bad.yaml"]["action"] == "conflict"
    assert "a metric needs its SQL" in said["bad.yaml"]["problem"]
    assert len((await desk.http.get("/definitions")).json()["data"]) == 2


async def test_one_file_that_cannot_be_taken_stops_them_all(desk: Desk) -> None:
    good = FILE.replace("Revenue", "Good")
    for bad in ("name: x", FILE.replace(REVENUE, "drop table sale")):
        answer: httpx.Response = await imported(desk, {"a.yaml": good, "b.yaml": bad}, apply=True)
        assert answer.status_code == 422, answer.text
        assert [error["path"] for error in answer.json()["errors"]] == ["b.yaml"]
    assert (await desk.http.get("/definitions")).json()["data"] == []


async def test_a_change_since_the_plan_is_noticed(desk: Desk) -> None:
    made = await desk.propose(name="Revenue")
    planned = await plan(desk, {"revenue.yaml": FILE})
    await desk.edit(made, note="Meanwhile.")
    answer: httpx.Response = await imported(
        desk, {"revenue.yaml": FILE}, apply=True, digest=planned["digest"]
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_changed")
    assert (await desk.get(made["id"]))["note"] == "Meanwhile."


async def test_an_analysts_files_do_not_change_what_is_certified(desk: Desk) -> None:
    await desk.certified(name="Revenue")
    analyst = await desk.colleague("analyst")
    found = await plan(analyst, {"revenue.yaml": FILE, "new.yaml": FILE.replace("Revenue", "New")})
    assert [entry["action"] for entry in found["entries"]] == ["conflict", "create"]
    assert "Only who may certify" in found["entries"][0]["problem"]
