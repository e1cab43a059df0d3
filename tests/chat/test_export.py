"""Answers as documents: cards, refusals and ways to go on, each figure with its receipt."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from datelier.artifacts.schemas import ChartOut
from datelier.chat.analyst.card import build_card
from datelier.chat.analyst.card_shapes import card_part
from datelier.chat.export.answer import document
from datelier.chat.export.parts import Shown
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
    # What an update adds comes last.
    newer = {"handle": "Q1", "version": 2, "sql": "select 2", "status": "done", "source_name": "S",
             "ran_at": "now", "row_count": 1}  # fmt: skip
    added = (data("query", **newer), data("numbers", traced=1, total=2))
    text = markdown(said("Five."), data("followups", questions=questions), listed, *added)
    assert "**Go on with**\n\n- By city?\n- By month?\n\n*1 of 2 numbers traced*" in text
    assert text.endswith("```sql\nselect 2\n```\n")
    assert text.count("By city?") == 1


def test_options_are_said_once() -> None:
    options = data("options", question="Which?", options=["Gross", "Net"])
    assert markdown(said("Which?\n1. Gross\n2. Net"), options).count("Gross") == 1
    assert "**Which?**\n\n- Gross\n- Net" in markdown(options)


DRAWN = UUID(int=1)
CELL = {"query": "Q1", "version": 1, "row": 2, "key": {"month": "March"}, "column": "revenue",
        "value": "4000", "source": "Shop", "ran_at": "2026-01-02T09:30:00.123456Z"}  # fmt: skip


def figure(path: str, text: str, shown: str, kind: str = "exact") -> Part:
    start = text.index(shown)
    cells, reason = ([CELL], None) if kind == "exact" else (list[Part](), "?!")
    cite: Part = {"shown": shown, "kind": kind, "start": start, "end": start + len(shown)}
    cite |= {"formula": None, "cells": cells, "reason": reason}
    return {"path": path, "text": text, "cites": [cite]}


def chart_of(rows: int) -> tuple[Part, Shown]:
    """The part of an answer, and the chart as it is since it was renamed."""
    known: Part = {"chart_id": str(DRAWN), "handle": "C1", "title": "Old, 9%", "version": 1,
             "query_handle": "Q1", "query_version": 1}  # fmt: skip
    known["figures"] = [figure("", "Old, 9%", "9%", "untraced")]
    chart = ChartOut(
        id=DRAWN, handle="C1", version=2, title="Up to €4,000 *net*", description="Bar chart",
        spec={}, result_id=DRAWN, query_id=DRAWN, query_handle="Q1", query_version=1,
        row_count=rows,
        figures=[figure("", r"Up to €4,000 \*net\*", "€4,000"),
                 figure("title.subtitle", "not 37%", "37%", "untraced"),
                 figure("layer[1].encoding.y.datum", "2,000", "2,000")],
        data=[{"month": f"<m{n}|>", "revenue": n * 0.5} for n in range(rows)],
        created_at=datetime.now(UTC),
    )  # fmt: skip
    return {"type": "data-chart", "id": str(DRAWN), "data": known}, Shown(
        charts={str(DRAWN): chart}
    )


def test_a_chart_has_the_receipts_of_its_words_and_the_values_it_is_drawn_from() -> None:
    part, charts = chart_of(60)
    text = document("Why?", [said("See {{card C1}}."), part], "md", charts)
    assert r"## C1: Up to €4,000[^1] \*net\*" in text
    assert "- not 37%[^2]\n- Annotation at 2,000[^3]\n" in text
    assert "Bar chart. Drawn from Q1 v1: 60 rows, the first 50." in text
    assert "| month | revenue |\n|---|---:|\n| <m0\\|> | 0 |\n| <m1\\|> | 0.5 |" in text
    assert (
        "| <m49\\|> | 24.5 |\n\n[^1]: €4,000 (exact) · Q1 v1, month=March, revenue = 4000" in text
    )
    assert " · Shop, 2026-01-02 09:30:00 UTC\n" in text
    assert "[^2]: 37% (untraced) · ?!" in text
    page = document("Why?", [said("See {{card C1}}."), part], "html", charts)
    assert 'See <a href="#C1">[C1]</a>.' in page
    assert re.search(
        r'<h2 id="C1">C1: Up to <a class="cite exact" .*>€4,000</a> \*net\*</h2>', page
    )
    assert '<li>not <a class="cite untraced" href="#r2"' in page
    assert '<td>&lt;m1|&gt;</td><td class="n">0.5</td>' in page
    assert "<m1" not in page


def test_a_chart_that_cannot_be_read_any_more_keeps_the_receipts_of_its_answer() -> None:
    part, _ = chart_of(2)
    text = document("Why?", [part], "md")
    assert text.endswith("## C1: Old, 9%[^1]\n\n[^1]: 9% (untraced) · ?!\n")


def test_the_markdown_of_an_answer_is_drawn_in_its_page() -> None:
    words = (
        "# Sum\n**Most: 5 & more**, `a<b`, \\*so\\* 2*3*4\n\n- one\n- *two*\n\n1. x\n\n"
        "| a | b |\n|---|---|\n| 1 | <2> |\n\n```sql\nselect *\n```\n[x](http://evil.example)"
    )
    five = {"type": "data-citation", "id": "c", "data": {
        "text": 0, "shown": "5", "kind": "exact", "start": words.index("5"),
        "end": words.index("5") + 1, "formula": None, "reason": None, "cells": [CELL],
    }}  # fmt: skip
    page = document("Why?", [said(words), five], "html")
    assert '<h3>Sum</h3><p><strong>Most: <a class="cite exact" href="#r1"' in page
    assert ">5</a> &amp; more</strong>, <code>a&lt;b</code>, *so* 2*3*4</p>" in page
    assert "<ul><li>one</li><li><em>two</em></li></ul><ol><li>x</li></ol>" in page
    assert "<th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>&lt;2&gt;</td></tr>" in page
    assert "<pre>select *</pre><p>[x](http://evil.example)</p>" in page


def test_a_page_holds_the_same_and_escapes_what_it_is_given() -> None:
    evil = made("city:string n:int32", ("<script>", 1), ("a|b", 2))
    page = document("<b>?", [card(evil), data("options", question="<i>", options=["<u>"])], "html")
    assert "<script" not in page
    assert '<th>&lt;script&gt;</th><td class="n"><a class="cite exact" href="#r1"' in page
    assert "&lt;u&gt;" in page
    assert "| a\\|b |" in markdown(card(evil))
