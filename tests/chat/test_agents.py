"""An agent in the run: which version answers, its draft in a test, its tools, models and limits."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from datelier.kit.ids import uuid7
from tests.chat import tools
from tests.chat.conftest import Place, make_member
from tests.conftest import wait_for
from tests.support.scripted_openai import Turn


class Studio:
    """Makes agents at a place and asks them."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.http = place.http

    async def agent(self, *, publish: bool = True, **definition: Any) -> str:
        """A new agent with these fields in its definition."""
        made = await self.http.post("/agents", json={"name": "Nora", "definition": definition})
        assert made.status_code == 201, made.text
        if publish:
            await self.publish(made.json()["id"])
        return made.json()["id"]

    async def edit(self, agent_id: str, **fields: Any) -> None:
        shown = (await self.http.get(f"/agents/{agent_id}")).json()
        saved = await self.http.put(
            f"/agents/{agent_id}/draft",
            json=shown["draft"] | fields,
            headers={"If-Match": str(shown["draft_revision"])},
        )
        assert saved.status_code == 200, saved.text

    async def publish(self, agent_id: str) -> None:
        made = await self.http.post(f"/agents/{agent_id}/publish", json={})
        assert made.status_code == 201, made.text

    async def ask(self, agent_id: str, *turns: Turn, **thread: Any) -> dict[str, Any]:
        """Ask in a new thread; return the stored answer."""
        self.place.script(*turns)
        thread_id = await self.place.thread(agent_id=agent_id, **thread)
        return await self.follow(thread_id)

    async def follow(self, thread_id: str, words: str = "How many?") -> dict[str, Any]:
        sent = await self.place.send(thread_id, words)
        await self.place.parts(sent["run_id"])
        return (await self.place.messages(thread_id))[-1]

    def told(self, place: int = -1) -> str:
        """The system prompt of a model call."""
        return str(self.place.asked[place]["messages"][0]["content"])

    async def pin(self, run_id: str) -> tuple[str, str | None, int | None]:
        async with self.place.resources.db.system() as session:
            found = await session.execute(
                text("select kind, agent_id::text, agent_version from run where id = :id"),
                {"id": UUID(run_id)},
            )
            row = found.one()
        return row.kind, row.agent_id, row.agent_version

    async def model(self, name: str, url: str | None = None, price: float | None = 1) -> str:
        """Another model of the organization; by default one of the scripted server."""
        model_id = uuid7()
        async with self.place.resources.db.system() as session:
            await session.execute(
                text(
                    "insert into model (id, org_id, number, name, provider, model_name, "
                    "endpoint_url, is_active, price_input, price_output) values (:id, :org, "
                    "(select count(*) + 1 from model where org_id = :org), :name, 'generic', "
                    ":name, :url, false, :price, :price)"
                ),
                {
                    "id": model_id,
                    "org": self.place.org_id,
                    "name": name,
                    "url": url or self.place.models.url,
                    "price": price,
                },
            )
        return str(model_id)


@pytest.fixture
def studio(place: Place) -> Studio:
    return Studio(place)


def text_of(answer: dict[str, Any]) -> str:
    return "".join(part["text"] for part in answer["parts"] if part["type"] == "text")


def errors(answer: dict[str, Any]) -> tuple[str, str]:
    error = answer["metadata"]["error"]
    return error["code"], error["message"]


async def test_an_agent_answers_as_published_and_runs_know_the_version(studio: Studio) -> None:
    agent_id = await studio.agent(instructions="Speak like a pirate.")
    answer = await studio.ask(agent_id, Turn.say("Arr."))
    assert "Speak like a pirate." in studio.told()
    assert await studio.pin(answer["run_id"]) == ("chat", agent_id, 1)
    # What is edited counts only once it is published, and then from the next question on.
    await studio.edit(agent_id, instructions="Speak like a judge.")
    thread_id = await studio.place.thread(agent_id=agent_id)
    await studio.follow(thread_id)
    assert "pirate" in studio.told()
    await studio.publish(agent_id)
    later = await studio.follow(thread_id)
    assert "judge" in studio.told()
    assert await studio.pin(later["run_id"]) == ("chat", agent_id, 2)
    listed = (await studio.http.get(f"/agents/{agent_id}")).json()
    assert listed["last_run_at"] is not None


async def test_a_run_in_flight_and_one_that_waits_keep_their_version(studio: Studio) -> None:
    agent_id = await studio.agent(instructions="First edition.")
    gate = asyncio.Event()
    slow = Turn.call("count_rows", {"table": "orders"})
    held = Turn(slow.pieces, calls=slow.calls, release=gate)
    place = studio.place
    place.script(held, Turn.say("Done."))
    thread_id = await place.thread(agent_id=agent_id)
    running = await place.send(thread_id, "How many?")
    await wait_for(held.started)
    queued = await place.send(thread_id, "And now?")
    assert queued["queued"]
    await studio.edit(agent_id, instructions="Second edition.")
    await studio.publish(agent_id)
    before = len(place.asked)
    gate.set()
    for sent in (running, queued):
        await place.parts(sent["run_id"])
        assert (await studio.pin(sent["run_id"]))[2] == 1
    assert len(place.asked) >= before + 2
    assert all("First edition." in studio.told(n) for n in range(before, len(place.asked)))
    await studio.follow(thread_id)
    assert "Second edition." in studio.told()


async def test_a_test_runs_the_draft_and_is_no_chat(studio: Studio) -> None:
    agent_id = await studio.agent(publish=False, instructions="Draft one.", starters=["Hm?"])
    answer = await studio.ask(agent_id, Turn.say("Yes."), kind="test")
    assert "Draft one." in studio.told()
    assert await studio.pin(answer["run_id"]) == ("test", agent_id, None)
    thread_id = await studio.place.thread(agent_id=agent_id, kind="test")
    await studio.follow(thread_id)
    await studio.edit(agent_id, instructions="Draft two.")
    again = await studio.follow(thread_id)
    assert "Draft two." in studio.told()
    # Answering once more uses what the draft is by then.
    await studio.edit(agent_id, instructions="Draft three.")
    path = f"/threads/{thread_id}/messages/{again['id']}/regenerate"
    sent = (await studio.http.post(path, json={})).json()
    await studio.place.parts(sent["run_id"])
    assert "Draft three." in studio.told()
    listed = (await studio.http.get("/threads", params={"limit": 200})).json()["data"]
    assert thread_id not in [thread["id"] for thread in listed]
    assert (await studio.http.get(f"/threads/{thread_id}")).json()["kind"] == "test"
    assert (await studio.http.get(f"/agents/{agent_id}")).json()["last_run_at"] is None


async def test_an_agent_without_a_version_or_in_the_archive_does_not_answer(studio: Studio) -> None:
    http = studio.http
    unpublished = await studio.agent(publish=False)
    refused = await http.post("/threads", json={"agent_id": unpublished})
    assert (refused.status_code, refused.json()["code"]) == (409, "agent_unavailable")
    agent_id = await studio.agent()
    thread_id = await studio.place.thread(agent_id=agent_id)
    assert (await http.delete(f"/agents/{agent_id}")).status_code == 204
    refused = await http.post("/threads", json={"agent_id": agent_id})
    assert (refused.status_code, refused.json()["code"]) == (409, "agent_unavailable")
    # A chat that had it says so, and goes on with another one.
    code, message = errors(await studio.follow(thread_id))
    assert code == "agent_unavailable"
    assert "Nora cannot be used" in message
    analyst = (await http.get("/agents")).json()["data"][0]
    studio.place.script(Turn.say("Here I am."))
    await http.patch(f"/threads/{thread_id}", json={"agent_id": analyst["id"]})
    assert text_of(await studio.follow(thread_id)) == "Here I am."


@pytest.fixture
async def colleague(place: Place) -> AsyncGenerator[httpx.AsyncClient]:
    _, secret = await make_member(place.resources, place.org_id, "Bob")
    headers = {"authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=place.url, headers=headers, timeout=30) as http:
        yield http


async def test_an_agent_that_became_private_answers_its_owner_alone(
    studio: Studio, colleague: httpx.AsyncClient
) -> None:
    agent_id = await studio.agent(instructions="For me.")
    thread = (await colleague.post("/threads", json={"agent_id": agent_id})).json()
    await studio.http.patch(f"/agents/{agent_id}", json={"visibility": "private"})
    assert text_of(await studio.ask(agent_id, Turn.say("Here."))) == "Here."
    before = len(studio.place.asked)
    sent = await colleague.post(f"/threads/{thread['id']}/messages", json={"text": "Hm?"})
    await colleague.get(f"/runs/{sent.json()['run_id']}/events", timeout=60)
    answer = (await colleague.get(f"/threads/{thread['id']}/messages")).json()["data"][-1]
    assert errors(answer)[0] == "agent_unavailable"
    assert len(studio.place.asked) == before
    assert (await colleague.post("/threads", json={"agent_id": agent_id})).status_code == 404


async def test_a_tool_that_is_never_used_is_not_offered_and_not_run(studio: Studio) -> None:
    tools.calls.clear()
    agent_id = await studio.agent(tools={"count_rows": "never", "refuse": "ask"})
    call = Turn.call("count_rows", {"table": "orders"})
    answer = await studio.ask(agent_id, call, Turn.say("I cannot."))
    offered = [tool["function"]["name"] for tool in studio.place.asked[-1]["tools"]]
    assert "count_rows" not in offered
    assert "refuse" in offered
    assert tools.calls == []
    (shown,) = [part for part in answer["parts"] if part["type"] == "dynamic-tool"]
    assert "There is no tool named count_rows" in shown["errorText"]


async def test_parameters_reach_the_model_for_this_agent_alone(studio: Studio) -> None:
    given = {"temperature": 0.25, "top_p": 0.5, "max_output_tokens": 77, "seed": 3}
    agent_id = await studio.agent(parameters=given)
    await studio.ask(agent_id, Turn.say("Yes."))
    asked = studio.place.asked[-1]
    assert (asked["temperature"], asked["top_p"], asked["seed"]) == (0.25, 0.5, 3)
    assert 77 in (asked.get("max_tokens"), asked.get("max_completion_tokens"))
    await studio.ask(await studio.agent(), Turn.say("Yes."))
    assert "temperature" not in studio.place.asked[-1]


async def test_the_fallback_answers_when_the_model_fails_before_a_word(studio: Studio) -> None:
    broken, other = await studio.model("broken"), await studio.model("other", price=None)
    studio.place.models.script("broken", [Turn.broken()])
    studio.place.models.script("other", [Turn.say("From the other one.")])
    agent_id = await studio.agent(model_id=broken, fallback_model_id=other)
    answer = await studio.ask(agent_id, Turn.say("unused"))
    assert text_of(answer) == "From the other one."
    (note,) = [p["data"]["text"] for p in answer["parts"] if p["type"] == "data-step-note"]
    assert note.startswith("broken could not answer, so other does. ")
    assert answer["metadata"]["model"]["name"] == "other"
    assert answer["metadata"]["cost"] is None  # of the model that answered


@pytest.mark.parametrize("fallback", [None, "deleted", "broken too"])
async def test_without_a_model_that_answers_the_failure_is_said(
    studio: Studio, fallback: str | None
) -> None:
    name = f"broken {uuid7()}"
    broken = await studio.model(name)
    studio.place.models.script(name, [Turn.broken(503)])
    second = None
    if fallback is not None:
        second = await studio.model(f"second {name}")
        studio.place.models.script(f"second {name}", [Turn.broken()])
    agent_id = await studio.agent(model_id=broken, fallback_model_id=second)
    if fallback == "deleted":
        async with studio.place.resources.db.system() as session:
            await session.execute(
                text("update model set deleted_at = now() where id = :id"), {"id": UUID(second)}
            )
    answer = await studio.ask(agent_id, Turn.say("unused"))
    code, message = errors(answer)
    assert code == "model_failed"
    assert message.startswith("second" if fallback == "broken too" else name)


async def test_a_model_that_fails_in_the_middle_is_not_replaced(studio: Studio) -> None:
    cut, other = await studio.model("cutter"), await studio.model("spare")
    studio.place.models.script("cutter", [Turn.cut("Half of")])
    agent_id = await studio.agent(model_id=cut, fallback_model_id=other)
    answer = await studio.ask(agent_id, Turn.say("unused"))
    assert answer["status"] == "failed"
    assert "data-step-note" not in [part["type"] for part in answer["parts"]]


async def test_steps_are_limited(studio: Studio) -> None:
    agent_id = await studio.agent(limits={"max_steps": 2})
    before = len(studio.place.asked)
    answer = await studio.ask(agent_id, Turn.call("count_rows", {"table": "orders"}))
    assert errors(answer) == ("step_limit", "The answer was not finished after 2 steps.")
    assert len(studio.place.asked) == before + 2


async def test_an_agent_cannot_have_more_steps_than_the_installation(studio: Studio) -> None:
    agent_id = await studio.agent(limits={"max_steps": 200})
    answer = await studio.ask(agent_id, Turn.call("count_rows", {"table": "orders"}))
    assert errors(answer) == ("step_limit", "The answer was not finished after 6 steps.")


@pytest.mark.parametrize("where", ["model", "tool"])
async def test_time_is_limited_and_stops_what_is_going_on(studio: Studio, where: str) -> None:
    agent_id = await studio.agent(limits={"max_seconds": 5})
    tools.cancelled.clear()
    stalled = Turn.stall("Well") if where == "model" else Turn.call("wait", {})
    place = studio.place
    place.script(stalled)
    thread_id = await place.thread(agent_id=agent_id)
    sent = await place.send(thread_id, "How long?")
    parts = await place.parts(sent["run_id"])
    answer = (await place.messages(thread_id))[-1]
    assert errors(answer) == ("time_limit", "The answer was not finished after 5 seconds.")
    assert parts[-1]["type"] == "error"
    if where == "tool":
        assert tools.cancelled.is_set()
    else:
        assert text_of(answer) == "Well"  # what was said stays


async def test_money_is_limited_by_what_the_ledger_says(studio: Studio) -> None:
    # Ten tokens in and five out cost $0.00002 a call.
    agent_id = await studio.agent(limits={"max_cost_usd": "0.0001"})
    tokens = Turn.call("count_rows", {"table": "orders"})
    dear = Turn(calls=tokens.calls, usage=(30, 30))
    answer = await studio.ask(agent_id, dear)
    code, message = errors(answer)
    assert code == "cost_limit"
    assert "$0.0001" in message
    assert answer["metadata"]["cost"] == "0.00018"  # the second call went over it


async def test_money_that_nobody_can_count_is_not_spent(studio: Studio) -> None:
    unpriced = await studio.model("unpriced", price=None)
    agent_id = await studio.agent(model_id=unpriced, limits={"max_cost_usd": "1"})
    before = len(studio.place.models.requests)
    code, message = errors(await studio.ask(agent_id, Turn.say("unused")))
    assert code == "cost_limit"
    assert "the price of unpriced is not known" in message
    assert len(studio.place.models.requests) == before


async def test_what_an_endpoint_does_not_count_is_no_part_of_a_known_cost(studio: Studio) -> None:
    silent = Turn(calls=Turn.call("count_rows", {"table": "orders"}).calls, usage=None)
    answer = await studio.ask(await studio.agent(), silent, Turn.say("Done."))
    assert text_of(answer) == "Done."
    assert answer["metadata"]["cost"] is None
    limited = await studio.agent(limits={"max_cost_usd": "1"})
    code, message = errors(await studio.ask(limited, silent, Turn.say("unused")))
    assert code == "cost_limit"
    assert "an unknown amount was spent" in message
