"""Waiting for what other processes do, without sleeping."""

import asyncio
import select
import time
from collections.abc import Callable
from pathlib import Path


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state.rsplit(")", 1)[1].split()[0] not in "ZX"


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Poll until `condition` holds; fail when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        select.select([], [], [], 0.02)


async def until_soon(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Let other tasks run until `condition` holds; fail when it does not within `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.to_thread(select.select, [], [], [], 0.02)
