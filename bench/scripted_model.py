"""A deterministic model server that speaks the OpenAI chat protocol; the model's name is the script.

``bench-200tok-5ms`` streams 200 tokens (``tk0q tk1q …``), one every 5 ms; ``30stamp-1000ms`` tells
the monotonic clock in each (``@123456789``, nanoseconds), ``800block-5ms`` has tokens of 10 kB. Raw
asyncio, so that it is never the bottleneck.

    python -m bench.scripted_model PORT
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

import uvloop

_SCRIPT = re.compile(r"(\d+)(tok|stamp|block)-(\d+)ms")
_BLOCK = "lorem ipsum dolor sit amet, " * 366


def _token(kind: str, index: int) -> str:
    if kind == "stamp":
        return f"@{time.monotonic_ns()} "
    return _BLOCK if kind == "block" else f"tk{index}q "


def _chunk(model: str, delta: dict[str, Any], finish: str | None = None) -> bytes:
    body: dict[str, Any] = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def _usage(model: str, tokens: int) -> bytes:
    body: dict[str, Any] = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": model,
        "choices": [],
        "usage": {"prompt_tokens": 10, "completion_tokens": tokens, "total_tokens": tokens + 10},
    }
    return b"data: " + json.dumps(body).encode() + b"\n\n"


async def _stream(writer: asyncio.StreamWriter, model: str) -> None:
    found = _SCRIPT.search(model)
    tokens, pause = (int(found[1]), int(found[3]) / 1000) if found else (3, 0.0)
    kind = found[2] if found else "tok"
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
        b"connection: close\r\n\r\n" + _chunk(model, {"role": "assistant", "content": ""})
    )
    loop = asyncio.get_running_loop()
    start = loop.time()
    for index in range(tokens):
        # Paced against the start, so that a late wake-up does not slow the whole stream down.
        delay = start + (index + 1) * pause - loop.time()
        if delay > 0:
            await asyncio.sleep(delay)
        if writer.is_closing():
            return  # the run was stopped
        writer.write(_chunk(model, {"content": _token(kind, index)}))
        if kind == "block":
            await writer.drain()
    writer.write(_chunk(model, {}, "stop") + _usage(model, tokens) + b"data: [DONE]\n\n")
    await writer.drain()


def _answer(writer: asyncio.StreamWriter, body: Any) -> None:
    data = json.dumps(body).encode()
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
        b"content-length: %d\r\n\r\n" % len(data) + data
    )


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        body: dict[str, Any] = (
            json.loads(await reader.readexactly(int(length[1]))) if length else {}
        )
        model = str(body.get("model", "bench"))
        if body.get("stream"):
            await _stream(writer, model)
        elif head.startswith(b"GET"):
            _answer(writer, {"object": "list", "data": [{"id": "bench", "object": "model"}]})
        else:
            message = {"role": "assistant", "content": "tk0q"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            _answer(
                writer,
                {
                    "id": "x",
                    "object": "chat.completion",
                    "created": 0,
                    "model": model,
                    "choices": [choice],
                    "usage": usage,
                },
            )
        await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        return  # the client went away, which is its right
    finally:
        writer.close()


async def main(port: int) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", port, backlog=2048)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
