"""Recordings of model traffic: a YAML file that a person can review, and its replay.

The file is a series of documents: a head, each message and each set of tools once, in the order in
which they first came, and the exchanges, which name them. Credentials are never among them.
"""

import json
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import httpx
import yaml

from datelier.evals.api import Json
from datelier.evals.endpoint import Reply, Said, heard, heard_whole, refused, spoken
from datelier.evals.errors import RecordingInvalid
from datelier.evals.exchanges import (
    Request,
    differences,
    likeness,
    read_request,
    without_secrets,
)

FORMAT: Final = "datelier-recording"
VERSION: Final = 1
_PATIENCE: Final = httpx.Timeout(connect=10, read=120, write=30, pool=30)


@dataclass(slots=True)
class Recording:
    """The exchanges with one model.

    Attributes:
        model: What the model is called where it was recorded.
        price: US dollars per million tokens, `input` and `output`; None is unknown.
    """

    model: str
    price: Json = field(default_factory=dict[str, Any])
    recorded_at: str = ""
    exchanges: list[tuple[Request, Said]] = field(default_factory=list[tuple[Request, Said]])


class Recorder:
    """Passes requests on to an endpoint and keeps what is said.

    Args:
        recording: What is kept goes here.
        upstream: The endpoint, such as ``https://api.openai.com/v1``.
    """

    def __init__(self, recording: Recording, upstream: str) -> None:
        self._recording = recording
        self._url = f"{upstream.rstrip('/')}/chat/completions"
        self._http = httpx.Client(timeout=_PATIENCE, trust_env=False)
        self._lock = threading.Lock()

    def answer(self, body: Json, authorization: str) -> Reply:
        """Pass one request on. Only answers that came to their end are kept."""
        headers = {"authorization": authorization} if authorization else {}
        request = self._http.build_request("POST", self._url, json=body, headers=headers)
        try:
            response = self._http.send(request, stream=True)
        except httpx.HTTPError as error:
            return refused(502, f"The endpoint cannot be reached: {type(error).__name__}.")
        kind = response.headers.get("content-type", "application/json")
        secret = authorization.removeprefix("Bearer ").strip()
        asked = read_request(body, secret) if response.is_success else None
        return Reply(response.status_code, kind, self._pass_on(response, asked, secret))

    def _pass_on(
        self, response: httpx.Response, asked: Request | None, secret: str
    ) -> Iterator[bytes]:
        whole = bytearray()
        try:
            for chunk in response.iter_bytes():
                whole += chunk
                yield chunk
        except httpx.HTTPError:
            return  # cut off: the caller sees it too
        finally:
            response.close()
        if asked is None:
            return
        streamed = "event-stream" in response.headers.get("content-type", "")
        try:
            said = heard(bytes(whole).splitlines()) if streamed else heard_whole(bytes(whole))
        except ValueError:
            return  # no answer of the protocol: nothing that could be said again
        with self._lock:
            self._recording.exchanges.append((asked, _clean(said, secret)))

    def close(self) -> None:
        """Close the connections to the endpoint."""
        self._http.close()


class Player:
    """Says again what was recorded.

    Args:
        recording: What was said.
    """

    def __init__(self, recording: Recording) -> None:
        self._known = recording.exchanges
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Said]] = {}
        for request, said in recording.exchanges:
            self._waiting.setdefault(request.key, []).append(said)
        self.misses: list[tuple[Request, str]] = []

    def answer(self, body: Json, authorization: str) -> Reply:  # noqa: ARG002  # as the endpoint calls it
        """Answer one request as it was answered then; the last answer of several repeats."""
        asked = read_request(body)
        with self._lock:
            waiting = self._waiting.get(asked.key)
            if waiting:
                return spoken(waiting.pop(0) if len(waiting) > 1 else waiting[0], body)
            why = self._why(asked)
            self.misses.append((asked, why))
        # 404 is not held against the endpoint: the next question is asked all the same.
        return refused(404, why)

    def miss(self, question: str) -> str:
        """Return why a question was not answered; empty when every request had its recording."""
        found = [why for asked, why in self.misses if question in asked.text]
        return found[-1] if found else ""

    def _why(self, asked: Request) -> str:
        if not self._known:
            return "The recording is empty."
        near, _ = max(self._known, key=lambda one: likeness(one[0], asked))
        apart = "; ".join(differences(near, asked)[:4])
        return f"The recording has no such request. Beside the nearest one: {apart}."


def save_recording(recording: Recording, path: Path) -> None:
    """Write a recording; what was there is replaced only when all is written."""
    at = recording.recorded_at or datetime.now(UTC).isoformat(timespec="seconds")
    head: Json = {"format": FORMAT, "version": VERSION, "model": recording.model}
    documents: list[Json] = [head | {"recorded_at": at, "price": recording.price}]
    names: dict[str, str] = {}
    for number, (request, said) in enumerate(recording.exchanges, 1):
        used = [_name(names, documents, "message", dict(one)) for one in request.messages]
        exchange: Json = {"exchange": number, "key": request.key, "messages": used}
        if request.tools:
            exchange["tools"] = _name(names, documents, "tools", {"functions": request.tools})
        if request.parameters:
            exchange["parameters"] = request.parameters
        documents.append(exchange | {"answer": _answer(said)})
    partial = path.with_name(f".{path.name}.part")
    with partial.open("w", encoding="utf-8") as file:
        file.write(
            "# Model traffic recorded by `datelier eval --record`. Review it before you share it.\n"
        )
        yaml.dump_all(documents, file, _Dumper, sort_keys=False, allow_unicode=True, width=100)
    partial.replace(path)


def load_recording(path: Path) -> Recording:
    """Read a recording.

    Raises:
        RecordingInvalid: The file is none, is of another version, or was changed so that a request
            no longer is the one that its key names.
    """
    try:
        documents = list(yaml.load_all(path.read_text(encoding="utf-8"), _Loader))
        return _read(cast("list[Json]", documents), path)
    except OSError as error:
        raise RecordingInvalid(f"{path} cannot be read: {error.strerror}.") from None
    except (
        yaml.YAMLError,
        UnicodeDecodeError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ) as error:
        raise RecordingInvalid(f"{path} is no recording: {str(error)[:200]}.") from None


def _read(documents: list[Json], path: Path) -> Recording:
    head: Json = documents[0] if documents else {}
    if head.get("format") != FORMAT:
        hint = "Make one with `datelier eval SUITE --model NAME --record FILE`."
        raise RecordingInvalid(f"{path} is no recording.", hint)
    if head.get("version") != VERSION:
        raise RecordingInvalid(
            f"{path} is of version {head.get('version')}; this Datelier reads version {VERSION}.",
            "Record it again.",
        )
    recording = Recording(str(head["model"]), head.get("price") or {}, str(head["recorded_at"]))
    parts: dict[str, Json] = {}
    for one in documents[1:]:
        kind = next(iter(one))
        if kind in {"message", "tools"}:
            parts[one.pop(kind)] = one
            continue
        tools: Json = parts[one["tools"]]["functions"] if "tools" in one else {}
        messages = tuple(parts[name] for name in one["messages"])
        request = Request(messages, tools, one.get("parameters") or {})
        if request.key != one["key"]:
            raise RecordingInvalid(
                f"{path}: exchange {one['exchange']} was changed: its request has the key"
                f" {request.key}, not {one['key']}.",
                "Write the new key into the file if the change is meant.",
            )
        recording.exchanges.append((request, _said(one["answer"])))
    return recording


def _name(names: dict[str, str], documents: list[Json], kind: str, part: Json) -> str:
    """Return the name of a message or a set of tools, written before its first use."""
    known = json.dumps([kind, part], sort_keys=True)
    if known not in names:
        count = sum(name.startswith(kind) for name in names.values())
        names[known] = f"{kind} {count + 1}"
        documents.append({kind: names[known], **part})
    return names[known]


def _answer(said: Said) -> Json:
    answer: Json = {}
    if said.pieces:
        answer["text"] = said.text
        # Where the text was cut when it was streamed.
        answer["pieces"] = [len(piece) for piece in said.pieces]
    if said.reasoning:
        answer["reasoning"] = said.reasoning
    if said.calls:
        answer["calls"] = [dict(call) for call in said.calls]
    if said.usage is not None:
        answer["usage"] = {"input": said.usage[0], "output": said.usage[1]}
    return answer | {"finish": said.finish}


def _said(answer: Json) -> Said:
    usage = answer.get("usage")
    return Said(
        tuple(_cut(str(answer.get("text", "")), answer.get("pieces") or ())),
        str(answer.get("reasoning", "")),
        tuple({k: str(v) for k, v in call.items()} for call in answer.get("calls") or ()),
        (int(usage["input"]), int(usage["output"])) if usage else None,
        str(answer["finish"]),
    )


def _cut(text: str, lengths: Iterable[int]) -> Iterator[str]:
    """Cut a text as it was streamed; one that was edited is as long as it is."""
    at = 0
    for length in lengths:
        if text[at : at + length]:
            yield text[at : at + length]
        at += length
    if text[at:]:
        yield text[at:]


def _clean(said: Said, secret: str) -> Said:
    text = without_secrets(said.text, secret)
    pieces = said.pieces if text == said.text else (text,)
    calls = tuple(
        {name: without_secrets(value, secret) for name, value in call.items()}
        for call in said.calls
    )
    return Said(pieces, without_secrets(said.reasoning, secret), calls, said.usage, said.finish)


class _Dumper(yaml.SafeDumper):
    """Writes long texts as they are, line by line."""


# YAML takes these for the ends of lines, too, and reads them back as others.
_FURTHER_BREAKS: Final = re.compile(r"[\x85\u2028\u2029]")


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = '"' if _FURTHER_BREAKS.search(value) else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
