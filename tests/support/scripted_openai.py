"""A real HTTP server on loopback that speaks the OpenAI chat-completions protocol by script.

    async with ScriptedOpenAI() as server:
        server.script("m", [Turn.call("execute_sql_query", {"sql": "select 1"}), Turn.say("One.")])
        ... point a model of provider "generic" at server.url ...
        assert server.requests[0]["messages"][0]["role"] == "system"

Each request for a model name takes the next turn of its queue; the last turn repeats. A name
without a script answers "ok". It is asyncio streams and nothing else, so that every way in
which a server can misbehave on the wire can be scripted.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Literal

Failure = Literal[
    "status", "stall", "cut", "cut_utf8", "garbage", "error_body", "error_event", "reset", "endless"
]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as the model would write it; `arguments` is raw text, so it may be broken."""

    name: str
    arguments: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer of the server, or one way in which it fails.

    Attributes:
        pieces: The text, as it is streamed.
        usage: `(prompt, completion)` tokens, or None to send none.
        failure: What goes wrong, after `pieces` have been sent.
        pause: Seconds between two pieces.
        finish: Why it ended, in place of the usual reason.
        release: Answer only once this is set; `started` is set when the request has arrived.
        told: How many pieces of a stream are sent before `release` is waited for.
    """

    pieces: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    usage: tuple[int, int] | None = (10, 5)
    failure: Failure | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    pause: float = 0
    finish: str | None = None
    release: asyncio.Event | None = None
    told: int = 0
    started: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def say(cls, text: str, **extra: Any) -> "Turn":
        """Answer with `text`, streamed word by word."""
        words = text.split(" ")
        pieces = (*(word + " " for word in words[:-1]), words[-1])
        return cls(pieces if text else (), **extra)

    @classmethod
    def call(cls, name: str, arguments: dict[str, Any] | str, id: str | None = None) -> "Turn":  # noqa: A002  # the protocol's word
        """Call one tool; a string is sent as it is, valid JSON or not."""
        raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return cls(calls=(ToolCall(name, raw, id),))

    @classmethod
    def calling(cls, *calls: ToolCall) -> "Turn":
        """Call several tools at once."""
        return cls(calls=calls)

    @classmethod
    def empty(cls) -> "Turn":
        """End without a word."""
        return cls()

    @classmethod
    def huge(cls, characters: int) -> "Turn":
        """Answer with a lot of text."""
        return cls(pieces=("lorem ipsum " * 100,) * max(1, characters // 1200))

    @classmethod
    def refuse(cls, status: int = 401, message: str = "Incorrect API key", **extra: Any) -> "Turn":
        """Answer with an error status and the protocol's error body."""
        body = json.dumps({"error": {"message": message, "type": "error", "code": None}})
        return cls(failure="status", status=status, body=body, **extra)

    @classmethod
    def rate_limited(cls, retry_after: int = 7) -> "Turn":
        """Answer 429 with Retry-After."""
        # `x-should-retry` stops the SDK from waiting; servers send it too.
        headers = (("retry-after", str(retry_after)), ("x-should-retry", "false"))
        return cls.refuse(429, "Rate limit reached", headers=headers)

    @classmethod
    def broken(cls, status: int = 500) -> "Turn":
        """Answer with a server error."""
        return cls.refuse(status, "internal", headers=(("x-should-retry", "false"),))

    @classmethod
    def stall(cls, text: str = "") -> "Turn":
        """Send `text`, then nothing until the client goes away."""
        return replace(cls.say(text), failure="stall")

    @classmethod
    def cut(cls, text: str = "Half of") -> "Turn":
        """Send `text`, then close the connection."""
        return replace(cls.say(text), failure="cut")

    @classmethod
    def cut_utf8(cls, text: str = "Half of") -> "Turn":
        """Close the connection inside a multi-byte character."""
        return replace(cls.say(text), failure="cut_utf8")

    @classmethod
    def reset(cls) -> "Turn":
        """Close the connection without an answer."""
        return cls(failure="reset")

    @classmethod
    def garbage(cls) -> "Turn":
        """Answer 200 with bytes that mean nothing."""
        return cls(failure="garbage")

    @classmethod
    def error_body(cls, message: str = "overloaded") -> "Turn":
        """Answer 200 with an error object as body."""
        return cls(failure="error_body", body=message)

    @classmethod
    def endless(cls, what: Literal["content", "reasoning_content", "arguments"]) -> "Turn":
        """Write text, thoughts or the arguments of a call until the client goes away."""
        return cls(failure="endless", body=what)

    @classmethod
    def error_event(cls, text: str = "Half of", message: str = "overloaded") -> "Turn":
        """Send `text`, then an error event inside the stream."""
        return replace(cls.say(text), failure="error_event", body=message)


class ScriptedOpenAI:
    """The server. `url` is what a model's endpoint is set to; `requests` are parsed bodies."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.open_requests = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self._scripts: dict[str, list[Turn]] = {}
        self._responders: dict[str, Callable[[dict[str, Any]], Turn]] = {}
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._calls = 0
        self.port = 0

    @property
    def url(self) -> str:
        """Base URL of the API."""
        return f"http://127.0.0.1:{self.port}/v1"

    def script(self, model: str, turns: Sequence[Turn]) -> None:
        """Answer requests for `model` with `turns` in order; the last one repeats."""
        self._scripts[model] = list(turns)

    def respond(self, model: str, responder: Callable[[dict[str, Any]], Turn]) -> None:
        """Answer requests for `model` with what `responder(body)` returns."""
        self._responders[model] = responder

    def responder(self, model: str) -> Callable[[dict[str, Any]], Turn]:
        """Return what answers requests for `model`, for scripts that stand before another."""
        return self._responders[model]

    async def __aenter__(self) -> "ScriptedOpenAI":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._one(reader, writer):
                pass
        self._writers.discard(writer)
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        if method == "GET":
            return await _reply(writer, 200, self._listing(path))
        body: dict[str, Any] = json.loads(raw)
        self.requests.append(body)
        self.headers.append(headers)
        self.open_requests += 1
        self.idle.clear()
        try:
            return await self._answer(body, reader, writer)
        finally:
            self.open_requests -= 1
            if self.open_requests == 0:
                self.idle.set()

    def _listing(self, path: str) -> str:
        names = [*self._scripts, *self._responders] or ["m"]
        if path.startswith("/api/tags"):
            return json.dumps({"models": [{"name": name} for name in names]})
        data = [{"id": name, "object": "model", "created": 1, "owned_by": "test"} for name in names]
        return json.dumps({"object": "list", "data": data})

    def _turn(self, body: dict[str, Any]) -> Turn:
        model = str(body.get("model"))
        if model in self._responders:
            return self._responders[model](body)
        queue = self._scripts.get(model)
        if not queue:
            return Turn.say("ok")
        return queue.pop(0) if len(queue) > 1 else queue[0]

    async def _answer(
        self, body: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        turn = self._turn(body)
        turn.started.set()
        if turn.release is not None and not turn.told:
            await turn.release.wait()
        self._calls += 1
        wire = _Wire(writer, body, turn, self._calls)
        if turn.failure in {"status", "garbage", "error_body", "reset"}:
            return await wire.fail_at_once()
        if not body.get("stream"):
            if turn.failure == "stall":
                await reader.read()
                return False
            if turn.failure is not None:
                return False
            return await _reply(writer, 200, json.dumps(wire.message()))
        await wire.stream()
        if turn.failure == "stall":
            await reader.read()  # returns when the client goes away
            return False
        return turn.failure is None


class _Wire:
    """One answer on the wire."""

    def __init__(
        self, writer: asyncio.StreamWriter, body: dict[str, Any], turn: Turn, number: int
    ) -> None:
        self.writer, self.body, self.turn = writer, body, turn
        self.id = f"chatcmpl-{number}"
        self.calls: list[dict[str, Any]] = [
            {
                "id": call.id or f"call_{number}_{index}",
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for index, call in enumerate(turn.calls)
        ]
        self.finish = turn.finish or ("tool_calls" if turn.calls else "stop")

    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": "".join(self.turn.pieces)}
        if self.calls:
            message["tool_calls"] = self.calls
        if self.turn.reasoning:
            message["reasoning_content"] = "".join(self.turn.reasoning)
        choice = {"index": 0, "message": message, "finish_reason": self.finish}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self._usage()}

    async def fail_at_once(self) -> bool:
        turn = self.turn
        if turn.failure == "status":
            return await _reply(self.writer, turn.status, turn.body, turn.headers)
        if turn.failure == "error_body":
            return await _reply(self.writer, 200, json.dumps({"error": {"message": turn.body}}))
        if turn.failure == "garbage":
            self.writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
                b"data: \xff\xfe{not json\n\n\x00\x01\x02"
            )
            await self.writer.drain()
        return False

    async def stream(self) -> None:
        self.writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        self._delta({"role": "assistant", "content": ""})
        for piece in self.turn.reasoning:
            self._delta({"reasoning_content": piece})
        for index, piece in enumerate(self.turn.pieces, 1):
            self._delta({"content": piece})
            await self.writer.drain()
            if index == self.turn.told and self.turn.release is not None:
                await self.turn.release.wait()
            if self.turn.pause:
                await asyncio.sleep(self.turn.pause)
        if self.turn.failure is not None:
            await self._break()
            return
        for index, call in enumerate(self.calls):
            arguments = str(call["function"]["arguments"])
            half = len(arguments) // 2
            function = {"name": call["function"]["name"], "arguments": ""}
            self._delta({"tool_calls": [{**call, "index": index, "function": function}]})
            for part in (arguments[:half], arguments[half:]):
                self._delta({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
        self._delta({}, self.finish)
        if (self.body.get("stream_options") or {}).get("include_usage") and self.turn.usage:
            self._event(
                {**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage()}
            )
        self._chunk(b"data: [DONE]\n\n")
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def _break(self) -> None:
        if self.turn.failure == "error_event":
            self._event({"error": {"message": self.turn.body, "type": "server_error"}})
        elif self.turn.failure == "endless":
            await self._go_on()
        elif self.turn.failure == "cut_utf8":
            event = {**self._head("chat.completion.chunk"), "choices": [
                {"index": 0, "delta": {"content": "größe"}, "finish_reason": None}]}  # fmt: skip
            raw = b"data: " + json.dumps(event, ensure_ascii=False).encode()
            self._chunk(raw[: raw.index("ö".encode()) + 1])
        await self.writer.drain()

    async def _go_on(self) -> None:
        text = "and so on " * 100
        function = {"name": "count_rows", "arguments": text}
        call = {"index": 0, "id": "call_endless", "type": "function", "function": function}
        calling = self.turn.body == "arguments"
        while True:
            self._delta({"tool_calls": [call]} if calling else {self.turn.body: text})
            await self.writer.drain()
            await asyncio.sleep(0)  # the client may live in this loop

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": 1, "model": self.body.get("model")}

    def _usage(self) -> dict[str, int] | None:
        if self.turn.usage is None:
            return None
        counts = zip(("prompt_tokens", "completion_tokens"), self.turn.usage, strict=True)
        return {**dict(counts), "total_tokens": sum(self.turn.usage)}

    def _delta(self, delta: dict[str, Any], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self._event({**self._head("chat.completion.chunk"), "choices": [choice]})

    def _event(self, event: dict[str, Any]) -> None:
        self._chunk(b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n")

    def _chunk(self, raw: bytes) -> None:
        self.writer.write(b"%x\r\n%b\r\n" % (len(raw), raw))


async def _reply(
    writer: asyncio.StreamWriter, status: int, body: str, headers: tuple[tuple[str, str], ...] = ()
) -> bool:
    raw = body.encode()
    lines = [
        f"HTTP/1.1 {status} X",
        "content-type: application/json",
        f"content-length: {len(raw)}",
    ]
    lines += [f"{name}: {value}" for name, value in headers]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + raw)
    await writer.drain()
    return True
