"""What a better title may cost, and that its call is counted however it ends."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.chat.prompts import title_prompt
from datelier.llms.breaker import Breakers
from tests.chat.conftest import Place
from tests.runs.processes import until
from tests.support.scripted_openai import Turn


async def agent(place: Place, **limits: Any) -> str:
    body = {"name": "Thrifty", "definition": {"limits": limits}}
    made = (await place.http.post("/agents", json=body)).json()["id"]
    published = await place.http.post(f"/agents/{made}/publish", json={})
    assert published.status_code == 201, published.text
    return made


async def talk(place: Place, **thread: Any) -> str:
    """Ask twice: a title is thought of after the second answer."""
    thread_id = await place.thread(**thread)
    for words in ("first question", "and more"):
        await place.parts((await place.send(thread_id, words))["run_id"])
    return thread_id


async def paid(place: Place, thread_id: str) -> list[tuple[int | None, str | None]]:
    """Tokens and cost of the title's calls in the ledger."""
    async with place.resources.db.system() as session:
        found = await session.execute(
            text(
                "select input_tokens, cost::text from llm_usage "
                "where thread_id = :thread and node = 'title'"
            ),
            {"thread": UUID(thread_id)},
        )
        return [(row[0], row[1]) for row in found]


async def test_an_agent_that_has_spent_what_it_may_pays_for_no_title(place: Place) -> None:
    place.script(Turn.say("ok", usage=(100, 0)))  # $0.0001 an answer
    limited = await talk(place, agent_id=await agent(place, max_cost_usd="0.0001"))
    other = await talk(place, agent_id=await agent(place, max_cost_usd="0.0002"))

    async def counted() -> bool | None:
        return len(await paid(place, other)) == 1 or None

    await until(counted, "the title's call is counted")
    assert await paid(place, limited) == []
    shown = (await place.http.get(f"/threads/{limited}")).json()
    assert shown["title"] == "first question"


async def test_a_title_that_does_not_come_is_in_the_ledger_all_the_same(place: Place) -> None:
    def respond(body: dict[str, Any]) -> Turn:
        titled = title_prompt() in str(body["messages"][0]["content"])
        return Turn.stall() if titled else Turn.say("ok")

    place.resources.register(Breakers, Breakers())
    place.models.respond("m", respond)
    thread_id = await talk(place, agent_id=await agent(place, max_seconds=5))

    async def counted() -> bool | None:
        return await paid(place, thread_id) == [(None, None)] or None

    await until(counted, "the title's call is counted")
    # What nobody knows is not nothing: the cost of the thread is no longer known.
    shown = (await place.http.get(f"/threads/{thread_id}")).json()
    assert shown["usage"]["cost"] is None
