"""Answers as documents: cards, refusals and ways to go on, each figure with its receipt."""

import re
from typing import Any

from datelier.chat.analyst.card import build_card
from datelier.chat.analyst.card_shapes import card_part
from datelier.chat.export import document
from datelier.queries.trace.tables import Table
from tests.chat.analyst.test_cards import CITIES, MONTHS, made

Part = dict[str, Any]


def card(table: Table) -> Part:
    found = build_card(table, "")
    assert found is not None
    return card_part(found, 1)


def said(text: str) -> Part:
    return {"type": "text", "text": text, "state": "done"}


def data(kind: str, **fields: Any) -> Part:
    return {"type": f"data-{kind}", "id": kind, "data": fields}


def markdown(*parts: Part) -> str:
    return document("Why?", list(parts), "md")


def test_every_value_of_a_card_has_a_receipt() -> None:
    text = markdown(card(CITIES), card(MONTHS), card(made("n:int32", (7,))))
    rows = re.findall(r"^\| (.+) \| .*\[\^(\d+)\] \|$", text, re.MULTILINE)
    assert [number for _, number in rows] == [str(n) for n in range(1, len(rows) + 1)]
    assert [label for label, _ in rows][:4] == ["Paris", "Lyon", "Nice", "Difference"]
    assert "[^1]: €1,234,567.50 (exact) · Q3 v2, city=Paris, revenue_eur = 1234567.50" in text
    assert "[^4]: +€1,234,567.50 (derived) · = Q3.v2[0].revenue_eur - Q3.v2[2].revenue_eur" in text
    assert text.count("\n[^") == len(rows)


def test_a_refusal_is_told_apart_from_an_answer() -> None:
    refusal = data(
        "refusal", reason="unanswerable", explanation="No ages here.", nearest="How old?"
    )
    text = markdown(said("No ages here.\n\n→ How old?"), refusal)
    assert "> **This data cannot answer that**\n>\n> No ages here." in text
    assert text.count("How old?") == 1
    assert "**Ask instead**\n\n- How old?" in markdown(said("No ages here."), refusal)


def test_follow_ups_are_said_once() -> None:
    questions = ["By city?", "By month?"]
    listed = said("1. By city?\n2. By month?")
    text = markdown(said("Five."), data("followups", questions=questions), listed)
    assert text.endswith("**Go on with**\n\n- By city?\n- By month?\n")
    assert text.count("By city?") == 1


def test_options_are_said_once() -> None:
    options = data("options", question="Which?", options=["Gross", "Net"])
    assert markdown(said("Which?\n1. Gross\n2. Net"), options).count("Gross") == 1
    assert "**Which?**\n\n- Gross\n- Net" in markdown(options)


def test_a_page_holds_the_same_and_escapes_what_it_is_given() -> None:
    evil = made("city:string n:int32", ("<script>", 1), ("a|b", 2))
    page = document("<b>?", [card(evil), data("options", question="<i>", options=["<u>"])], "html")
    assert "<script" not in page
    assert '<th>&lt;script&gt;</th><td><a class="cite exact" href="#r1"' in page
    assert "&lt;u&gt;" in page
    assert "| a\\|b |" in markdown(card(evil))
