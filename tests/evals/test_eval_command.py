"""`datelier eval` against a real installation."""

import re
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.installation import Installation, until
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes a suite over the sample and returns its path."""

    def written(*cases: dict[str, Any], **more: Any) -> str:
        path = tmp_path / f"suite-{len(list(tmp_path.iterdir()))}.yaml"
        head = {"format": 1, "name": "tried", "sources": {"retail": {"sample": True}}}
        path.write_text(yaml.safe_dump(head | {"cases": list(cases)} | more), encoding="utf-8")
        return str(path)

    return written


def statuses(report: dict[str, Any]) -> dict[str, str]:
    return {case["id"]: case["status"] for case in report["cases"]}


def evaluated(installation: Installation, *arguments: str) -> dict[str, Any]:
    """Return the report of an evaluation whose every question could be asked."""
    return installation.run_json("eval", *arguments)


def test_the_suites_that_come_with_the_product_are_answered_by_the_demo_model(
    installation: Installation,
) -> None:
    report = evaluated(
        installation,
        "retail",
        "generated",
        "sorted",
        "--fail-under",
        "1",
        "--fail-if-untraced",
        "--jobs",
        "2",
    )
    assert set(statuses(report).values()) == {"passed"}
    assert report["summary"]["cases"] == 56
    assert report["summary"]["refusals"]["right"] == 9
    assert report["summary"]["intent_accuracy"] == 1
    assert 0 < report["summary"]["latency_median"] <= report["summary"]["latency_p95"]
    # The agents and sources that were made for it are gone again.
    agents = [agent["name"] for agent in installation.call("GET", "/agents")["data"]]
    assert not [name for name in agents if name.startswith("sorted")]
    names = [source["name"] for source in installation.call("GET", "/sources")["data"]]
    assert not [name for name in names if name.startswith("generated")]
    # Threads of right answers are removed, so that nobody's list fills up with them.
    titles = [thread["title"] for thread in installation.call("GET", "/threads")["data"]]
    assert "Total revenue by region" not in titles


def test_wrong_expectations_are_noticed(installation: Installation, write: Any) -> None:
    region = "Total revenue by region"
    wrong_rows = {"rows": [["North", 1], ["South", 2], ["East", 3], ["West", 4]]}
    suite = write(
        {"id": "rows", "question": region, "expect": {"result": wrong_rows}},
        {"id": "sql", "question": region, "expect": {"sql": "select 1, 2"}},
        {"id": "value", "question": "How many orders are there?", "expect": {"value": 5}},
        {"id": "missed", "question": region, "expect": {"refusal": True}},
        {"id": "refused", "question": "Sing me a song", "expect": {"value": 5}},
        {"id": "broken", "question": region, "expect": {"sql": "select nothing from nowhere"}},
        {"id": "cut", "question": region, "expect": {"sql": "select order_id, region from orders"}},
    )
    done = installation.run("eval", suite, "--json")
    assert done.returncode == 1  # a statement of the suite does not run, one has too many rows
    report = yaml.safe_load(done.stdout)
    assert statuses(report) == {
        "rows": "failed",
        "sql": "failed",
        "value": "failed",
        "missed": "failed",
        "refused": "failed",
        "broken": "error",
        "cut": "error",
    }
    refusals = report["summary"]["refusals"]
    assert refusals == {"right": 0, "other_reason": 0, "missed": 1, "wrong": 1}
    assert all(case["why"] for case in report["cases"])
    cut = next(case["why"] for case in report["cases"] if case["id"] == "cut")
    assert cut == "The suite's own statement has more rows than 10,000."
    kept = [case["thread_id"] for case in report["cases"] if case["status"] == "failed"]
    assert all(installation.call("GET", f"/threads/{one}")["id"] == one for one in kept)


def test_a_question_that_is_understood_otherwise_is_noticed(
    installation: Installation, write: Any, tmp_path: Path
) -> None:
    election = "Who wins the next election?"
    suite = write(
        {"id": "kind", "question": "Hello", "expect": {"intent": ["explain", "research"]}},
        {"id": "small talk", "question": "Hello", "expect": {"refusal": True}},
        {"id": "reason", "question": election, "expect": {"refusal": ["ambiguous"]}},
        {"id": "right", "question": election, "expect": {"refusal": "out_of_scope"}},
        {"id": "nobody tells", "agent": "Analyst", "question": "Hello", "expect": {"intent": "direct"}},
        agents={"sorter": {"workflow": "analyst"}},
        defaults={"agent": "sorter"},
    )  # fmt: skip
    page = tmp_path / "page.html"
    report = evaluated(installation, suite, "--html", str(page))
    assert {case["id"]: case["why"] for case in report["cases"]} == {
        "kind": "Understood as “something to answer directly”, expected “a question about what the "
        "data means” or “a question that takes research”.",
        "small talk": "Answered, but the question had to be refused.",
        "reason": "Refused as “Outside of what this chat can do”, expected “This can mean several "
        "things”.",
        "right": "",
        "nobody tells": "The run does not tell how it understood the question; expected “something "
        "to answer directly”.",
    }
    # The page says it in words too; programs get the ids.
    ids = {case["id"]: (case["intent"], case["reason"]) for case in report["cases"]}
    assert ids["kind"][0] == "direct"
    assert ids["reason"] == ("out_of_scope", "out_of_scope")
    shown = page.read_text(encoding="utf-8")
    assert "read as outside of what the data is about" in shown
    assert not re.search(r"out_of_scope|quick_answer", shown)
    assert report["summary"]["intent_accuracy"] == 0
    refusals = report["summary"]["refusals"]
    assert refusals == {"right": 1, "other_reason": 1, "missed": 1, "wrong": 0}


def test_the_exit_code_says_whether_the_accuracy_is_reached(
    installation: Installation, write: Any
) -> None:
    question = "How many orders are there?"
    suite = write(
        {"question": question, "expect": {"sql": "select count(*) from orders"}},
        {"question": question, "expect": {"sql": "select 1"}},
    )
    assert installation.run("eval", suite, "--fail-under", "0.5").returncode == 0
    below = installation.run("eval", suite, "--fail-under", "0.51")
    assert below.returncode == 1
    assert "Accuracy is 50.0%, below 51.0%." in below.stderr
    assert "1 of 2 right" in below.stdout


def test_a_suite_that_cannot_be_asked_says_why(installation: Installation, write: Any) -> None:
    for suite, message in [
        (write({"question": "x", "expect": {"valeu": 1}}), "cases.0.expect.valeu"),
        (
            write({"question": "x", "expect": {"value": 1}}, sources={"a": {"name": "away"}}),
            "asks the source 'away', which is not here",
        ),
    ]:
        done = installation.run("eval", suite)
        assert done.returncode == 2
        assert message in done.stderr


SCRIPT: dict[str, Any] = {
    "id": "scripted",
    "question": "How many orders did we have?",
    "expect": {"value": 50729},
    "script": [
        {"calls": [{"tool": "execute_sql_query", "arguments": {"sql": "select count(*) n from orders"}}]},
        {"when": "Result Q1", "say": "There were {{Q1[0].n}} orders."},
    ],
}  # fmt: skip


def test_the_scripted_model_does_what_the_suite_says(
    installation: Installation, write: Any
) -> None:
    liar = SCRIPT | {
        "id": "liar",
        "question": "How many orders, really?",
        "script": [SCRIPT["script"][0], {"say": "There were 50,730 orders, I promise."}],
    }
    left_out = {"id": "without", "question": "Hello?", "expect": {"value": 1}}
    short = SCRIPT | {"id": "short", "question": "And now?", "script": SCRIPT["script"][:1]}
    hello = [{"when": "Good morning", "say": "Hello."}]
    later = SCRIPT | {
        "id": "later",
        "question": "How many orders by now?",
        "before": ["Good morning"],
    }
    greeted = later | {"script": hello + SCRIPT["script"]}
    ignored = later | {
        "id": "ignored",
        "question": "And orders, please?",
        "before": ["Anybody here?"],
    }
    ignored |= {"script": [{"when": "And orders", "say": "50,729."}]}
    suite = write(SCRIPT, liar, left_out, short, greeted, ignored)
    report = yaml.safe_load(installation.run("eval", suite, "-m", "scripted", "--json").stdout)
    assert statuses(report) == {
        "scripted": "passed",
        "liar": "failed",
        "short": "error",
        "later": "passed",
        "ignored": "error",
    }
    why = {case["id"]: case["why"] for case in report["cases"]}
    assert why["short"] == "The script has no turn left that fits the request."
    assert why["ignored"].startswith("“Anybody here?” failed before it")
    assert report["summary"]["untraced"] >= 1
    strict = installation.run(
        "eval", suite, "-m", "scripted", "--case", "liar", "--fail-if-untraced"
    )
    assert strict.returncode == 1
    assert "have no receipt" in strict.stderr
    # The models that were made for it are gone.
    names = [model["name"] for model in installation.call("GET", "/models")["data"]]
    assert not [name for name in names if "(evaluation" in name]


def test_a_recording_is_replayed_without_the_endpoint(
    installation: Installation, write: Any, tmp_path: Path
) -> None:
    suite, file = write(SCRIPT), str(tmp_path / "traffic.yaml")
    with ScriptedThread() as server:
        added = ("model", "add", "--name", "live", "--provider", "generic", "--model-name", "live")
        installation.run_json(*added, "--endpoint", server.url, "--no-key")
        first = Turn.call("execute_sql_query", {"sql": "select count(*) as n from orders"})
        server.script("live", [first, Turn.say("There were {{Q1[0].n}} orders.")])
        report = evaluated(installation, suite, "--model", "live", "--record", file)
        assert statuses(report) == {"scripted": "passed"}
        assert len(server.requests) == 2
    replayed = evaluated(installation, suite, "--model", f"recorded:{file}")
    assert statuses(replayed) == {"scripted": "passed"}
    assert replayed["cases"][0]["text"] == report["cases"][0]["text"]
    other = write(SCRIPT | {"question": "How many customers did we have?"})
    missed = installation.run("eval", other, "--model", f"recorded:{file}", "--json")
    assert missed.returncode == 1
    why = yaml.safe_load(missed.stdout)["cases"][0]["why"]
    assert "was “How many orders did we have?”, it is “How many customers did we have?”" in why


def test_an_evaluation_goes_on_where_it_was_interrupted(
    installation: Installation, write: Any
) -> None:
    cases = [
        {"id": f"q{n}", "question": f"Question {n}", "expect": {"refusal": True}, "script": [{"say": "No."}]}
        for n in range(3)
    ]  # fmt: skip
    stuck = {"id": "stuck", "question": "A question that hangs", "expect": {"refusal": True}}
    suite = write(*cases, stuck)
    with ScriptedThread() as server:
        added = ("model", "add", "--name", "slow", "--provider", "generic", "--model-name", "slow")
        installation.run_json(*added, "--endpoint", server.url, "--no-key")
        hangs = [True]

        def answer(body: dict[str, Any]) -> Turn:
            asked = body["messages"][-1]["content"]
            return Turn.stall() if "hangs" in asked and hangs[0] else Turn.say("No.")

        server.respond("slow", answer)
        arguments = ["eval", suite, "--model", "slow", "--json"]
        process = installation.popen(*arguments)
        until(lambda: len(server.requests) == 4, what="the question that hangs")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        hangs[0] = False
        report = evaluated(installation, suite, "--model", "slow", "--resume")
        assert set(statuses(report).values()) == {"passed"}
        assert len(server.requests) == 5  # what was done was not asked again
        # Finished: nothing is left to resume.
        evaluated(installation, suite, "--model", "slow", "--resume")
        assert len(server.requests) == 9


def test_reports_are_compared_and_regressions_listed(
    installation: Installation, write: Any, tmp_path: Path
) -> None:
    before, page = tmp_path / "before.json", tmp_path / "page.html"
    good = {"id": "count", "question": "How many orders are there?", "expect": {"value": 50729}}
    refused = {"id": "song", "question": "Sing me a song", "expect": {"value": 5}}
    installation.run("eval", write(good, refused), "--output", str(before))
    changed = write(
        good | {"expect": {"value": 1}},
        refused | {"expect": {"refusal": True}},
        {"id": "new", "question": "How many customers are there?", "expect": {"value": 1800}},
    )
    done = installation.run(
        "eval", changed, "--against", str(before), "--fail-if-worse", "--html", str(page)
    )
    assert done.returncode == 1
    assert "worse   tried/count" in done.stdout
    assert "better  tried/song" in done.stdout
    assert "1 new, 0 gone" in done.stdout
    text = page.read_text(encoding="utf-8")
    assert "tried/count" in text
    assert text.count("<svg") >= 3
    for loads in ("http://", "https://", "<script", "src=", "url("):
        assert loads not in text
    empty = installation.run("eval", "retail", "--against", str(page))
    assert empty.returncode == 2
    assert "is no report" in empty.stderr
