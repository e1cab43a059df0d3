"""Answers while they are being written: stop, reload, two tabs, a queue, a power cut."""

import asyncio

from playwright.sync_api import BrowserContext, expect

from datelier.runs.fold import fold
from tests.browser.conftest import NewWatch
from tests.browser.journey import (
    ANSWER_MS,
    adopt,
    answered,
    answers,
    ask,
    model,
    settled,
    text_of,
    thread,
)
from tests.flows.asking import follow
from tests.support.installation import Installation
from tests.support.model_server import words
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread
from tests.support.watched import Watched

# What Chromium says while nobody listens on the port; nothing else is forgiven.
DEAD = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "WebSocket")


def telling(
    house: Installation, scripted: ScriptedThread, count: int, told: int
) -> tuple[str, Turn]:
    """Return a chat whose model says `count` words, and its turn: it is released after `told`.

    However slow the machine is, the answer is in the middle until then.
    """
    pieces = tuple(f"{word} " for word in words(count).split())
    turn = Turn(pieces, release=asyncio.Event(), told=told)
    name = f"{count} words, {told} at once"
    scripted.script(name, [turn])
    return thread(house, model(house, scripted.url, name)), turn


def test_stopping_in_mid_answer_keeps_what_was_said(
    ada: Watched, house: Installation, tokens: str
) -> None:
    page = ada.page
    chat = thread(house, model(house, tokens, "900tok-30ms"))
    page.goto(f"{house.url}/chats/{chat}")
    ask(page, "Tell me")
    expect(answers(page)).to_contain_text("tk9q ")
    page.get_by_test_id("stop").click()
    expect(page.get_by_test_id("stop")).to_have_count(0)
    expect(answers(page)).to_have_attribute("data-state", "stopped")
    expect(answers(page)).to_contain_text("tk9q ")
    kept = text_of(settled(house, chat)[0]).strip()
    assert words(900).startswith(kept)
    assert kept != words(900).strip()
    expect(answers(page)).to_contain_text(kept)


def test_a_reload_in_mid_answer_goes_on_and_ends_like_the_stored_message(
    ada: Watched, house: Installation, scripted: ScriptedThread
) -> None:
    page = ada.page
    chat, turn = telling(house, scripted, 150, told=30)
    page.goto(f"{house.url}/chats/{chat}")
    ask(page, "Tell me")
    expect(answers(page)).to_contain_text("tk9q ")
    page.reload()
    expect(answers(page)).to_contain_text("tk20q ")
    expect(page.get_by_test_id("stop")).to_be_visible()
    scripted.release(turn)
    answered(page)
    expect(answers(page).get_by_test_id("answer-text")).to_have_text(words(150).strip())
    assert text_of(settled(house, chat)[0]) == words(150)


def test_two_tabs_show_the_same(
    ada: Watched,
    member: BrowserContext,
    watch: NewWatch,
    house: Installation,
    scripted: ScriptedThread,
) -> None:
    chat, turn = telling(house, scripted, 140, told=40)
    first, second = ada.page, watch(member.new_page(), house.url).page
    first.goto(f"{house.url}/chats/{chat}")
    second.goto(f"{house.url}/chats/{chat}")
    expect(second.get_by_test_id("composer")).to_be_visible()
    ask(first, "Tell me")
    # The second tab was open before the question and follows it live.
    expect(answers(second)).to_contain_text("tk30q ")
    expect(second.get_by_test_id("stop")).to_be_visible()
    scripted.release(turn)
    for page in (first, second):
        answered(page)
        expect(answers(page).get_by_test_id("answer-text")).to_have_text(words(140).strip())


def test_a_second_question_waits_for_the_first_answer(
    ada: Watched, house: Installation, scripted: ScriptedThread
) -> None:
    page = ada.page
    chat, turn = telling(house, scripted, 120, told=10)
    page.goto(f"{house.url}/chats/{chat}")
    ask(page, "First question")
    expect(answers(page)).to_contain_text("tk5q ")
    ask(page, "Second question")
    waiting = page.get_by_test_id("composer").get_by_role("listitem")
    expect(waiting).to_contain_text("Second question")
    expect(waiting).to_contain_text("Sends when this finishes")
    scripted.release(turn)
    expect(waiting).to_have_count(0, timeout=ANSWER_MS)
    answered(page, 2)
    asked = page.get_by_role("log").get_by_role("article")
    expect(asked.nth(0)).to_contain_text("First question")
    expect(asked.nth(1)).to_contain_text("Second question")
    assert [text_of(one) for one in settled(house, chat, 2)] == [words(120)] * 2


def test_after_a_power_cut_the_open_browser_shows_the_answer_once(
    ada: Watched, house: Installation, scripted: ScriptedThread
) -> None:
    page = ada.page
    ada.forgive(*DEAD)
    chat, turn = telling(house, scripted, 200, told=60)
    page.goto(f"{house.url}/chats/{chat}")
    ask(page, "Tell me")
    expect(answers(page)).to_contain_text("tk40q ")
    house.kill_everything()
    scripted.release(turn)
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    expect(answers(page)).to_contain_text("tk40q ")
    house.start()
    answered(page)
    message = settled(house, chat)[0]
    folded = fold(part for _, part in follow(house.http, message["run_id"]))
    assert message["parts"] == folded
    assert text_of({"parts": folded}) == words(200)
    expect(answers(page).get_by_test_id("answer-text")).to_have_text(words(200).strip())
    # A second reader, who saw none of it, reads the same.
    adopt(page.context, house)
    page.reload()
    expect(answers(page).get_by_test_id("answer-text")).to_have_text(words(200).strip())
