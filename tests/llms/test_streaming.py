"""How a stream's chunks become messages: those that come together are handed on together."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from langchain_core.messages import HumanMessage

from datelier.llms.completions import Completions
from datelier.llms.errors import ModelBadAnswer
from datelier.llms.streaming import StreamingChatOpenAI
from tests.support.model_server import model_server, words


def model(*reads: bytes) -> StreamingChatOpenAI:
    """A model whose endpoint answers with these reads, one after another."""

    async def body() -> AsyncGenerator[bytes]:
        for read in reads:
            yield read

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body())

    completions = Completions(
        httpx.MockTransport(answer),
        base_url="http://model/v1",
        key="k",
        timeout=httpx.Timeout(5),
        attempts=1,
    )
    built: Any = StreamingChatOpenAI
    return built(model="m", api_key="k", base_url="http://model/v1", completions=completions)


def event(finish: str | None = None, **delta: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"id": "x", "choices": [choice]}).encode() + b"\n\n"


async def test_words_that_came_together_are_one_chunk_and_keep_their_order() -> None:
    end = event("stop") + b"data: [DONE]\n\n"
    together = event(content="a ") + event(content="b ") + event(reasoning_content="hm")
    reads = (together + event(content="c "), event(content="d ") + event(content="e") + end)
    chunks = [chunk async for chunk in model(*reads).answer([])]
    said = [c.additional_kwargs.get("reasoning_content") or c.content for c in chunks]
    assert [words for words in said if words] == ["a b ", "hm", "c ", "d e"]


async def test_words_before_something_unreadable_are_not_lost() -> None:
    answer = model(event(content="so far ") + b"data: {oops\n\n").answer([])
    assert (await anext(answer)).content == "so far "
    with pytest.raises(ModelBadAnswer):
        await anext(answer)


async def test_among_many_streams_each_is_read_in_larger_pieces_and_none_loses_a_word() -> None:
    async def read(url: str) -> list[str]:
        completions = Completions(
            httpx.AsyncHTTPTransport(verify=False),  # reading all certificates takes longer
            base_url=url,
            key="k",
            timeout=httpx.Timeout(60),
            attempts=1,
        )
        built: Any = StreamingChatOpenAI
        one = built(model="crowd-30tok-30ms", api_key="k", base_url=url, completions=completions)
        return [chunk.text async for chunk in one.answer([HumanMessage("?")]) if chunk.text]

    with model_server() as url:
        found = await asyncio.gather(*(read(url) for _ in range(150)))
    for pieces in found:
        assert "".join(pieces) == words(30)
        assert len(pieces) < 20
