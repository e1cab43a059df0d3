"""The one request that streams ask with, and its second attempt."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from datelier.kit.context import Context
from datelier.kit.errors import DatelierError
from datelier.llms.clients import ModelClients
from datelier.llms.completions import Completions, EndpointError
from tests.llms.conftest import KEY
from tests.llms.test_failures import stream
from tests.support.scripted_openai import ScriptedOpenAI, Turn


@pytest.fixture
async def completions(server: ScriptedOpenAI) -> AsyncGenerator[Completions]:
    """The server's completions, tried at most twice."""
    async with httpx.AsyncHTTPTransport() as transport:
        yield Completions(
            transport, base_url=server.url, key=KEY, timeout=httpx.Timeout(10), attempts=2
        )


BODY = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}]}


async def test_a_server_error_is_tried_once_more(
    completions: Completions, server: ScriptedOpenAI
) -> None:
    server.script("m", [Turn.refuse(500, "internal"), Turn.say("Here.")])
    response = await completions.open(BODY)
    text = b"".join([chunk async for chunk in response.aiter_bytes()])
    await response.aclose()
    assert b"Here." in text
    assert [request["messages"] for request in server.requests] == [BODY["messages"]] * 2


@pytest.mark.parametrize(
    "turn", [Turn.refuse(401), Turn.refuse(404, "no such model"), Turn.broken(500)]
)
async def test_what_another_attempt_cannot_mend_is_tried_once(
    completions: Completions, server: ScriptedOpenAI, turn: Turn
) -> None:
    server.script("m", [turn, Turn.say("Here.")])
    with pytest.raises(EndpointError) as caught:
        await completions.open(BODY)
    assert caught.value.status_code == turn.status
    assert len(server.requests) == 1


async def test_the_last_attempt_says_what_is_wrong(
    completions: Completions, server: ScriptedOpenAI
) -> None:
    server.script("m", [Turn.refuse(503, "busy")])
    with pytest.raises(EndpointError, match="busy"):
        await completions.open(BODY)
    assert len(server.requests) == 2


async def test_a_conversation_that_is_too_long_is_told_from_other_bad_requests(
    ctx: Context, clients: ModelClients, server: ScriptedOpenAI
) -> None:
    server.script("m", [Turn.refuse(400, "maximum context length is 8192 tokens")])
    with pytest.raises(DatelierError) as caught:
        await stream(clients, ctx, server.url)
    assert caught.value.code == "context_too_long"
