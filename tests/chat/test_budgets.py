"""Budgets, quotas and breakers around real answers."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from datelier.llms.breaker import FAILURES
from datelier.llms.budget_schemas import BudgetIn
from datelier.llms.budgets import create_budget, delete_budget, list_budgets
from tests.chat.conftest import Place
from tests.support.scripted_openai import Turn


@pytest.fixture(autouse=True)
async def _nothing_left(place: Place) -> AsyncGenerator[None]:
    """The place is shared: take budgets away again."""
    yield
    async with place.context().begin() as ctx:
        for budget in await list_budgets(ctx):
            await delete_budget(ctx, budget.id)


async def set_budget(place: Place, **changes: Any) -> None:
    values = {"subject": "organization", "unit": "usd", "period": "day", **changes}
    async with place.context().begin() as ctx:
        await create_budget(ctx, BudgetIn.model_validate(values))


async def ask(place: Place, words: str = "How many orders?") -> dict[str, Any]:
    thread_id = await place.thread()
    sent = await place.send(thread_id, words)
    await place.parts(sent["run_id"])
    return (await place.messages(thread_id))[-1]


async def window(place: Place) -> tuple[str, str]:
    async with place.context().begin() as ctx:
        [budget] = await list_budgets(ctx)
    [found] = budget.windows
    return format(found.spent.normalize(), "f"), format(found.reserved.normalize(), "f")


@pytest.mark.contract("D95")
async def test_an_answer_is_counted_against_the_budget_and_nothing_stays_reserved(
    place: Place,
) -> None:
    await set_budget(place, hard_limit=5)
    place.script(Turn.say("42."))
    answer = await ask(place)
    assert answer["status"] == "complete"
    assert await window(place) == ("0.00002", "0")
    assert (
        place.asked[-1]["max_completion_tokens"] == 8192
    )  # an answer without an end fits no budget


async def test_a_used_up_budget_ends_the_answer_with_words_and_asks_no_model(place: Place) -> None:
    await set_budget(place, hard_limit="0.001")
    place.script(Turn.say("42."))
    asked = len(place.asked)
    answer = await ask(place)
    assert answer["status"] == "failed"
    assert answer["metadata"]["error"]["code"] == "budget_exceeded"
    assert len(place.asked) == asked


async def test_an_endpoint_that_fails_still_settles_what_was_set_aside(place: Place) -> None:
    await set_budget(place, unit="tokens", hard_limit=1_000_000)
    place.script(Turn.say("42.", failure="cut", usage=None))
    answer = await ask(place)
    assert answer["status"] == "failed"
    spent, reserved = await window(place)
    assert int(spent) > 8192  # what it used is not known, so all of it counts
    assert reserved == "0"


@pytest.mark.contract("D95", "X35")
async def test_a_quota_of_messages_answers_429_before_anything_is_stored(place: Place) -> None:
    await set_budget(place, unit="messages", hard_limit=1)
    place.script(Turn.say("42."))
    await ask(place)
    thread_id = await place.thread()
    refused = await place.http.post(f"/threads/{thread_id}/messages", json={"text": "And now?"})
    assert refused.status_code == 429
    assert refused.json()["code"] == "budget_exceeded"
    assert int(refused.headers["retry-after"]) > 0
    assert await place.messages(thread_id) == []
    chat = {
        "id": thread_id,
        "message": {"id": "a", "role": "user", "parts": [{"type": "text", "text": "?"}]},
    }
    assert (await place.http.post("/chat", json=chat)).status_code == 429


async def test_a_run_in_the_background_counts_against_the_quota_of_messages(place: Place) -> None:
    await set_budget(place, unit="messages", hard_limit=1)
    place.script(Turn.say("42."))
    goal = {"goal": "Count orders.", "report": "none"}
    first = await place.http.post("/runs", json=goal)
    assert first.status_code == 202
    assert await window(place) == ("1", "0")
    refused = await place.http.post("/runs", json=goal)
    assert (refused.status_code, refused.json()["code"]) == (429, "budget_exceeded")
    assert int(refused.headers["retry-after"]) > 0
    await place.parts(first.json()["id"])


@pytest.mark.contract("C89")
async def test_an_endpoint_that_keeps_failing_is_not_asked_for_a_while(place: Place) -> None:
    place.script(Turn(failure="status", status=500))
    for _ in range(FAILURES):
        await ask(place)
    asked = len(place.asked)
    answer = await ask(place)
    assert answer["metadata"]["error"]["code"] == "model_resting"
    assert len(place.asked) == asked
