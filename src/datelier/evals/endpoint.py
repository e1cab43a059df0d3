"""A model server on loopback that speaks OpenAI's chat completions, for as long as a `with` lasts.

What it says comes from a script, from a recording, or from another endpoint that is recorded.
"""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self, cast

from typing_extensions import override

from datelier.evals.api import Json

_MOST_BODY: Final = 64 * 1024 * 1024
_HEAD: Final = {"object": "chat.completion.chunk", "created": 0}


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said.

    Attributes:
        pieces: The text as it was streamed.
        reasoning: Its thoughts, for servers that show them.
        calls: Tool calls: `id`, `name`, and `arguments` as the model wrote them.
        usage: Tokens of the request and of the answer; None when the endpoint told none.
        finish: Why it ended.
    """

    pieces: tuple[str, ...] = ()
    reasoning: str = ""
    calls: tuple[dict[str, str], ...] = ()
    usage: tuple[int, int] | None = None
    finish: str = "stop"

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer on the wire."""

    status: int
    kind: str
    chunks: Iterable[bytes] = field(default=())


Answering = Callable[[Json, str], Reply]
"""Answers a request's body; the second argument is its ``Authorization`` header, or empty."""


class Endpoint:
    """The server; usable as a context manager.

    Args:
        answer: Answers one request; called in several threads at once.
    """

    def __init__(self, answer: Answering) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """What a model's endpoint is set to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def spoken(said: Said, body: Json) -> Reply:
    """Return what was said in the form that a request asks for: streamed, or in one piece."""
    if body.get("stream"):
        return Reply(200, "text/event-stream", _events(said, str(body.get("model", ""))))
    message: Json = {"role": "assistant", "content": said.text}
    if said.calls:
        message["tool_calls"] = [_call(call) for call in said.calls]
    if said.reasoning:
        message["reasoning_content"] = said.reasoning
    choice = {"index": 0, "message": message, "finish_reason": said.finish}
    whole: Json = {"id": "chatcmpl-0", "object": "chat.completion", "created": 0}
    whole |= {"model": body.get("model"), "choices": [choice], "usage": _usage(said)}
    return Reply(200, "application/json", [json.dumps(whole).encode()])


def refused(status: int, message: str) -> Reply:
    """Return an error in the protocol's form."""
    error = {"error": {"message": message, "type": "invalid_request_error", "code": None}}
    return Reply(status, "application/json", [json.dumps(error).encode()])


def heard(lines: Iterable[bytes]) -> Said:
    """Return what the lines of a streamed answer say.

    Raises:
        ValueError: A line is no event of the protocol.
    """
    pieces: list[str] = []
    reasoning: list[str] = []
    calls: dict[int, dict[str, str]] = {}
    usage: tuple[int, int] | None = None
    finish = "stop"
    for line in lines:
        data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
        if not data or data == b"[DONE]":
            continue
        event: Json = json.loads(data)
        usage = _read_usage(event) or usage
        for choice in event.get("choices") or ():
            delta: Json = choice.get("delta") or {}
            pieces += [delta["content"]] if delta.get("content") else []
            thought = delta.get("reasoning_content") or delta.get("reasoning")
            reasoning += [thought] if isinstance(thought, str) else []
            _read_calls(delta, calls)
            finish = choice.get("finish_reason") or finish
    ordered = tuple(calls[place] for place in sorted(calls))
    return Said(tuple(pieces), "".join(reasoning), ordered, usage, finish)


def heard_whole(raw: bytes) -> Said:
    """Return what an answer in one piece says.

    Raises:
        ValueError: It is none of the protocol.
    """
    whole: Json = json.loads(raw)
    try:
        choice: Json = whole["choices"][0]
        message: Json = choice["message"]
        calls = tuple(
            {"id": call["id"], **_function(call["function"])}
            for call in message.get("tool_calls") or ()
        )
    except (KeyError, IndexError, TypeError):
        raise ValueError("the answer is none of the protocol") from None
    text = message.get("content") or ""
    thought = message.get("reasoning_content") or ""
    finish = choice.get("finish_reason") or "stop"
    return Said((text,) if text else (), thought, calls, _read_usage(whole), finish)


def _function(function: Json) -> dict[str, str]:
    return {"name": str(function["name"]), "arguments": str(function.get("arguments") or "")}


def _read_calls(delta: Json, calls: dict[int, dict[str, str]]) -> None:
    for place, part in enumerate(delta.get("tool_calls") or ()):
        call = calls.setdefault(
            int(part.get("index", place)), {"id": "", "name": "", "arguments": ""}
        )
        call["id"] = call["id"] or str(part.get("id") or "")
        function: Json = part.get("function") or {}
        call["name"] += str(function.get("name") or "")
        call["arguments"] += str(function.get("arguments") or "")


def _read_usage(event: Json) -> tuple[int, int] | None:
    usage: Json | None = event.get("usage")
    if not usage:
        return None
    return int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)


def _events(said: Said, model: str) -> Iterator[bytes]:
    def event(delta: Json, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _line({"id": "chatcmpl-0", **_HEAD, "model": model, "choices": [choice]})

    yield event({"role": "assistant", "content": ""})
    if said.reasoning:
        yield event({"reasoning_content": said.reasoning})
    for piece in said.pieces:
        yield event({"content": piece})
    for place, call in enumerate(said.calls):
        yield event({"tool_calls": [{"index": place, **_call(call)}]})
    yield event({}, said.finish)
    if said.usage is not None:
        last: Json = {"id": "chatcmpl-0", **_HEAD, "model": model, "choices": []}
        yield _line(last | {"usage": _usage(said)})
    yield b"data: [DONE]\n\n"


def _line(event: Json) -> bytes:
    return b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"


def _call(call: dict[str, str]) -> Json:
    function = {"name": call["name"], "arguments": call["arguments"]}
    return {"id": call["id"], "type": "function", "function": function}


def _usage(said: Said) -> Json | None:
    if said.usage is None:
        return None
    asked, answered = said.usage
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
    }


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    answer: Answering

    @override
    def log_message(self, format: str, *args: Any) -> None:
        pass  # standard error is for people

    def do_GET(self) -> None:
        listed = json.dumps({"object": "list", "data": []}).encode()
        self._send(Reply(200, "application/json", [listed]))

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        if not 0 < length <= _MOST_BODY:
            self._send(refused(413, "The request is too large."))
            return
        try:
            body: object = json.loads(self.rfile.read(length))
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self._send(refused(400, "The request is no JSON object."))
            return
        key = self.headers.get("authorization") or ""
        self._send(type(self).answer(cast("Json", body), key))

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("content-type", reply.kind)
        self.send_header("transfer-encoding", "chunked")
        self.send_header("x-should-retry", "false")
        self.end_headers()
        try:
            for chunk in reply.chunks:
                if chunk:
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                    self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            self.close_connection = True  # the caller went away, which is its right


def _handler(answer: Answering) -> type[_Handler]:
    return type("Handler", (_Handler,), {"answer": staticmethod(answer)})
