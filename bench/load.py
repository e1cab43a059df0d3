"""Concurrent streaming conversations against one server, and what they cost it.

A target says how to ask one question; the driver finds the scripted tokens in whatever comes
back, so that every wire format is measured alike.
"""

import asyncio
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

_PATIENCE = 120  # seconds for one conversation
_TOKEN = re.compile(rb"tk(\d+)q")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP POST to a loopback server."""

    port: int
    path: str
    body: bytes
    headers: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """What one conversation gave: seconds to the first token, and tokens seen."""

    first: float
    tokens: int


class BrokenOff(Exception):
    """A conversation was refused, or ended before its end."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: `streams` at once. Times in seconds, CPU in seconds of the whole process tree.

    Attributes:
        first_token: Half of the conversations had their first token by then.
        worst: All of them had.
        failed: Conversations that did not end as they should; they count in nothing else.
    """

    streams: int
    first_token: float
    worst: float
    failed: int
    tokens: int
    wall: float
    cpu: float

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.wall

    @property
    def cpu_per_thousand(self) -> float:
        return self.cpu / self.tokens * 1000


async def _ask(request: Request, expected: int) -> Stream:
    async with asyncio.timeout(_PATIENCE):
        return await _converse(request, expected)


async def _converse(request: Request, expected: int) -> Stream:
    reader, writer = await asyncio.open_connection("127.0.0.1", request.port, limit=2**20)
    head = (
        f"POST {request.path} HTTP/1.1\r\nHost: 127.0.0.1:{request.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(request.body)}\r\n"
        f"Connection: close\r\n{request.headers}\r\n"
    )
    start = time.perf_counter()
    writer.write(head.encode() + request.body)
    first, seen, tail = 0.0, -1, b""
    try:
        while data := await reader.read(65536):
            window = tail + data
            found = _TOKEN.findall(window)
            if found:
                first = first or time.perf_counter() - start
                seen = max(seen, int(found[-1]))
            elif window.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")):
                raise BrokenOff(window[:400].decode(errors="replace"))
            tail = window[-12:]
            if seen >= expected - 1 and b"DONE" in window:
                break
    finally:
        writer.close()
    if seen < expected - 1:
        raise BrokenOff(f"the stream ended after token {seen + 1} of {expected}")
    return Stream(first, seen + 1)


def tree(pid: int) -> list[psutil.Process]:
    """Return the process and its descendants."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def cpu_of(processes: list[psutil.Process]) -> float:
    """Return the CPU seconds that processes have used so far, with their ended children."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            # A database backend that has ended; its time is counted with its parent's children.
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


async def measure(
    make: Callable[[int], Request], *, streams: int, expected: int, pid: int
) -> Sample:
    """Ask `streams` questions at once and return what it took.

    Args:
        make: Returns the request of conversation number n.
        expected: Tokens in each answer; a shorter answer has failed.
        pid: Root of the process tree whose CPU is counted; 0 counts nothing.

    Raises:
        BrokenOff: Every one of them failed.
    """
    requests = [make(index) for index in range(streams)]
    watched = tree(pid) if pid else []
    before, start = cpu_of(watched), time.perf_counter()
    ended = await asyncio.gather(
        *(_ask(request, expected) for request in requests), return_exceptions=True
    )
    wall = time.perf_counter() - start
    answers = [end for end in ended if isinstance(end, Stream)]
    failures = [end for end in ended if isinstance(end, BaseException)]
    if failures:
        print(f"{len(failures)} of {streams} failed; the first: {failures[0]!r}")
    if not answers:
        raise BrokenOff("no conversation came to its end") from failures[0]
    return Sample(
        streams=streams,
        first_token=statistics.median(answer.first for answer in answers),
        worst=max(answer.first for answer in answers),
        failed=len(failures),
        tokens=sum(answer.tokens for answer in answers),
        wall=wall,
        cpu=cpu_of(watched) - before,
    )


def median(samples: list[Sample]) -> Sample:
    """Return the sample of medians, and of all failures."""
    return Sample(
        streams=samples[0].streams,
        first_token=statistics.median(sample.first_token for sample in samples),
        worst=statistics.median(sample.worst for sample in samples),
        failed=sum(sample.failed for sample in samples),
        tokens=round(statistics.median(sample.tokens for sample in samples)),
        wall=statistics.median(sample.wall for sample in samples),
        cpu=statistics.median(sample.cpu for sample in samples),
    )
