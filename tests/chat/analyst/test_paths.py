"""Which node comes after which: every edge of the analyst graph, through the public API."""

import pytest

from tests.chat.analyst.conftest import LOOK, NOTES, Desk, sorts
from tests.chat.analyst.tools import called
from tests.support.scripted_openai import Turn


@pytest.mark.contract("D7", "D8", "D9", "D12", "D14", "D16", "D17")
async def test_research_goes_from_the_router_through_its_tools_to_the_narrator(desk: Desk) -> None:
    desk.script(
        router=sorts("research"),
        research=[LOOK, NOTES],
        narrator=Turn.say("North had {{Q1[0].orders}} orders."),
    )
    got = await desk.ask(await desk.thread())
    assert got.answer["status"] == "complete", got.answer
    assert got.nodes == ["router", "research", "research", "narrator", "followups"]
    assert called == ["regions"]
    assert got.text.startswith("North had 120 orders.")
    assert [c["kind"] for c in got.data("data-citation")] == ["exact"]


@pytest.mark.contract("D10", "D18")
async def test_small_talk_is_answered_directly_and_ends_there(desk: Desk) -> None:
    desk.script(router=sorts("direct"), direct=Turn.say("Hello! Ask me about the data."))
    got = await desk.ask(await desk.thread(), "Hi")
    assert got.nodes == ["router", "direct"]
    assert got.text == "Hello! Ask me about the data."
    assert not got.data("data-followups")
