"""`datelier ask` on data of every kind, with the demo model and over a real model protocol."""

import json
from collections.abc import Generator
from typing import Any

import pytest

from tests.flows.asking import totals
from tests.support.cluster import Cluster
from tests.support.datasets import Dataset, make_dataset
from tests.support.installation import Installation
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

MODEL = "asked-on-the-command-line"
KINDS = {"csv": 40, "parquet": 41, "xlsx": 42, "postgresql": 43}


@pytest.fixture(scope="module")
def scripted(installation: Installation) -> Generator[ScriptedThread]:
    """A server of the OpenAI protocol, added as a model on the command line."""
    with ScriptedThread() as server:
        added = ("model", "add", "--name", MODEL, "--provider", "generic", "--model-name", MODEL)
        installation.run_json(*added, "--endpoint", server.url, "--no-key")
        yield server


@pytest.fixture(scope="module", params=KINDS)
def asked_about(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory, request: Any
) -> Generator[Dataset]:
    """A data set that was added on the command line as a source of the name of its table."""
    kind: str = request.param
    dataset = make_dataset(KINDS[kind])
    if kind != "postgresql":
        path = dataset.write(tmp_path_factory.mktemp(kind), kind)
        installation.run_json("source", "add", str(path), "--name", kind)
        yield dataset
        return
    server = Cluster(tcp=True)
    try:
        dataset.load(server.create("outside"))
        url = f"postgresql://owner@127.0.0.1:{server.port}/outside?sslmode=disable"
        installation.run_json("source", "add", "--url", url, "--no-password", "--name", kind)
        yield dataset
    finally:
        server.stop()


def asked(installation: Installation, dataset: Dataset, *options: str) -> dict[str, Any]:
    """Ask the data set's question and prove the numbers of the last query."""
    kind = next(kind for kind, seed in KINDS.items() if make_dataset(seed) == dataset)
    answer = installation.run_json("ask", dataset.question, "--source", kind, *options)
    assert answer["error"] is None
    found = totals(installation, answer["queries"][-1]["result_id"])
    assert {key: round(value, 2) for key, value in found.items()} == dataset.totals
    return answer


def test_with_the_demo_model(installation: Installation, asked_about: Dataset) -> None:
    answer = asked(installation, asked_about, "--model", "Demo model")
    # A traced figure has the digits of its cell, and no zeros that are not there.
    assert f"{max(asked_about.totals.values()):,.2f}".rstrip("0").rstrip(".") in answer["text"]


def test_with_a_model_of_the_openai_protocol(
    installation: Installation, asked_about: Dataset, scripted: ScriptedThread
) -> None:
    def analyst(body: dict[str, Any]) -> Turn:
        said = body["messages"][-1]
        if said["role"] != "tool":
            return Turn.call("execute_sql_query", {"sql": sql, "title": "Totals"})
        return Turn.say(f"The database says:\n\n{said['content']}")

    dimension, measure = asked_about.dimension, asked_about.measure
    sql = f"select {dimension}, sum({measure}) from {asked_about.table} group by 1"
    scripted.respond(MODEL, analyst)
    answer = asked(installation, asked_about, "--model", MODEL)
    for total in asked_about.totals.values():
        assert str(int(total)) in answer["text"]


# What the answer says, the title of its chart if there is one, and the exit code.
SAID = {
    "traced": ("We have {{Q1[0].n}} orders.", "First {{Q1[0].n}} orders", 0),
    "untraced": ("We have {{Q1[0].n}} orders, and 48,213 of them were late.", None, 1),
    "untraced in a chart": ("We have {{Q1[0].n}} orders.", "Late were 48,213 orders", 1),
    "no figure": ("We have many orders.", None, 0),
}


@pytest.mark.parametrize("what", SAID)
def test_the_exit_code_says_whether_every_number_has_a_receipt(
    installation: Installation, scripted: ScriptedThread, what: str
) -> None:
    said, title, code = SAID[what]
    sample = installation.call("POST", "/sources/sample")["name"]
    ask = ("ask", "How many orders?", "--source", sample, "--model", MODEL)
    sql = "select channel, count(*) as n from orders group by 1 order by 1"
    calls = [Turn.call("execute_sql_query", {"sql": sql})]
    if title is not None:
        calls.append(Turn.call("create_chart", {"result": "Q1.v1", "title": title}))

    def answer(body: dict[str, Any]) -> Turn:
        if not body.get("tools"):
            return Turn.say("Orders")  # the chat's title
        found = sum(message["role"] == "tool" for message in body["messages"])
        return Turn.say(said) if found == len(calls) else calls[found]

    scripted.respond(MODEL, answer)

    def done(*options: str) -> tuple[int, str, str]:
        finished = installation.run(*ask, *options)
        return finished.returncode, finished.stdout, finished.stderr

    assert done()[0] == 0  # only who asks for it is told by the exit code
    failed, shown, why = done("--fail-if-untraced")
    assert failed == code
    assert "orders" in shown
    assert ("1 number is not traced to a query." in why) == (code == 1)
    failed, shown, _ = done("--fail-if-untraced", "--json")
    assert failed == code
    # Exactly one document, whatever the outcome.
    told = json.loads(shown)
    cites = [cite for chart in told["charts"] for f in chart["figures"] for cite in f["cites"]]
    assert len(cites) == (title is not None)
    untraced = told["numbers"].get("total", 0) - told["numbers"].get("traced", 0)
    assert untraced + sum(cite["kind"] == "untraced" for cite in cites) == code
