"""Figures of an answer on their way into the log: filled, checked, counted, held back, refused."""

import re
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.chat.conftest import Place
from tests.chat.test_agents import Studio
from tests.support.scripted_openai import Turn

LOOK = Turn.call("regions", {})


async def asked(
    place: Place, *turns: Turn, words: str = "Revenue?", **more: Any
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The log's parts and the stored answer."""
    place.script(*turns)
    thread_id = await place.thread()
    sent = await place.send(thread_id, words, **more)
    parts = await place.parts(sent["run_id"])
    return parts, (await place.messages(thread_id))[-1]


def text_of(answer: dict[str, Any]) -> str:
    return "\n".join(p["text"] for p in answer["parts"] if p["type"] == "text")


def cites(answer: dict[str, Any]) -> list[tuple[str, str]]:
    found = [p["data"] for p in answer["parts"] if p["type"] == "data-citation"]
    return [(c["shown"], c["kind"]) for c in found]


def footer(answer: dict[str, Any]) -> tuple[int, int] | None:
    found = [p["data"] for p in answer["parts"] if p["type"] == "data-numbers"]
    return (found[0]["traced"], found[0]["total"]) if found else None


async def test_placeholders_are_filled_with_their_receipts(place: Place) -> None:
    said = "{{Q1[0].region}} made {{Q1[0].revenue_eur | eur 0}}, {{= Q1[0].orders / sum(Q1.orders) | pct 1}} of orders."
    parts, answer = await asked(place, LOOK, Turn.say(said))
    assert text_of(answer) == "North made €12,346, 55.8% of orders."
    assert cites(answer) == [("North", "exact"), ("€12,346", "exact"), ("55.8%", "derived")]
    assert footer(answer) == (3, 3)
    money = next(p["data"] for p in answer["parts"] if p.get("data", {}).get("shown") == "€12,346")
    (cell,) = money["cells"]
    assert (money["value"], money["formula"], money["format"]) == (
        "12345.60",
        "Q1[0].revenue_eur",
        "eur 0",
    )
    assert (cell["query"], cell["version"], cell["row"], cell["key"]) == (
        "Q1",
        1,
        0,
        {"region": "North"},
    )
    assert (cell["line"], cell["source"]) == ("sum(paid) AS revenue_eur,", "Shop")
    text = text_of(answer)
    assert text[money["start"] : money["end"]] == money["shown"]
    assert not any("{{" in part.get("delta", "") for part in parts)


async def test_the_readers_locale_decides_how_figures_are_written(place: Place) -> None:
    said = "{{Q1[0].revenue_eur | eur 2}} in {{Q1[0].region}}"
    _, answer = await asked(place, LOOK, Turn.say(said), locale="de-AT")
    assert text_of(answer) == "12.345,60\u00a0€ in North"


async def test_typed_figures_are_matched_or_marked(place: Place) -> None:
    said = "North had 120 orders. South had 120 orders, up 12%. 😀 South had 95."
    _, answer = await asked(place, LOOK, Turn.say(said))
    assert cites(answer) == [
        ("120", "matched"),
        ("120", "untraced"),
        ("12%", "untraced"),
        ("95", "matched"),
    ]
    assert footer(answer) == (2, 4)
    last = [p["data"] for p in answer["parts"] if p["type"] == "data-citation"][-1]
    units = text_of(answer).encode("utf-16-le")
    assert units[last["start"] * 2 : last["end"] * 2].decode("utf-16-le") == "95"


async def test_a_model_that_lies_without_any_result_is_marked(place: Place) -> None:
    _, answer = await asked(place, Turn.say("There are 42 orders."))
    assert cites(answer) == [("42", "untraced")]


async def test_an_answer_without_figures_says_nothing_about_them(place: Place) -> None:
    parts, answer = await asked(place, Turn.say("No figures here."))
    assert footer(answer) is None
    assert not [p for p in parts if p["type"] in {"data-citation", "data-numbers"}]


async def test_a_figure_is_cited_while_the_text_still_streams(place: Place) -> None:
    parts, _ = await asked(place, LOOK, Turn.say("A {{Q1[0].orders}} b c d"))
    kinds = [p["type"] for p in parts]
    assert kinds.index("data-citation") < kinds.index("text-end")


async def test_what_cannot_be_filled_is_told_to_the_model_once(place: Place) -> None:
    before = len(place.asked)
    bad, good = (
        Turn.say("North made {{Q1[0].profit}}."),
        Turn.say("North had {{Q1[0].orders}} orders."),
    )
    _, answer = await asked(place, LOOK, bad, good)
    assert text_of(answer) == "North made (?).\nNorth had 120 orders."
    assert cites(answer) == [("(?)", "untraced"), ("120", "exact")]
    assert footer(answer) == (1, 2)
    told = place.asked[before + 2]["messages"][-1]
    assert told["role"] == "user"
    assert "{{Q1[0].profit}}: Q1 has no column profit; it has: region" in told["content"]
    _, answer = await asked(place, LOOK, bad)
    assert text_of(answer).count("(?)") == 2, "asked again once, not for ever"


async def test_block_holds_the_text_back_and_shows_it_when_it_is_clean(place: Place) -> None:
    studio = Studio(place)
    agent = await studio.agent(numbers="block")
    answer = await studio.ask(agent, LOOK, Turn.say("North had {{Q1[0].orders}} orders."))
    assert text_of(answer) == "North had 120 orders."
    assert cites(answer) == [("120", "exact")]


async def test_block_asks_again_once_and_then_refuses(place: Place) -> None:
    studio = Studio(place)
    agent = await studio.agent(numbers="block")
    lie, truth = Turn.say("North had 777 orders."), Turn.say("North had {{Q1[0].orders}} orders.")
    answer = await studio.ask(agent, LOOK, lie, truth)
    assert text_of(answer) == "North had 120 orders."
    answer = await studio.ask(agent, LOOK, lie)
    assert "777" not in str(answer["parts"])
    assert text_of(answer).startswith("I cannot give this answer: 1 of its figures")


async def test_warn_never_holds_a_text_back(place: Place) -> None:
    parts, answer = await asked(place, LOOK, Turn.say("North had 777 orders."))
    assert "777" in text_of(answer)
    assert cites(answer) == [("777", "untraced")]
    assert len([p for p in parts if p["type"] == "start-step"]) == 3


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("{{Q1[0].orders", "(?)"),
        ("{{= Q1[0].orders / (Q1[0].orders - Q1[0].orders)}}", "(?)"),
        ("{{Q9[0].orders}}", "(?)"),
        ("```\n{{Q1[0].orders}}\n```", "```\n{{Q1[0].orders}}\n```"),
        (r"\{{Q1[0].orders}}", r"\{{Q1[0].orders}}"),
        ("{{ {{Q1[0].orders}} }}", "{{ 120 }}"),
        ("{{card Q1}}\n\n{{Q1[1].orders}}", "{{card Q1}}\n\n95"),
    ],
)
async def test_odd_placeholders_come_to_a_defined_end(place: Place, said: str, shown: str) -> None:
    _, answer = await asked(place, LOOK, Turn.say(said), Turn.say("Sorry."))
    assert text_of(answer).removesuffix("\nSorry.") == shown
    assert answer["status"] == "complete"


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(1, 80), max_size=12))
async def test_any_chunking_gives_the_same_answer(place: Place, cuts: list[int]) -> None:
    said = "{{Q1[0].region}}: {{Q1[0].orders}} and {{= sum(Q1.orders)}}, not 777 {nor} {{this}}."
    at = sorted({min(cut, len(said)) for cut in cuts})
    pieces = [said[a:b] for a, b in zip([0, *at], [*at, len(said)], strict=True) if a < b]
    _, answer = await asked(place, LOOK, Turn(pieces=tuple(pieces)))
    assert text_of(answer) == "North: 120 and 215, not 777 {nor} {{this}}."
    assert [kind for _, kind in cites(answer)] == ["exact", "exact", "derived", "untraced"]
    assert re.search("777", text_of(answer))
