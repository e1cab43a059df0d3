"""Multipart bodies as a stream: nothing is held beyond the chunk that came last.

FastAPI's own form parsing stores every file in a temporary file before a limit can be checked.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from datelier.kit.errors import Malformed, Unsupported
from datelier.sources.errors import UploadStalled

STALL_SECONDS: Final = 30.0
MAX_PARTS: Final = 50
MAX_HEADER_BYTES: Final = 8 * 1024


@dataclass(slots=True)
class Part:
    """The beginning of a part. `filename` is None for a plain field; neither is to be trusted."""

    name: str
    filename: str | None


Event = Part | bytes | None
"""The beginning of a part, some of its bytes, or its end."""


@dataclass(slots=True)
class _Collector:
    events: list[Event] = field(default_factory=list[Event])
    headers: dict[str, bytes] = field(default_factory=dict[str, bytes])
    name: bytes = b""
    value: bytes = b""
    parts: int = 0

    def part_begin(self) -> None:
        self.headers, self.name, self.value = {}, b"", b""
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise Malformed(f"At most {MAX_PARTS} files and fields can be sent at once.")

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self.name += data[start:end]
        self._check()

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]
        self._check()

    def _check(self) -> None:
        if len(self.name) + len(self.value) > MAX_HEADER_BYTES:
            raise Malformed("A part's header is too long.")

    def header_end(self) -> None:
        self.headers[self.name.lower().decode("latin-1")] = self.value
        self.name, self.value = b"", b""

    def headers_finished(self) -> None:
        kind, options = parse_options_header(self.headers.get("content-disposition", b""))
        if kind != b"form-data":
            raise Malformed("A part of the form says nothing about itself.")
        filename = options.get(b"filename")
        self.events.append(
            Part(
                options.get(b"name", b"").decode("utf-8", "replace"),
                None if filename is None else filename.decode("utf-8", "replace"),
            )
        )

    def part_data(self, data: bytes, start: int, end: int) -> None:
        self.events.append(data[start:end])

    def part_end(self) -> None:
        self.events.append(None)


async def read_multipart(content_type: str, body: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """Yield the parts of a form as they come.

    Raises:
        Unsupported: Not a multipart form.
        Malformed: Not readable, ended early, or too many parts.
        UploadStalled: Nothing came for `STALL_SECONDS`.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise Unsupported("Files are sent as multipart/form-data.")
    collector = _Collector()
    callbacks: Any = {
        "on_part_begin": collector.part_begin,
        "on_header_field": collector.header_field,
        "on_header_value": collector.header_value,
        "on_header_end": collector.header_end,
        "on_headers_finished": collector.headers_finished,
        "on_part_data": collector.part_data,
        "on_part_end": collector.part_end,
    }
    parser = MultipartParser(boundary, callbacks)
    depth = 0
    async for chunk in _timed(body):
        try:
            parser.write(chunk)
        except FormParserError:
            raise Malformed("The form cannot be read.") from None
        events, collector.events = collector.events, []
        for event in events:
            depth += 1 if isinstance(event, Part) else -1 if event is None else 0
            yield event
    if depth or not collector.parts:
        raise Malformed("The form ended before its last part was complete.")


async def _timed(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(STALL_SECONDS):
                chunk = await anext(body)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise UploadStalled(f"Nothing was received for {STALL_SECONDS:g} seconds.") from None
        if chunk:
            yield chunk
