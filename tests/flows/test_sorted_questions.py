"""The demo model behind the analyst graph: offline, honest, whatever kind of question comes."""

from typing import Any

import pytest

from tests.flows.asking import Told, ask
from tests.support.installation import Installation


@pytest.fixture(scope="module")
def agent(installation: Installation) -> str:
    """An agent that sorts questions first."""
    made = installation.call(
        "POST", "/agents", {"name": "Sorter", "definition": {"workflow": "analyst"}}
    )
    installation.call("POST", f"/agents/{made['id']}/publish", {})
    return made["id"]


@pytest.fixture(scope="module")
def source(installation: Installation) -> str:
    return installation.call("POST", "/sources/sample")["id"]


def intent(told: Told) -> str:
    (data,) = told.data("intent")
    return data["intent"]


def untraced(told: Told) -> list[Any]:
    return [cite for cite in told.data("citation") if cite["kind"] == "untraced"]


def ends_well(told: Told) -> bool:
    return told.parts[-1][1]["type"] == "finish"


def test_every_starter_of_the_sample_is_answered_with_traced_figures(
    installation: Installation, agent: str, source: str
) -> None:
    for question in installation.call("GET", f"/sources/{source}/starters")["questions"]:
        told = ask(installation, source, question, agent_id=agent)
        assert ends_well(told), question
        assert intent(told) in ("research", "quick_answer"), question
        assert all(query["status"] == "done" for query in told.data("query")), question
        assert told.data("query"), question
        assert told.data("citation"), question
        assert not untraced(told), question


def test_a_chart_is_drawn_by_the_one_who_writes(
    installation: Installation, agent: str, source: str
) -> None:
    told = ask(installation, source, "Revenue by month as a line chart", agent_id=agent)
    assert intent(told) == "research"
    assert len(told.data("chart")) == 1
    assert "{{card C1}}" in told.text
    (proposed,) = told.data("followups")
    assert 2 <= len(proposed["questions"]) <= 3


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Hello", "direct"),
        ("What tables are there?", "explain"),
        ("Who wins the next election?", "out_of_scope"),
        ("How many orders are there?", "quick_answer"),
    ],
)
def test_other_questions_get_the_kind_of_answer_they_need(
    installation: Installation, agent: str, source: str, question: str, kind: str
) -> None:
    told = ask(installation, source, question, agent_id=agent)
    assert ends_well(told)
    assert intent(told) == kind
    assert told.text
    assert not untraced(told)
    assert bool(told.data("query")) == (kind == "quick_answer")
