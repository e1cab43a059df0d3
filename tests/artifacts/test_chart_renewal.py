"""*Update the answer*: its charts and cards are drawn from the newest results, their figures checked."""

from typing import Any

import pytest

from datelier.chat.analyst.card import build_card
from datelier.chat.analyst.card_shapes import card_part
from datelier.chat.errors import NothingToUpdate
from datelier.queries.trace.formula import Reference
from datelier.queries.trace.load import load_table
from tests.artifacts.story import Story, of

LINE: dict[str, Any] = {
    "mark": "line",
    "encoding": {
        "x": {"field": "month", "type": "temporal"},
        "y": {"field": "revenue_eur", "type": "quantitative"},
    },
}
AVERAGE = {"y": {"datum": "{{= avg(Q1.revenue_eur)}}", "type": "quantitative"}}
TITLE = "Revenue reached {{Q1[2].revenue_eur | eur 0}}, 3 times as much"


def kinds(chart: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    return {
        entry["path"]: [(cite["shown"], cite["kind"]) for cite in entry["cites"]]
        for entry in chart["figures"]
    }


def versions(chart: dict[str, Any]) -> set[int]:
    cites = [cite for entry in chart["figures"] for cite in entry["cites"]]
    return {cell["version"] for cite in cites for cell in cite["cells"]}


async def test_a_chart_is_drawn_from_the_newest_result_and_its_words_say_so(story: Story) -> None:
    rule = {"mark": "rule", "encoding": AVERAGE}
    part = await story.draw(title=TITLE, spec={"layer": [LINE, rule]})
    before = await story.chart(part)
    assert kinds(before)[""] == [("€4,000", "exact"), ("3 times", "untraced")]
    await story.rerun()
    parts = await story.updated(part)
    after = await story.chart(part)
    assert after["title"] == "Revenue reached €8,000, 3 times as much"
    assert kinds(after)[""] == [("€8,000", "exact"), ("3 times", "untraced")]
    assert [row["revenue_eur"] for row in after["data"]] == [2000.0, 2501.0, 8000.0]
    datum = after["spec"]["layer"][1]["encoding"]["y"]["datum"]
    assert datum == pytest.approx(12501 / 3)
    assert (after["query_version"], after["version"], versions(after)) == (2, 2, {2})
    assert after["spec"]["data"] == {"ref": "Q1.v2"}
    assert "8,000" in after["description"]
    # The answer holds the chart as it is now, and the version that it is drawn from.
    (shown,) = of(parts, "data-chart")
    assert (shown["title"], shown["query_version"]) == (after["title"], 2)
    assert shown["result_id"] == after["result_id"] != before["result_id"]
    assert [query["version"] for query in of(parts, "data-query")] == [2]


async def test_a_figure_that_was_typed_is_held_against_the_newest_result(story: Story) -> None:
    part = await story.draw(title="Revenue in March 2025 was €4,000")
    assert kinds(await story.chart(part))[""][1] == ("€4,000", "matched")
    await story.rerun()
    await story.updated(part)
    assert kinds(await story.chart(part))[""][1] == ("€4,000", "untraced")


async def test_a_persons_own_words_need_no_receipt_and_keep_those_they_have(story: Story) -> None:
    part = await story.draw(title=TITLE)
    title = {"title": "Nearly 5000 in March"}
    assert (await story.http.patch(f"/charts/{part['data']['chart_id']}", json=title)).is_success
    await story.rerun()
    await story.updated(part)
    after = await story.chart(part)
    assert (after["title"], kinds(after)) == ("Nearly 5000 in March", {})
    assert (after["query_version"], after["version"]) == (2, 3)


async def test_a_chart_that_the_newest_result_cannot_draw_stays_as_it_was(story: Story) -> None:
    part = await story.draw(title=TITLE)
    before = await story.chart(part)
    await story.rerun("select count(*) as n from sales")
    (shown,) = of(await story.updated(part), "data-chart")
    assert shown["query_version"] == 1
    assert await story.chart(part) == before


async def test_a_chart_of_the_newest_result_is_not_drawn_again(story: Story) -> None:
    part = await story.draw(title=TITLE)
    (shown,) = of(await story.updated(part), "data-chart")
    assert shown == part["data"]
    assert (await story.chart(part))["version"] == 1


async def test_a_card_is_built_from_the_newest_result(story: Story) -> None:
    table = await load_table(story.ctx, story.thread_id, Reference(1, None))
    card = build_card(table, "")
    assert card is not None
    await story.rerun()
    (shown,) = of(await story.updated(card_part(card, 1)), "data-card")
    points = [point["value"] for group in shown["groups"] for point in group["points"]]
    assert [(p["raw"], p["ref"]["version"]) for p in points][-1] == ("8000.0", 2)
    assert (shown["query"]["version"], shown["kind"]) == (2, "trend")


async def test_an_answer_of_words_alone_has_nothing_to_update(story: Story) -> None:
    with pytest.raises(NothingToUpdate):
        await story.updated({"type": "text", "text": "Hello!"})
