"""The one socket of a browser tab."""

import asyncio
import contextlib
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.chat.conftest import Place
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
