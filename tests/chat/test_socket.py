"""The one socket of a browser tab."""

import asyncio
import contextlib
import json
from typing import Any
from uuid import uuid4

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.chat.conftest import Place, make_member
from tests.support.scripted_openai import Turn


def opened(place: Place, **headers: str) -> connect:
    url = place.url.replace("http", "ws") + "/ws"
    sent = headers or {"authorization": f"Bearer {place.secret}"}
    return connect(url, additional_headers=sent)


async def frame(socket: ClientConnection) -> dict[str, Any]:
    return json.loads(await asyncio.wait_for(socket.recv(), 20))


async def say(socket: ClientConnection, **body: object) -> None:
    await socket.send(json.dumps(body))


@pytest.mark.contract("S18", "S19")
async def test_a_run_is_followed_to_its_end_and_resumed_in_the_middle(place: Place) -> None:
    release = asyncio.Event()
    place.script(Turn.say("Forty two.", release=release))
    thread_id = await place.thread()
    async with opened(place) as socket:
        await say(socket, type="subscribe", thread=thread_id)
        await say(socket, type="ping")
        assert await frame(socket) == {"type": "pong"}
        sent = await place.send(thread_id, "how many?")
        run_id = sent["run_id"]
        await say(socket, type="subscribe", run=run_id, after=0)
        frames: list[dict[str, Any]] = []
        while not any(f["type"] == "parts" for f in frames):
            frames.append(await frame(socket))
        release.set()
        while not any(f.get("status") == "succeeded" for f in frames):
            frames.append(await frame(socket))
    parts = [entry for f in frames if f["type"] == "parts" for entry in f["parts"]]
    assert [seq for seq, _ in parts] == list(range(1, len(parts) + 1))
    assert [part for _, part in parts] == await place.parts(run_id)
    assert {"type": "thread", "thread": thread_id, "change": "message"} in frames
    async with opened(place) as socket:
        await say(socket, type="subscribe", run=run_id, after=3)
        assert (await frame(socket))["status"] == "succeeded"
        assert (await frame(socket))["parts"] == parts[3:]


async def test_a_waiting_run_says_its_place_in_the_queue(place: Place) -> None:
    release = asyncio.Event()
    place.script(Turn.say("First.", release=release), Turn.say("Next."))
    thread_id = await place.thread()
    first = await place.send(thread_id, "one")
    async with opened(place) as socket:
        await say(socket, type="subscribe", run=first["run_id"], after=0)
        while (await frame(socket))["type"] != "parts":
            pass
        waiting = [await place.send(thread_id, words) for words in ("two", "three")]
        for position, sent in enumerate(waiting, 1):
            await say(socket, type="subscribe", run=sent["run_id"], after=0)
            told = await frame(socket)
            while told["type"] != "run" or told["run"] != sent["run_id"]:
                told = await frame(socket)
            assert (told["status"], told["queue_position"]) == ("queued", position)
            seen = (await place.http.get(f"/runs/{sent['run_id']}")).json()
            assert seen["queue_position"] == position
        release.set()
        told = await frame(socket)
        while told.get("run") != waiting[1]["run_id"] or told.get("status") != "running":
            told = await frame(socket)
        assert told["queue_position"] is None


async def test_a_foreign_run_is_an_error_and_the_socket_stays(place: Place) -> None:
    unknown = "01900000-0000-7000-8000-000000000000"
    async with opened(place) as socket:
        await say(socket, type="subscribe", run=unknown)
        assert await frame(socket) == {"type": "error", "code": "not_found", "run": unknown}
        await say(socket, type="ping")
        assert await frame(socket) == {"type": "pong"}


async def closed_with(socket: ClientConnection) -> int:
    with contextlib.suppress(ConnectionClosed):
        while True:
            await asyncio.wait_for(socket.recv(), 20)
    assert socket.close_code is not None
    return socket.close_code


async def test_without_credentials_the_socket_is_closed_with_a_code(place: Place) -> None:
    async with opened(place, **{"x-nothing": "1"}) as socket:
        assert await closed_with(socket) == 4401


@pytest.mark.parametrize(
    ("sent", "code"),
    [("not json", 4400), ('{"type":"unknown"}', 4400), ("x" * 5000, 1009)],
)
async def test_frames_that_make_no_sense_close_the_socket(
    place: Place, sent: str, code: int
) -> None:
    async with opened(place) as socket:
        await socket.send(sent)
        assert await closed_with(socket) == code


async def test_a_client_that_sends_too_much_is_told_before_it_is_cut(place: Place) -> None:
    async with opened(place) as socket:
        for _ in range(295):
            await say(socket, type="ping")
        told = await frame(socket)
        while told == {"type": "pong"}:
            told = await frame(socket)
        assert told == {"type": "error", "code": "rate_limited", "retry_after": 1.0}
        await asyncio.wait_for(await socket.ping(), 20)
        assert socket.close_code is None


def by_ticket(place: Place, ticket: str) -> connect:
    return connect(f"{place.url.replace('http', 'ws')}/ws?ticket={ticket}")


@pytest.mark.contract("S65")
async def test_a_ticket_opens_one_connection_with_the_rights_of_its_maker(place: Place) -> None:
    made = (await place.http.post("/ws/ticket")).json()
    assert made["expires_in"] == 30
    async with by_ticket(place, made["ticket"]) as socket:
        await say(socket, type="subscribe", thread=await place.thread())
        await say(socket, type="ping")
        assert await frame(socket) == {"type": "pong"}
    async with by_ticket(place, made["ticket"]) as socket:
        assert await closed_with(socket) == 4401


async def test_two_connections_race_for_one_ticket(place: Place) -> None:
    ticket = (await place.http.post("/ws/ticket")).json()["ticket"]

    async def opens() -> bool:
        async with by_ticket(place, ticket) as socket:
            with contextlib.suppress(ConnectionClosed):
                await say(socket, type="ping")
                return await frame(socket) == {"type": "pong"}
        return False

    assert sorted(await asyncio.gather(*(opens() for _ in range(5)))) == [False] * 4 + [True]


async def test_a_made_up_ticket_opens_nothing(place: Place) -> None:
    async with by_ticket(place, "x.y.z") as socket:
        assert await closed_with(socket) == 4401


async def test_too_many_frames_close_the_socket(place: Place) -> None:
    async with opened(place) as socket:
        for _ in range(400):
            await say(socket, type="ping")
        assert await closed_with(socket) == 4429


async def inbox_frame(socket: ClientConnection, change: str) -> dict[str, Any]:
    while True:
        told = await frame(socket)
        if told["type"] == "inbox" and told["change"] == change:
            return told


@pytest.mark.contract("S83")
async def test_the_inbox_is_told_live_with_how_many_need_the_person(place: Place) -> None:
    place.script(Turn.call("clean", {"table": "orders"}), Turn.say("Then not."))
    async with opened(place) as socket:
        await say(socket, type="subscribe", inbox=True)
        first = await inbox_frame(socket, "subscribed")
        assert first["request"] is None
        sent = await place.send(await place.thread(), "Clean up.")
        await say(socket, type="subscribe", run=sent["run_id"], after=0)
        created = await inbox_frame(socket, "created")
        assert created["needs_me"] == first["needs_me"] + 1
        body = {
            "decision_id": str(uuid4()),
            "revision": 1,
            "decisions": [{"action_id": "1", "type": "reject"}],
        }
        url = f"/requests/{created['request']}"
        assert (await place.http.post(f"{url}/decide", json=body)).status_code == 200
        decided = await inbox_frame(socket, "decided")
        assert (decided["request"], decided["needs_me"]) == (created["request"], first["needs_me"])
        await say(socket, type="unsubscribe", inbox=True)
        await say(socket, type="ping")
        while (await frame(socket))["type"] != "pong":
            pass
        await place.http.post(f"{url}/read", json={"read": True})
        await say(socket, type="ping")
        told = await frame(socket)
        while told["type"] != "pong":
            assert told["type"] != "inbox"
            told = await frame(socket)


async def test_nobody_is_told_of_somebody_elses_chat(place: Place) -> None:
    place.script(Turn.call("clean", {"table": "orders"}), Turn.say("Then not."))
    _, secret = await make_member(place.resources, place.org_id, "Eve")
    eve = {"authorization": f"Bearer {secret}"}
    async with opened(place, **eve) as socket, opened(place) as own:
        for each in (socket, own):
            await say(each, type="subscribe", inbox=True)
            await inbox_frame(each, "subscribed")
        await place.send(await place.thread(), "Clean up.")
        created = await inbox_frame(own, "created")
        await say(socket, type="ping")
        assert await frame(socket) == {"type": "pong"}
        got = await place.http.get(f"/requests/{created['request']}", headers=eve)
        assert got.status_code == 404


async def test_a_tab_is_told_that_its_run_waits_and_goes_on(place: Place) -> None:
    place.script(Turn.call("clean", {"table": "orders"}), Turn.say("Then not."))
    sent = await place.send(await place.thread(), "Clean up.")
    async with opened(place) as socket:
        await say(socket, type="subscribe", run=sent["run_id"], after=0)
        told = await frame(socket)
        while told.get("status") != "waiting":
            told = await frame(socket)
        listed = await place.http.get("/requests", params={"view": "open", "limit": 200})
        [asked] = [r for r in listed.json()["data"] if r["run_id"] == sent["run_id"]]
        body = {
            "decision_id": str(uuid4()),
            "revision": 1,
            "decisions": [{"action_id": "1", "type": "reject"}],
        }
        await place.http.post(f"/requests/{asked['id']}/decide", json=body)
        seen = [told]
        while seen[-1].get("status") != "succeeded":
            seen.append(await frame(socket))
