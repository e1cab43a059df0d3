"""Identifiers: time-ordered UUIDs and opaque secrets."""

import os
import secrets
import threading
import time
from datetime import datetime
from uuid import UUID

_lock = threading.Lock()
_last_ms = 0
_counter = 0


def uuid7() -> UUID:
    """Return a version 7 UUID (RFC 9562) that is strictly increasing within this process.

    48 bits of Unix milliseconds, a 12-bit counter for ids made in the same millisecond,
    and 62 random bits. Rows made later sort later, which keeps B-tree inserts local.
    """
    global _last_ms, _counter  # noqa: PLW0603  # one monotonic clock per process
    with _lock:
        now_ms = time.time_ns() // 1_000_000
        if now_ms > _last_ms:
            _last_ms, _counter = now_ms, int.from_bytes(os.urandom(1), "big")
        else:
            _counter += 1
            if _counter > 0xFFF:
                _last_ms, _counter = _last_ms + 1, 0
        stamp, count = _last_ms, _counter
    rand = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(stamp << 80) | (0x7 << 76) | (count << 64) | (0b10 << 62) | rand)


def as_uuid(value: str) -> UUID | None:
    """Return the UUID that a client's id spells, or None for an id of its own making."""
    try:
        return UUID(value)
    except ValueError:
        return None


def age(made: UUID) -> float:
    """Return the seconds, by the wall clock, since :func:`uuid7` made an id; never negative."""
    return max(0.0, time.time() - (made.int >> 80) / 1000)


def first_of(moment: datetime) -> UUID:
    """Return the smallest id that :func:`uuid7` can make at `moment`, for ranges of ids."""
    milliseconds = min(max(0, int(moment.timestamp() * 1000)), 2**48 - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (0b10 << 62))


def token(prefix: str, nbytes: int = 32) -> str:
    """Return a new secret such as ``dtl_…``: `prefix`, an underscore and `nbytes` of entropy."""
    return f"{prefix}_{secrets.token_urlsafe(nbytes)}"
