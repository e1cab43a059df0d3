"""A good answer becomes a definition, later answers use it, and they say when it lapses."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.asking import Told, ask
from tests.support.installation import Installation
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

CSV = "region,paid,amount\nnorth,yes,10\nsouth,yes,20\nsouth,no,40\n"
REVENUE = "select sum(amount) as revenue from sales where paid"


@pytest.fixture
def scripted() -> Generator[ScriptedThread]:
    with ScriptedThread() as server:
        yield server


@pytest.fixture
def source(installation: Installation) -> str:
    files = {"files": ("sales.csv", CSV.encode())}
    made = installation.http.post("/sources/upload", files=files, data={"name": "Sales"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def use_of(told: Told) -> dict[str, Any]:
    [used] = told.data("definition")
    return used


def stored_use(installation: Installation, told: Told) -> dict[str, Any]:
    """What the stored answer says of the definition it used, as it is now."""
    messages = installation.call("GET", f"/threads/{told.thread_id}/messages")["data"]
    [part] = [p for p in messages[-1]["parts"] if p["type"] == "data-definition"]
    return part["data"]


def test_a_definition_is_told_to_the_model_used_by_it_and_lapses(
    installation: Installation, scripted: ScriptedThread, source: str
) -> None:
    body = {
        "name": "Scripted",
        "provider": "generic",
        "model_name": "d",
        "endpoint_url": scripted.url,
    }
    model = installation.call("POST", "/models", body)["id"]
    answer = [Turn.call("execute_sql_query", {"sql": REVENUE}), Turn.say("{{Q1[0].revenue}}.")]
    scripted.script("d", answer)
    first = ask(installation, source, "How much did we really earn?", model_id=model)
    assert first.data("definition") == []
    query = first.data("query")[-1]

    # Saved from the answer: proposed, with the query it is from.
    made = installation.call(
        "POST",
        "/definitions",
        {
            "name": "Earnings",
            "pattern": "How much did we really earn?",
            "sql": query["sql"],
            "source_id": source,
            "query_id": query["query_id"],
            "query_version": query["version"],
        },
    )
    assert (made["status"], made["origin_query_id"]) == ("proposed", query["query_id"])
    path = f"/definitions/{made['id']}"
    installation.call("POST", f"{path}/certify", {"version": 1})

    # Asked again, the model is told of it; a query that computes it is shown as using it.
    by_region = "select region, sum(s.amount) from sales s where s.paid group by region"
    naming = {"sql": by_region, "definition": made["handle"]}
    scripted.script("d", [Turn.call("execute_sql_query", naming), Turn.say("See {{card Q1}}.")])
    before = len(scripted.requests)
    told = ask(installation, source, "What did we earn by region?", model_id=model)
    system = str(scripted.requests[before]["messages"][0]["content"])
    assert f"{made['handle']} Earnings (certified metric, source Sales)" in system
    assert "weather" not in system
    assert use_of(told) | {"handle": ""} == {
        "definition_id": made["id"],
        "handle": "",
        "name": "Earnings",
        "status": "certified",
        "version": 1,
    }
    uses = installation.call("GET", f"{path}/uses")
    assert (uses["count"], uses["data"][0]["thread_id"]) == (1, told.thread_id)
    assert stored_use(installation, told)["status"] == "certified"

    # A question about something else is not told of it.
    scripted.script("d", [Turn.say("No idea.")])
    before = len(scripted.requests)
    ask(installation, source, "How is the weather?", model_id=model)
    assert "Earnings" not in json.dumps(scripted.requests[before])

    # When it lapses, the answer that used it says so.
    installation.call("POST", f"{path}/lapse", {"reason": "Returns are missing."})
    now = stored_use(installation, told)
    assert (now["status"], now["lapsed"]) == ("lapsed", "Returns are missing.")


def test_the_demo_model_answers_a_defined_question_as_it_is_defined(
    installation: Installation, source: str
) -> None:
    made = installation.call(
        "POST",
        "/definitions",
        {
            "name": "Paid turnover",
            "pattern": "What is our paid turnover?",
            "sql": REVENUE,
            "source_id": source,
        },
    )
    installation.call("POST", f"/definitions/{made['id']}/certify", {"version": 1})
    told = ask(installation, source, "what is our paid turnover")
    assert use_of(told)["name"] == "Paid turnover"
    assert f"Paid turnover is 30, as {made['handle']} defines it." in told.text


def test_definitions_are_kept_as_files(
    installation: Installation, source: str, tmp_path: Path
) -> None:
    name = installation.call("GET", f"/sources/{source}")["name"]
    body = {"name": "Kept revenue", "sql": REVENUE, "source_id": source}
    made = installation.call("POST", "/definitions", body)
    folder = tmp_path / "definitions"
    wrote = installation.run("definitions", "export", str(folder))
    assert wrote.returncode == 0, wrote.stderr
    file = folder / "kept-revenue.yaml"
    written = file.read_bytes()
    said = f"kind: metric\nname: Kept revenue\nsource: {name}\nsql: {REVENUE}\n"
    assert written.decode() == said
    assert installation.run("definitions", "certify", "kept revenue").returncode == 0

    same = installation.run("definitions", "import", str(file), "--yes")
    assert (same.returncode, same.stdout) == (0, "= same Kept revenue\nNothing changes.\n")
    file.write_bytes(written + b"note: Paid only.\n")
    asked = installation.run("definitions", "import", str(file))
    assert asked.returncode == 2  # nobody can be asked, and nothing was done
    assert installation.call("GET", f"/definitions/{made['id']}")["version"] == 1
    done = installation.run("definitions", "import", str(file), "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "~ change Kept revenue: note (lapses until it is certified again)\n"
    )
    shown = installation.run("definitions", "show", made["handle"])
    assert f"({made['handle']}, metric): lapsed" in shown.stdout
    assert "changed the note." in shown.stdout

    (folder / "bad.yaml").write_text("name: Bad\nsource: Nowhere\nsql: select 1\n")
    refused = installation.run("definitions", "import", str(folder), "--yes")
    assert refused.returncode == 5
    assert f"! {folder / 'bad.yaml'}: There is no source called Nowhere." in refused.stdout
    listed = installation.run_json("definitions", "list", "--status", "lapsed")
    assert made["id"] in {one["id"] for one in listed}
