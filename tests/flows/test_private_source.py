"""A private source from the outside: a scripted model keeps every request it is sent."""

import json
import re
from collections.abc import Generator

import pytest

from tests.flows.asking import ask, follow
from tests.support.installation import Installation
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

PATIENTS = [
    (i, f"patient{i}@clinic.test", ("Zanzibar", "Yokohama", "Xalapa")[i % 3], 700001 + 13 * i)
    for i in range(1, 31)
]
CSV = "id,email,city,income\n" + "".join(",".join(map(str, row)) + "\n" for row in PATIENTS)
INCOMES = "|".join(str(row[3]) for row in PATIENTS)
PRIVATE = re.compile(rf"patient\d|@clinic|Zanzibar|Yokohama|Xalapa|{INCOMES}")
CHART = {
    "mark": "bar",
    "encoding": {
        "x": {"field": "city", "type": "nominal"},
        "y": {"field": "top", "type": "quantitative"},
    },
}


@pytest.fixture
def scripted() -> Generator[ScriptedThread]:
    with ScriptedThread() as server:
        yield server


def sql(statement: str) -> Turn:
    return Turn.call("execute_sql_query", {"sql": statement})


SCRIPT = [
    sql("select * from patients"),
    sql("select email, city from patients where id < 4"),
    sql("select city, max(income) as top from patients group by city"),
    Turn.call("create_chart", {"result": "Q3.v1", "title": "Top", "spec": CHART}),
    sql("select cast(email as integer) from patients"),
    sql("select count(*) as n, avg(income) as mean from patients"),
    Turn.call("sample_source_data", {"table": "patients", "n": 5}),
    Turn.call("filter_data", {"table": "patients", "condition": "id = 3"}),
    Turn.call(
        "aggregate_data", {"table": "patients", "group_by": ["email"], "agg_func": "max(id)"}
    ),
    Turn.call("describe_source", {"table": "patients"}),
    Turn.say("There are 30 patients. {{card Q1}}"),
]


def test_no_byte_that_a_model_is_sent_holds_a_private_value(
    installation: Installation, scripted: ScriptedThread
) -> None:
    files = {"files": ("patients.csv", CSV.encode())}
    made = installation.http.post("/sources/upload", files=files, data={"name": "Patients"})
    assert made.status_code == 201, made.text
    source = made.json()["id"]
    body = {"name": "Spy", "provider": "generic", "model_name": "spy", "endpoint_url": scripted.url}
    model = installation.call("POST", "/models", body | {"api_key": "sk-test"})["id"]

    # While the source is open the same chat does show them: the test can fail.
    scripted.script("spy", [SCRIPT[0], Turn.say("Done.")])
    ask(installation, source, "Who are they?", model_id=model)
    assert PRIVATE.search(json.dumps(scripted.requests))
    before = len(scripted.requests)

    patched = installation.call("PATCH", f"/sources/{source}", {"private": True})
    assert patched["private"] is True
    installation.call("POST", f"/sources/{source}/profile", {"table": "files.patients"})
    scripted.script("spy", SCRIPT)
    told = ask(installation, source, "Who are they now?", model_id=model)
    scripted.script("spy", [Turn.say("As I said, 30.")])
    again = installation.call(
        "POST", f"/threads/{told.thread_id}/messages", {"text": "And what did you see?"}
    )
    follow(installation.http, again["run_id"])

    sent = scripted.requests[before:]
    assert len(sent) >= len(SCRIPT) + 1
    found = [match[0] for request in sent if (match := PRIVATE.search(json.dumps(request)))]
    assert found == []
    # What it does see: the shape, counts, and a mean over many.
    text = json.dumps(sent)
    assert "Rows (0 shown, 30 total)" in text
    assert str(sum(row[3] for row in PATIENTS) / len(PATIENTS)) in text

    # The person has every row and the chart.
    queries = told.data("query")
    rows = installation.call("GET", f"/results/{queries[0]['result_id']}/rows")
    assert "patient7@clinic.test" in json.dumps(rows)
    assert queries[0]["withheld"] == ["id", "email", "city", "income"]
    chart = installation.call("GET", f"/charts/{told.data('chart')[0]['chart_id']}")
    assert "Zanzibar" in json.dumps(chart["data"])
