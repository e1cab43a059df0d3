"""The doors that the OpenAPI document does not tell: sockets, resumed streams, cursors, files.

Each is asked behind both walls and behind each wall alone, like the matrix.

Runs after the matrix, by its name: what these tests type as an attacker, such as files named like
the victim's, would look like a leak in the matrix's lists.
"""

from typing import Any
from uuid import uuid4

import pytest

from datelier.kit.ids import uuid7
from datelier.kit.pagination import encode_cursor
from tests.api.isolation import Operation, all_operations, shape
from tests.api.tenants import CSV, Family
from tests.api.wire import Tab
from tests.api.world import DESCRIBED, World

PAGED = [op for op in all_operations(DESCRIBED) if op.takes("cursor")]


def label(value: object) -> str:
    return value.name if isinstance(value, Operation) else str(value)


def token_of(world: World, who: str) -> str:
    tenant = world.victim if who == "victim" else world.attacker
    return tenant.client.headers["Authorization"].removeprefix("Bearer ")


async def subscribed(world: World, who: str, **about: Any) -> list[dict[str, Any]]:
    async with Tab().opened(world.served.app, "/api/v1/ws", token_of(world, who)) as tab:
        await tab.send(type="subscribe", **about)
        return await tab.until_pong()


@pytest.mark.parametrize(("kind", "noun"), [("run", "run_id"), ("thread", "thread_id")])
async def test_socket_answers_a_foreign_subscription_like_an_unknown_one(
    world: World, kind: str, noun: str
) -> None:
    theirs, nobody = await world.theirs.get(noun), str(uuid4())
    before = await world.digest()
    foreign = await subscribed(world, "attacker", **{kind: theirs})
    assert foreign == [{"type": "error", "code": "not_found", kind: theirs}]
    assert await subscribed(world, "attacker", **{kind: nobody}) == [
        {"type": "error", "code": "not_found", kind: nobody}
    ]
    after = {"after": 1} if kind == "run" else {}
    assert await subscribed(world, "attacker", **{kind: theirs}, **after) == foreign
    assert await world.digest() == before


async def test_socket_gives_its_owner_what_it_refuses_to_others(world: World) -> None:
    run = await world.theirs.get("run_id")
    async with Tab().opened(world.served.app, "/api/v1/ws", token_of(world, "victim")) as tab:
        await tab.send(type="subscribe", run=run)
        assert (await tab.frame())["type"] == "run"
        parts = await tab.frame()
    assert [part["type"] for _, part in parts["parts"]] == ["start", "abort"]


async def test_thread_of_the_same_id_tells_nothing_of_the_other_one(world: World) -> None:
    theirs = Family(world.victim)
    thread = await theirs.get("thread_id")
    made = await world.attacker.client.post("/api/v1/threads", json={"id": thread})
    assert (made.status_code, made.json()["id"]) == (201, thread)
    async with Tab().opened(world.served.app, "/api/v1/ws", token_of(world, "attacker")) as tab:
        await tab.send(type="subscribe", thread=thread)
        assert await tab.until_pong() == []
        await theirs.get("message_id")
        await world.victim.post(f"/runs/{theirs.made['asked_run_id']}/stop")
        assert await tab.until_pong() == []
        own = await world.attacker.post(f"/threads/{thread}/messages", {"text": "mine"})
        assert [f["change"] for f in await tab.until_pong()] == ["message"]
    # Each sees and changes its own one only.
    before = await world.digest()
    mine = (await world.attacker.client.get(f"/api/v1/threads/{thread}/messages")).json()
    assert {part["text"] for m in mine["data"] for part in m["parts"]} == {"mine"}
    patch: dict[str, Any] = {"title": "mine", "source_ids": []}
    assert (await world.attacker.client.patch(f"/api/v1/threads/{thread}", json=patch)).is_success
    assert (await world.attacker.client.post(f"/api/v1/runs/{own['run_id']}/stop")).is_success
    assert (await world.attacker.client.delete(f"/api/v1/threads/{thread}")).status_code == 204
    assert await world.digest() == before
    seen = await world.victim.client.get(f"/api/v1/threads/{thread}")
    assert seen.json()["title"] == world.victim.word


async def test_chat_under_a_foreign_id_begins_a_chat_of_its_own(world: World) -> None:
    theirs = Family(world.victim)
    chat, message = await theirs.get("chat_id"), await theirs.get("message_id")
    said = {"id": message, "role": "user", "parts": [{"type": "text", "text": "mine"}]}
    before = await world.digest()
    for body in (
        {"id": chat, "message": said, "messageId": message},
        {"id": chat, "message": said, "trigger": "regenerate-message", "messageId": message},
    ):
        answer = await world.attacker.client.post("/api/v1/chat", json=body)
        assert answer.status_code == 200, answer.text
        assert world.victim.word not in answer.text
    resumed = await world.attacker.client.get(f"/api/v1/chat/{chat}/stream")
    assert resumed.status_code == 200
    assert world.victim.word not in resumed.text
    stopped = await world.attacker.client.post(f"/api/v1/chat/{chat}/stop")
    assert stopped.status_code == 204
    mine = await world.attacker.client.get(f"/api/v1/threads/{chat}/messages")
    assert {m["role"] for m in mine.json()["data"]} == {"user", "assistant"}
    assert world.victim.word not in mine.text
    assert await world.digest() == before


@pytest.mark.parametrize("seen", ["0", "1", "2", "99", "-1", str(10**20), "x"])
async def test_last_event_id_does_not_open_a_foreign_run(world: World, seen: str) -> None:
    theirs, headers = await world.theirs.get("run_id"), {"Last-Event-ID": seen}
    asked = [
        await world.attacker.client.get(f"/api/v1/runs/{run}/events", headers=headers, params=after)
        for run in (theirs, str(uuid4()))
        for after in ({}, {"after": "1"})
    ]
    assert len({(a.status_code, str(shape(a.json()))) for a in asked}) == 1
    assert asked[0].status_code in {400, 404, 422}
    own = await world.victim.client.get(
        f"/api/v1/runs/{theirs}/events", headers={"Last-Event-ID": "1"}
    )
    assert "id: 2\n" in own.text
    assert own.text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize("operation", PAGED, ids=label)
async def test_foreign_cursor_gives_nothing_foreign(world: World, operation: Operation) -> None:
    for noun in ("member_id", "invite_id", "token_id", "model_id", "source_id", "thread_id"):
        await world.theirs.get(noun)
    if operation.name == "list_threads":
        await Family(world.victim).get("thread_id")  # a second page
    if operation.name == "list_requests":
        for family in (world.theirs, Family(world.victim)):
            await family.get("request_id")
    cursors = [encode_cursor(uuid7())]
    page = await world.victim.client.get(operation.path, params={"limit": "1"})
    if page.json()["next"] is not None:
        cursors.append(page.json()["next"])
    if operation.name in {"list_threads", "list_requests"}:  # theirs say more than an id
        assert len(cursors) == 2
        cursors = cursors[1:]
    before = await world.digest()
    for cursor in cursors:
        answer = await world.attacker.client.get(operation.path, params={"cursor": cursor})
        assert answer.status_code == 200, answer.text
        assert world.victim.word not in answer.text
        assert str(world.victim.owner.membership.org_id) not in answer.text
        assert world.victim.owner.person.email not in answer.text
    assert await world.digest() == before


async def test_idempotency_key_of_another_organization_is_free(world: World) -> None:
    key = {"Idempotency-Key": uuid7().hex}
    sent = list[str]()
    for tenant, family in ((world.victim, world.theirs), (world.attacker, world.mine)):
        path = f"/threads/{await family.get('thread_id')}/messages"
        sent.append((await tenant.post(path, {"text": "x"}, headers=key))["message_id"])
    assert sent[0] != sent[1]


async def test_uploaded_file_names_lead_nowhere(world: World) -> None:
    source = await world.theirs.get("source_id")
    org = world.victim.owner.membership.org_id
    before = await world.digest()
    for name in (
        f"../../{org}/sources/{source}/x.csv",
        f"/{org}/sources/{source}.csv",
        f"..\\..\\{org}\\sources\\{source}.csv",
        f"{world.victim.word}.csv",
        f"{source}.csv",
    ):
        form = {"name": world.victim.word, "source_id": source, "id": source}
        answer = await world.attacker.client.post(
            "/api/v1/sources/upload", data=form, files={"files": (name, CSV, "text/csv")}
        )
        assert answer.status_code == 201, answer.text
        assert answer.json()["id"] != source
    assert await world.digest() == before


async def test_statement_on_an_own_source_reads_no_foreign_file(world: World) -> None:
    org, source = world.victim.owner.membership.org_id, await world.theirs.get("source_id")
    folder = world.served.resources.blobs.root / str(org) / "sources" / source
    stored = next(path for path in folder.rglob("*") if path.is_file())
    before = await world.digest()
    for sql in (
        f"select * from read_csv('{stored}')",
        f"select * from '{stored}'",
        f'select * from "{world.victim.word}"',
        f"select * from glob('{folder}/*')",
    ):
        made = await world.attacker.post(
            "/queries", {"source_id": await world.mine.get("source_id"), "sql": sql}
        )
        assert made["status"] == "failed", made
        assert "Oslo" not in str(made)
    assert await world.digest() == before
