"""`datelier ask` with an agent that sorts questions: cards, follow-ups and refusals, with receipts."""

import re
from pathlib import Path
from typing import Any

import click
import pytest

from datelier.chat.analyst.card import build_card
from datelier.chat.analyst.card_shapes import card_part
from datelier.cli.answer_parts import Extras, lines
from tests.chat.analyst.test_cards import CITIES, MONTHS
from tests.cli.command import on_a_terminal
from tests.support.installation import Installation


@pytest.fixture(scope="module")
def sorter(signed_in: Installation) -> str:
    """The name of an agent that sorts questions first."""
    body = {"name": "Sorter", "definition": {"workflow": "analyst"}}
    made = signed_in.call("POST", "/agents", body)
    signed_in.call("POST", f"/agents/{made['id']}/publish", {})
    return "Sorter"


def asked(signed_in: Installation, sorter: str, question: str) -> dict[str, Any]:
    return signed_in.run_json("ask", question, "-s", "1", "-a", sorter)


def test_an_answer_as_json_has_its_card_and_follow_ups(
    signed_in: Installation, sorter: str
) -> None:
    told = asked(signed_in, sorter, "How many orders are there?")
    (card,) = told["cards"]
    assert card["kind"] == "single_fact"
    assert card["value"]["ref"]["query_id"] == told["queries"][-1]["query_id"]
    assert told["intent"]["intent"] == "quick_answer"
    assert len(told["followups"]) >= 2
    assert told["followups"][0] not in told["text"]
    assert told["refusal"] is None


def test_a_pipe_gets_the_card_in_words_and_no_follow_ups(
    signed_in: Installation, sorter: str
) -> None:
    done = signed_in.run("ask", "How many orders are there?", "-s", "1", "-a", sorter)
    assert done.returncode == 0, done.stderr
    assert re.match(r"\w.*  [\d,]+\n", done.stdout), done.stdout
    assert "1. " not in done.stdout


def test_a_refusal_says_why_and_ends_well(signed_in: Installation, sorter: str) -> None:
    told = asked(signed_in, sorter, "Who wins the next election?")
    assert told["refusal"]["reason"] == "out_of_scope"
    assert told["refusal"]["explanation"]
    assert told["cards"] == []


@pytest.mark.parametrize("more", [(), ("--no-stream",)])
def test_a_terminal_shows_receipts_and_ways_to_go_on(
    signed_in: Installation, sorter: str, tmp_path: Path, more: tuple[str, ...]
) -> None:
    shown = on_a_terminal(
        tmp_path, "ask", "How many orders are there?", "-s", "1", "-a", sorter, *more,
        XDG_CONFIG_HOME=str(signed_in.env["XDG_CONFIG_HOME"]),
    )  # fmt: skip
    plain = click.unstyle(shown).replace("\r", "")
    assert re.search(r"^\S.*  [\d,]+  Q1 v1: row 1, \w+$", plain, re.MULTILINE), plain
    assert re.search(r"^Go on with\n1\. .+\n2\. ", plain, re.MULTILINE), plain
    assert plain.count("1. ") == 1


def test_a_comparison_and_a_trend_are_printed_value_by_value() -> None:
    extras = Extras()
    for number, table in enumerate((CITIES, MONTHS)):
        card = build_card(table, "")
        assert card is not None
        extras.take(card_part(card, number))
    first, second = (list(lines(card)) for card in extras.cards.values())
    assert first[:2] == [
        ("Revenue (City)", ""),
        ("  Paris  €1,234,567.50", "Q3 v2: Paris, revenue_eur"),
    ]
    assert first[-1][0] == "  Difference  +€1,234,567.50"
    assert second[-1] == ("    Up  +50 (+50.0%)", "= Q3.v2[3].orders - Q3.v2[1].orders")
    assert extras.card_text.startswith("Revenue (City)\n  Paris  €1,234,567.50\n")
