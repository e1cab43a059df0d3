"""Requests that an agent sends outside: asked for, sent once, and never to where they must not."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from datelier.effects.tools import HTTP_REQUEST, HttpRequest
from datelier.kit.errors import DatelierError
from datelier.kit.tools import PreviewRefused, ToolContext
from tests.effects.conftest import Home
from tests.support.scripted_openai import Turn

SCHEMES = [
    "file:///etc/passwd",
    "gopher://x/",
    "dict://x/",
    "ftp://x/",
    "unix:/x",
    "data:,x",
    "jar:x",
]
# Hosts of security lists: metadata, loopback in every spelling, mapped, translated, private, own.
HOSTS = [
    "169.254.169.254", "169.254.170.2", "[fd00:ec2::254]", "192.0.0.192", "100.100.100.200",
    "127.0.0.1", "localhost", "localhost.", "0", "0.0.0.0", "[::]", "[::1]",
    "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "169.254.43518", "2852039166",
    "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::a00:1]", "[2002:7f00:1::1]", "[fec0::1]",
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255",
]  # fmt: skip


@dataclass
class Sink:
    """A server on loopback that counts who comes and answers as told."""

    port: int = 0
    answer: bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-type: text/plain\r\n\r\nhello"
    seen: list[bytes] = field(default_factory=list[bytes])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen.append(await reader.read(65536))
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@pytest.fixture
async def sink(home: Home) -> AsyncGenerator[Sink]:
    made = Sink()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    settings = home.place.resources.settings
    before, settings.http_hosts = settings.http_hosts, [f"127.0.0.1:{made.port}"]
    yield made
    settings.http_hosts = before
    server.close()
    await server.wait_closed()


def context(home: Home) -> ToolContext:
    async def nowhere(_part: dict[str, object]) -> None:
        return

    return ToolContext(
        ctx=home.place.context(),
        run_id=uuid4(),
        thread_id=uuid4(),
        message_id=uuid4(),
        tool_call_id="c1",
        source_ids=(),
        emit=nowhere,
        agent="A",
    )


@pytest.mark.parametrize("url", SCHEMES)
def test_other_schemes_are_no_arguments(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        HttpRequest(url=url)


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil"}, {"Authorization": "x"}, {"Cookie": "a=b"}, {"X": "a\r\nY: b"}, {"a b": "c"}],
)
def test_headers_of_the_client_and_secrets_are_no_arguments(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        HttpRequest(url="https://example.com/", headers=headers)


@pytest.mark.parametrize("host", HOSTS)
async def test_no_request_reaches_an_address_that_is_not_public(
    home: Home, sink: Sink, host: str
) -> None:
    home.place.resources.settings.http_hosts = []
    url = f"http://{host}:{sink.port}/latest/meta-data/"
    at = context(home)
    assert HTTP_REQUEST.preview is not None
    # Some spellings are no address at all and never become arguments.
    with pytest.raises((PreviewRefused, ValueError)):
        await HTTP_REQUEST.preview(at, HttpRequest(url=url, method="POST", body="x"))
    with pytest.raises((DatelierError, ValueError)):
        await HTTP_REQUEST.run(at, HttpRequest(url=url, method="POST", body="x"))
    assert sink.seen == []


async def test_a_name_is_not_looked_up_before_somebody_approves(home: Home) -> None:
    assert HTTP_REQUEST.preview is not None
    # Nobody answers for .invalid, so that looking it up would fail.
    asked = HttpRequest(url="https://forty-two-secret-rows.evil.invalid/x")
    shown = await HTTP_REQUEST.preview(context(home), asked)
    assert shown.data is not None
    assert "only when this is sent" in shown.data["note"]
    with pytest.raises(DatelierError, match="could not be reached"):
        await HTTP_REQUEST.run(context(home), asked)


@pytest.mark.parametrize("port", [22, 25, 5432, 6379, 11211])
async def test_ports_of_other_services_are_refused(home: Home, port: int) -> None:
    with pytest.raises(DatelierError, match="port"):
        await HTTP_REQUEST.run(context(home), HttpRequest(url=f"http://8.8.8.8:{port}/"))


async def test_an_approved_request_is_sent_once_with_a_key(home: Home, sink: Sink) -> None:
    url = f"http://127.0.0.1:{sink.port}/hook"
    at = context(home)
    given = HttpRequest(url=url, method="POST", body='{"a": 1}')
    first = await HTTP_REQUEST.run(at, given)
    again = await HTTP_REQUEST.run(at, given)
    assert first.output == {
        "status": 200,
        "content_type": "text/plain",
        "text": "hello",
        "truncated": False,
    }
    assert "not sent again" in again.text
    [sent] = sink.seen
    assert sent.startswith(b"POST /hook HTTP/1.1")
    assert f"Idempotency-Key: {at.run_id}:c1".encode().lower() in sent.lower()


async def test_a_redirect_is_told_and_not_followed(home: Home, sink: Sink) -> None:
    sink.answer = (
        b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
    )
    result = await HTTP_REQUEST.run(
        context(home), HttpRequest(url=f"http://127.0.0.1:{sink.port}/")
    )
    assert result.output["status"] == 302
    assert "was not followed" in result.text
    assert len(sink.seen) == 1


async def test_a_long_answer_is_cut(home: Home, sink: Sink) -> None:
    body = b"x" * 300_000
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    sink.answer = head + body
    result = await HTTP_REQUEST.run(
        context(home), HttpRequest(url=f"http://127.0.0.1:{sink.port}/")
    )
    assert result.output["truncated"] is True
    assert len(result.output["text"]) == 16_000


async def sender(home: Home, policy: str, *, sources: list[str] | None = None) -> str:
    """An agent that sends requests as `policy` says; with no sources it is told of no data."""
    agent = (await home.place.http.post("/agents", json={"name": f"Sender {uuid4()}"})).json()
    draft = {
        "instructions": "Send.",
        "tools": {"http_request": policy},
        "source_ids": sources,
    }
    put = await home.place.http.put(
        f"/agents/{agent['id']}/draft", json=draft, headers={"If-Match": '"1"'}
    )
    assert put.status_code == 200, put.text
    published = await home.place.http.post(f"/agents/{agent['id']}/publish", json={"note": ""})
    assert published.status_code in {200, 201}, published.text
    return agent["id"]


def post(sink: Sink, body: str) -> Turn:
    url = f"http://127.0.0.1:{sink.port}/"
    return Turn.call("http_request", {"method": "POST", "url": url, "body": body})


async def test_what_is_sent_without_asking_is_asked_about_once_the_run_has_read_anything(
    home: Home, sink: Sink
) -> None:
    agent_id = await sender(home, "auto", sources=[])
    home.place.script(post(sink, "first"), post(sink, "second"), Turn.say("Sent."))
    thread_id = await home.place.thread(agent_id=agent_id)
    run_id = (await home.place.send(thread_id, "Send both."))["run_id"]
    # What answered the first one may have told the model to send the second.
    request = await home.request(run_id)
    assert [action["args"]["body"] for action in request["actions"]] == ["second"]
    assert [sent.rpartition(b"\n")[2] for sent in sink.seen] == [b"first"]
    await home.decide(request, "reject")
    await home.place.parts(run_id)
    assert len(sink.seen) == 1
    # So may what was said before in the chat, or what a source holds.
    informed = await sender(home, "auto", sources=[home.source_id])
    other = await home.place.thread(agent_id=informed)
    for place in (thread_id, other):
        home.place.script(post(sink, "third"), Turn.say("Sent."))
        run_id = (await home.place.send(place, "Send one more."))["run_id"]
        await home.decide(await home.request(run_id), "reject")
        await home.place.parts(run_id)
    assert len(sink.seen) == 1


async def test_a_call_that_was_edited_is_made_after_all_as_it_was_edited(
    home: Home, sink: Sink
) -> None:
    home.place.script(post(sink, "first"), post(sink, "as asked"), Turn.say("Sent."))
    thread_id = await home.place.thread(agent_id=await sender(home, "auto", sources=[]))
    run_id = (await home.place.send(thread_id, "Send both."))["run_id"]
    request = await home.request(run_id)
    [action] = request["actions"]
    whole, sink.answer = sink.answer, sink.answer.replace(b"length: 5", b"length: 50")
    edited = await home.decide(request, "edit", args={**action["args"], "body": "as edited"})
    assert edited.status_code == 200, edited.text
    question = await home.request(run_id, "question")
    assert question["actions"][0]["args"]["arguments"]["body"] == "as edited"
    sink.answer = whole
    answered = await home.decide(question, "respond", args="It did not happen: do it now")
    assert answered.status_code == 200, answered.text
    await home.place.parts(run_id)
    bodies = [sent.rpartition(b"\n")[2] for sent in sink.seen]
    assert bodies == [b"first", b"as edited", b"as edited"]
    assert {effect["state"] for effect in await home.effects(run_id)} == {"done"}


async def test_a_request_without_a_whole_answer_is_sent_again_only_when_a_person_says_so(
    home: Home, sink: Sink
) -> None:
    sink.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf"
    call = Turn.call(
        "http_request", {"method": "POST", "url": f"http://127.0.0.1:{sink.port}/", "body": "x"}
    )
    home.place.script(call, Turn.say("I told somebody."))
    thread_id = await home.place.thread(agent_id=await sender(home, "ask"))
    run_id = (await home.place.send(thread_id, "Send it."))["run_id"]
    request = await home.request(run_id)
    assert request["preview"]["actions"]["1"]["method"] == "POST"
    await home.decide(request, "approve")
    question = await home.request(run_id, "question")
    assert len(sink.seen) == 1
    [effect] = await home.effects(run_id)
    assert effect["state"] == "unknown"
    await home.decide(question, "respond", args="It did not happen: do it now")
    again = await home.request(run_id, "question")
    assert (len(sink.seen), again["id"] == question["id"]) == (2, False)
    answered = await home.decide(again, "respond", args="Leave it")
    assert answered.status_code == 200, answered.text
    await home.place.parts(run_id)
    assert len(sink.seen) == 2
    [effect] = await home.effects(run_id)
    assert effect["state"] == "unknown"
    assert "looked: leave it" in effect["note"]
