"""A thousand viewers at one event per second, and fifty that do not read.

`make bench ARGS="viewers 10"` for ten minutes, `ARGS=stalled` only those that do not read. The
model tells the monotonic clock in each token, so a delay counts from the model's socket to the
viewer's, with the commit between. A few readers ask the model itself: their delays are what the
machine and the measurement cost, without the product.
"""

import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil
import uvloop

from bench.product import UNHELD, Product
from bench.targets import Row, at_most, table
from tests.support.ports import free_port

MINUTES: Final = 0.5
VIEWERS: Final = 1000
RUNS: Final = 20
STALLED: Final = 50
_RAMP_S: Final = 40
_AT_ONCE: Final = 50
_BLOCKS: Final = 800  # of 10 kB
_FLOODS: Final = 3
_LONGEST: Final = 1 << 24  # bytes of a line: a batch of blocks is one event
_STAMP: Final = re.compile(rb"@(\d+)")
# Rates are for people; a thousand viewers of one person are not what this measures.
_SETTINGS: Final = UNHELD | {"RATE_PER_MINUTE": "1000000"}


@dataclass
class Seen:
    """What one viewer read: the stamp of each event, and when it came."""

    stamps: list[int] = field(default_factory=list[int])
    delays: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    ended: bool = False

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Note what comes until the stream ends or breaks."""
        while not self.ended:
            line = await reader.readline()
            now = time.monotonic_ns()
            if not line:
                return
            self.ended = b"[DONE]" in line
            for found in _STAMP.findall(line):
                stamp = int(found)
                self.stamps.append(stamp)
                self.delays.append((stamp, (now - stamp) / 1e9))


class Crowd:
    """Viewers on bare sockets.

    Args:
        product: What is measured.
    """

    def __init__(self, product: Product) -> None:
        self._product = product
        self.seen: list[Seen] = []

    def request(self, run_id: str) -> bytes:
        return (
            f"GET /api/v1/runs/{run_id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {self._product.token}\r\n\r\n"
        ).encode()

    async def watch(self, run_id: str, connected: asyncio.Semaphore) -> None:
        """Read a run's events to their end."""
        seen = Seen()
        self.seen.append(seen)
        async with connected:
            reader, writer = await _ask(self._product.port, self.request(run_id))
        await seen.read(reader)
        writer.close()


async def _ask(port: int, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LONGEST)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head.partition(b"\r\n")[0], head
    return reader, writer


async def _straight(port: int, script: str) -> Seen:
    """Read what the model says without the product."""
    body = json.dumps({"model": script, "stream": True, "messages": []}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    reader, writer = await _ask(port, head.encode() + body)
    seen = Seen()
    await seen.read(reader)
    writer.close()
    return seen


def _model(product: Product, name: str, port: int) -> str:
    body = {"name": name, "provider": "generic", "model_name": name, "api_key": "sk-bench"}
    url = f"http://127.0.0.1:{port}/v1"
    return product.call("POST", "/models", body | {"endpoint_url": url})["id"]


def _begin(product: Product, model_id: str) -> str:
    thread = product.call("POST", "/threads", {"model_id": model_id})["id"]
    return product.call("POST", f"/threads/{thread}/messages", {"text": "Go."})["run_id"]


def _unique_mb(product: Product) -> float:
    """Return the memory that only the server's process has, in MB."""
    return psutil.Process(product.pid).memory_full_info().uss / 1e6


@dataclass(frozen=True, slots=True)
class Watched:
    """A crowd's reading.

    Attributes:
        straight: What readers of the model itself saw.
        expected: Events that each viewer was to see.
        since: When everybody had come, by the monotonic clock in nanoseconds.
        each_kb: Memory per viewer when everybody had come.
        grown_mb: What the server took in addition until the end, the runs' own logs included.
    """

    seen: list[Seen]
    straight: list[Seen]
    expected: int
    since: int
    each_kb: float
    grown_mb: float


async def _watch(product: Product, minutes: float, port: int, viewers: int) -> Watched:
    seconds = round(minutes * 60) + _RAMP_S
    script = f"{seconds}stamp-1000ms"
    model_id = await asyncio.to_thread(_model, product, script, port)
    runs = [await asyncio.to_thread(_begin, product, model_id) for _ in range(RUNS)]
    await asyncio.sleep(3)
    before = await asyncio.to_thread(_unique_mb, product)
    straight = [asyncio.create_task(_straight(port, script)) for _ in range(RUNS)]
    crowd, connected = Crowd(product), asyncio.Semaphore(_AT_ONCE)
    tasks = [
        asyncio.create_task(crowd.watch(runs[number % RUNS], connected))
        for number in range(viewers)
    ]
    while len(crowd.seen) < viewers or not all(seen.stamps for seen in crowd.seen):
        await asyncio.sleep(0.2)
        assert not any(task.done() and task.exception() for task in tasks), "a viewer failed"
    since = time.monotonic_ns()
    after = await asyncio.to_thread(_unique_mb, product)
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    end = await asyncio.to_thread(_unique_mb, product)
    await asyncio.gather(*tasks)
    alone = list(await asyncio.gather(*straight))
    each = (after - before) * 1000 / viewers
    return Watched(crowd.seen, alone, seconds, since, each, end - after)


def _delays(seen: list[Seen], since: int) -> list[float]:
    # What was said before everybody had come is replayed, and says nothing about delay.
    return sorted(d for one in seen for at, d in one.delays if at > since)


def _p99(delays: list[float]) -> float:
    return statistics.quantiles(delays, n=100, method="inclusive")[-1]


def _lost(watched: Watched) -> int:
    """Return how many events are missing or came twice, over all viewers."""
    return sum(
        abs(watched.expected - len(seen.stamps)) + (seen.stamps != sorted(set(seen.stamps)))
        for seen in watched.seen
    )


async def _flood(product: Product, model_id: str, stalled: int) -> tuple[float, float]:
    """Let a model say 8 MB to one reader while others do not read.

    Returns:
        The most memory that the server had meanwhile in MB, and seconds.
    """
    run_id = await asyncio.to_thread(_begin, product, model_id)
    crowd = Crowd(product)
    idle: list[socket.socket] = []
    for _ in range(stalled):
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", product.port))
        line.sendall(crowd.request(run_id))
        idle.append(line)
    began = time.monotonic()
    reader = asyncio.create_task(crowd.watch(run_id, asyncio.Semaphore(1)))
    most = 0.0
    while not reader.done():
        most = max(most, await asyncio.to_thread(_unique_mb, product))
        await asyncio.sleep(0.05)
    await reader
    took = time.monotonic() - began
    most = max(most, await asyncio.to_thread(_unique_mb, product))
    for line in idle:
        line.close()
    return most, took


@dataclass(frozen=True, slots=True)
class Stalled:
    """What stalled readers cost.

    Attributes:
        added_mb: The most memory that the server had more than without them.
        left_mb: What each flood leaves behind in the server, whoever watches.
        alone_s: How long the reader took without them.
        beside_s: How long it took with them.
    """

    added_mb: float
    left_mb: float
    alone_s: float
    beside_s: float


async def _stall(product: Product, port: int) -> Stalled:
    """Let floods with and without stalled readers take turns.

    What earlier floods left behind grows with each: one with stalled readers is compared with the
    middle of those before and after it.
    """
    model_id = await asyncio.to_thread(_model, product, f"{_BLOCKS}block-5ms", port)
    await _flood(product, model_id, 0)  # the allocator keeps what the first one takes
    alone = [await _flood(product, model_id, 0)]
    beside: list[tuple[float, float]] = []
    for _ in range(_FLOODS):
        beside.append(await _flood(product, model_id, STALLED))
        alone.append(await _flood(product, model_id, 0))
    added = [
        with_them - (before + after) / 2
        for (with_them, _), (before, _), (after, _) in zip(beside, alone, alone[1:], strict=False)
    ]
    left = (alone[-1][0] - alone[0][0]) / (2 * _FLOODS)
    return Stalled(max(0.0, statistics.median(added)), left, _took(alone), _took(beside))


def _took(floods: list[tuple[float, float]]) -> float:
    return statistics.median(seconds for _, seconds in floods)


def run(minutes: float = MINUTES, viewers: int = VIEWERS) -> None:
    """Let `viewers` watch for so many minutes, then let some not read, and print."""

    async def measure(product: Product, port: int) -> None:
        _print_watched(await _watch(product, minutes, port, viewers), minutes)
        _print_stalled(await _stall(product, port))

    _measured(measure)


def run_stalled() -> None:
    """Let some viewers not read, and print."""

    async def measure(product: Product, port: int) -> None:
        _print_stalled(await _stall(product, port))

    _measured(measure)


def _measured(measure: Callable[[Product, int], Coroutine[None, None, None]]) -> None:
    """Start the product and the model, measure, and stop them."""
    port = free_port()
    load, under_test = 0, 1
    os.sched_setaffinity(0, {load})
    model = subprocess.Popen([sys.executable, "-m", "bench.scripted_model", str(port)])
    with tempfile.TemporaryDirectory(prefix="datelier-bench-") as folder:
        product = Product(Path(folder) / "home", cpu=under_test, settings=_SETTINGS)
        try:
            product.start()
            product.sign_up()
            uvloop.run(measure(product, port))
        finally:
            product.stop()
            model.terminate()
            model.wait(10)


def _print_watched(watched: Watched, minutes: float) -> None:
    delays = _delays(watched.seen, watched.since)
    straight = _delays(watched.straight, watched.since)
    lost = _lost(watched)
    table(
        f"{len(watched.seen)} viewers at one event per second for {minutes:g} minutes ({len(delays)} events)",
        [
            Row("delay, median", f"{statistics.median(delays) * 1000:.0f} ms"),
            at_most("delay, p99", _p99(delays) * 1000, 250, "ms", 0),
            Row("delay, worst", f"{delays[-1] * 1000:.0f} ms"),
            Row("delay without the product, p99", f"{_p99(straight) * 1000:.0f} ms"),
            Row("events lost or doubled", str(lost), "0", lost == 0),
            at_most("memory of the server for each viewer", watched.each_kb, 60, "KB", 0),
            Row("memory of the server, added until the end", f"{watched.grown_mb:.1f} MB"),
        ],
    )


def _print_stalled(stalled: Stalled) -> None:
    table(
        f"{STALLED} viewers that do not read, beside one that reads 8 MB",
        [
            at_most("memory they add to the server", stalled.added_mb, 10, "MB", 1),
            Row("memory that each 8 MB run leaves, anyhow", f"{stalled.left_mb:.1f} MB"),
            Row("the reader took, without them", f"{stalled.alone_s:.1f} s"),
            Row("the reader took, with them", f"{stalled.beside_s:.1f} s"),
        ],
    )
