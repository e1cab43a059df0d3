"""`datelier eval` against a real installation."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.installation import Installation


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes a suite over the sample and returns its path."""

    def written(*cases: dict[str, Any], **more: Any) -> str:
        path = tmp_path / "suite.yaml"
        head = {"format": 1, "name": "tried", "sources": {"retail": {"sample": True}}}
        path.write_text(yaml.safe_dump(head | {"cases": list(cases)} | more), encoding="utf-8")
        return str(path)

    return written


def statuses(report: dict[str, Any]) -> dict[str, str]:
    return {case["id"]: case["status"] for case in report["cases"]}


def evaluated(installation: Installation, *arguments: str) -> dict[str, Any]:
    """Return the report of an evaluation whose every question could be asked."""
    return installation.run_json("eval", *arguments)


def test_the_suite_over_the_sample_is_answered_by_the_demo_model(
    installation: Installation,
) -> None:
    report = evaluated(installation, "retail", "--fail-under", "1", "--fail-if-untraced")
    assert set(statuses(report).values()) == {"passed"}
    assert report["summary"]["refusals"]["right"] >= 1
    assert report["summary"]["latency_median"] > 0
    # Threads of right answers are removed, so that nobody's list fills up with them.
    assert installation.call("GET", "/threads")["data"] == []


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
    )
    done = installation.run("eval", suite, "--json")
    assert done.returncode == 1  # one statement of the suite does not run
    report = yaml.safe_load(done.stdout)
    assert statuses(report) == {
        "rows": "failed",
        "sql": "failed",
        "value": "failed",
        "missed": "failed",
        "refused": "failed",
        "broken": "error",
    }
    refusals = report["summary"]["refusals"]
    assert refusals == {"right": 0, "other_reason": 0, "missed": 1, "wrong": 1}
    assert all(case["why"] for case in report["cases"])
    kept = [case["thread_id"] for case in report["cases"] if case["status"] == "failed"]
    assert all(installation.call("GET", f"/threads/{one}")["id"] == one for one in kept)


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


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"format": 9}, "format 9 is not known"),
    ({"cases": [{"question": "x", "expect": {}}]}, "give one of result, sql, value"),
    ({"cases": [{"question": "x", "expect": {"valeu": 3}}]}, "cases.0.expect.valeu"),
    ({"cases": []}, "there is no question"),
    ({"sources": {"a": {"name": "not here"}}}, "'not here', which is not here"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_a_suite_that_is_wrong_says_where(
    installation: Installation, write: Any, change: dict[str, Any], message: str
) -> None:
    suite = write({"question": "x", "expect": {"value": 1}}, **change)
    done = installation.run("eval", suite)
    assert done.returncode == 2
    assert message in done.stderr
