"""Earlier conversations about the same source are found, by their owner alone."""

import httpx
import pytest
from sqlalchemy import text

from datelier.api.compat.studio import get_studio_context
from datelier.kit.clock import now
from datelier.kit.db import add_owned
from datelier.kit.numbers import next_number
from datelier.sources.models import Source
from tests.chat.conftest import Place, make_member
from tests.support.scripted_openai import Turn


async def make_source(place: Place, name: str) -> str:
    async with place.context().begin() as tx:
        source = Source(name=name, engine="files", config={})
        source.number = await next_number(tx, "source")
        source.catalog, source.catalog_at = {"tables": []}, now()
        await add_owned(tx, source)
        return str(source.id)


async def asked(place: Place, source: str, *questions: str) -> str:
    thread = await place.thread(source_ids=[source])
    for question in questions:
        place.script(Turn.say("Fine."))
        await place.parts((await place.send(thread, question))["run_id"])
    return thread


async def related(place: Place, **params: str) -> list[tuple[str, str]]:
    answer = await place.http.get("/threads/related", params=params)
    assert answer.status_code == 200, answer.text
    return [(one["id"], one["question"]) for one in answer.json()["data"]]


@pytest.mark.contract("Q23", "Q24")
async def test_what_was_asked_before_about_a_source_is_found(place: Place) -> None:
    shop, other = await make_source(place, "Shop"), await make_source(place, "Other")
    revenue = await asked(place, shop, "Revenue by region in 2025?", "and per month")
    cities = await asked(place, shop, "Which cities have the most customers?")
    await asked(place, other, "Revenue by region of the others")
    newest = await related(place, source_id=shop)
    assert newest == [(cities, "Which cities have the most customers?"), (revenue, "and per month")]
    alike = await related(place, source_id=shop, q="What is the revenue of each region?")
    assert alike == [(revenue, "Revenue by region in 2025?")]
    assert await related(place, source_id=shop, q="customers per city") == [
        (cities, "Which cities have the most customers?")
    ]
    assert await related(place, source_id=shop, q="revenue region", but=revenue) == []
    assert await related(place, source_id=shop, q="weather on mars") == []
    assert await related(place, source_id=shop, q="what is the") == []
    for hostile in ("revenue & ! | ( region", "'; drop table thread; --", "revenue:* <-> region"):
        await related(place, source_id=shop, q=hostile)
    async with place.context().begin() as tx:
        context = await get_studio_context(tx, shop)
    assert context.total_count == 2
    assert [str(one.id) for one in context.source_conversations] == [cities, revenue]
    assert context.issue_conversations == context.project_conversations == []


async def test_nobody_elses_questions_are_found(place: Place) -> None:
    shop = await make_source(place, "Private shop")
    await asked(place, shop, "Revenue by region?")
    _, secret = await make_member(place.resources, place.org_id, "Bob")
    headers = {"authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=place.url, headers=headers) as bob:
        for path, params in (
            ("/threads/related", {"source_id": shop, "q": "revenue by region"}),
            ("/threads/related", {"source_id": shop}),
        ):
            assert (await bob.get(path, params=params)).json() == {"data": []}
    unknown = {"source_id": "01900000-0000-7000-8000-000000000000"}
    assert (await place.http.get("/threads/related", params=unknown)).status_code == 404


async def test_a_chat_of_very_many_questions_hides_no_other_chat(place: Place) -> None:
    shop = await make_source(place, "Busy shop")
    other = await asked(place, shop, "Which cities have the most customers?")
    busy = await asked(place, shop, "Revenue by region?")
    async with place.resources.db.system() as session:
        await session.execute(
            text(
                "insert into message (id, org_id, thread_id, role, text, author_kind, author_name) "
                "select gen_random_uuid(), :org, :thread, 'user', 'Revenue number ' || n, 'user', 'Ada' "
                "from generate_series(1, 250) n"
            ),
            {"org": place.org_id, "thread": busy},
        )
    assert await related(place, source_id=shop) == [
        (busy, "Revenue number 250"),
        (other, "Which cities have the most customers?"),
    ]
