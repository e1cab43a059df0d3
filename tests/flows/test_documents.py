"""A document asked for in a chat: written, changed, kept with the receipts of its figures."""

import re
from typing import Any

import pytest

from datelier.chat.prompts import title_prompt
from datelier.runs.fold import fold
from tests.flows.asking import Told, follow
from tests.support.installation import Installation
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

_SQL = "select count(*) as orders from orders"
_MEMO = "# Orders\n\nThere are {{Q1[0].orders | int}} orders.\n\nNothing else is known.\n"
_EDIT = {
    "find": "Nothing else is known.",
    "replace": "Half of them: {{= Q1[0].orders / 2 | int}}.",
}


def _ask(house: Installation, thread_id: str, text: str) -> Told:
    sent = house.call("POST", f"/threads/{thread_id}/messages", {"text": text})
    return Told(thread_id, sent["run_id"], follow(house.http, sent["run_id"]))


def _model(house: Installation, models: ScriptedThread, name: str) -> str:
    model = {
        "name": name,
        "provider": "generic",
        "model_name": name,
        "endpoint_url": models.url,
        "api_key": "sk-none",
    }
    return house.call("POST", "/models", model)["id"]


def _script(models: ScriptedThread, name: str, turns: list[Turn]) -> None:
    """Answer with `turns` in order; who asks for a title gets one."""
    left = [*turns]

    def respond(body: dict[str, Any]) -> Turn:
        if str(body["messages"][0]["content"]).startswith(title_prompt()):
            return Turn.say("Orders")
        return left.pop(0) if len(left) > 1 else left[0]

    models.respond(name, respond)


def _agent(house: Installation, name: str, tools: dict[str, str]) -> str:
    body = {"name": name, "definition": {"workflow": "plain", "tools": tools}}
    made = house.call("POST", "/agents", body)
    house.call("POST", f"/agents/{made['id']}/publish", {})
    return made["id"]


def _verify_document(installation: Installation, key: str) -> None:
    path = f"/documents/{key}"
    shown = installation.call("GET", path)
    traced = [cite for cite in shown["figures"] if cite["kind"] != "asked"]  # “half” was
    assert [(cite["kind"], cite["formula"]) for cite in traced] == [
        ("exact", "Q1[0].orders"),
        ("derived", "Q1[0].orders / 2"),
    ]
    assert shown["numbers"]["traced"] == shown["numbers"]["total"] == 2
    assert re.search(r"There are [\d,]+ orders\.", shown["content"])
    listed = installation.run_json("document", "list")
    assert key in [one["id"] for one in listed]
    printed = installation.run("document", "show", key)
    assert re.search(r"There are [\d,]+\[\^1\] orders\.", printed.stdout)
    diff = installation.call("GET", f"{path}/diff?from=1&to=2")
    kinds = [line["kind"] for line in diff["lines"] if line["kind"] != "same"]
    assert kinds == ["removed", "added"]


def _verify_export(house: Installation, thread_id: str, message_id: str, count: int) -> None:
    """An answer's export holds its document in the answer's version, with `count` receipts."""
    export = f"/threads/{thread_id}/messages/{message_id}/export"
    text = house.http.get(f"{export}?format=md").text
    assert f"## D1: Orders (v{count})" in text
    assert len(re.findall(r"\d\[\^\d+\]", text)) == count
    assert "(exact) · Q1 v1" in text
    page = house.http.get(f"{export}?format=html").text
    assert page.count('<a class="cite ') == count


@pytest.mark.contract("D43")
def test_a_document_is_written_then_changed_and_its_figures_stay_traced(
    installation: Installation,
) -> None:
    with ScriptedThread() as models:
        model_id = _model(installation, models, "writer")
        source_id = installation.call("POST", "/sources/sample")["id"]
        auto = {"create_document": "auto", "update_document": "auto"}
        agent_id = _agent(installation, "Writer", auto)
        thread = {"source_ids": [source_id], "model_id": model_id, "agent_id": agent_id}
        thread_id = installation.call("POST", "/threads", thread)["id"]
        memo = {"kind": "text", "title": "Orders", "content": _MEMO}
        first = [
            Turn.call("execute_sql_query", {"sql": _SQL}),
            Turn.call("create_document", memo),
            Turn.say("Here it is.\n\n{{card D1}}"),
        ]
        _script(models, "writer", first)
        told = _ask(installation, thread_id, "Write a memo about our orders.")
        (part,) = told.data("document")
        assert (part["handle"], part["kind"], part["version"]) == ("D1", "text", 1)
        change = {"document": "D1", "version": 1, "edits": [_EDIT]}
        _script(models, "writer", [Turn.call("update_document", change), Turn.say("Done.")])
        changed = _ask(installation, thread_id, "Say how many half of them are.")
        (part,) = changed.data("document")
        assert part["version"] == 2
        assert "D1: text document “Orders”, version 1" in str(models.requests)
    _verify_document(installation, part["document_id"])
    answers = installation.call("GET", f"/threads/{thread_id}/messages")["data"][1::2]
    assert answers[1]["parts"] == fold(entry for _, entry in changed.parts)
    for answer, count in zip(answers, (1, 2), strict=True):
        _verify_export(installation, thread_id, answer["id"], count)


def test_an_agent_that_was_not_given_the_tools_cannot_write(installation: Installation) -> None:
    granted = {tool["name"]: tool for tool in installation.call("GET", "/agents/tools")["data"]}
    assert granted["create_document"]["default"] == "never"
    assert granted["create_document"]["partition"] == "documents"
    with ScriptedThread() as models:
        model_id = _model(installation, models, "none")
        thread = {"model_id": model_id, "agent_id": _agent(installation, "No writer", {})}
        thread_id = installation.call("POST", "/threads", thread)["id"]
        memo = {"kind": "text", "title": "Orders", "content": "x"}
        _script(models, "none", [Turn.call("create_document", memo), Turn.say("I cannot.")])
        told = _ask(installation, thread_id, "Write a memo.")
        offered = [tool["function"]["name"] for tool in models.requests[0]["tools"]]
    assert told.data("document") == []
    assert told.text == "I cannot."
    assert "create_document" not in offered
