"""Sending one signed request to a webhook, through the guarded client."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import orjson

from datelier.channels.endpoints import column
from datelier.channels.models import Webhook
from datelier.effects.requests import outgoing_policy
from datelier.kit.clock import now
from datelier.kit.context import Resources
from datelier.kit.guarded_http import AddressRefused, guarded_client
from datelier.webhooks import sign

READ_MAX: Final = 64 * 1024
SECONDS: Final = 20.0
_MOST_WAIT: Final = 86_400.0
_BUSY: Final = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a request.

    Attributes:
        ok: It was answered with 2xx; nothing else is success.
        detail: What happened, as a sentence.
        wait: Seconds that the receiver asked for.
        busy: The receiver is overloaded: everything for it waits.
        gone: The receiver wants no more, ever.
        final: Trying again would meet the same.
    """

    ok: bool
    detail: str
    status: int | None = None
    wait: float = 0
    busy: bool = False
    gone: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request to a webhook, with the secrets opened."""

    url: str
    event_key: str
    body: bytes
    keys: tuple[str, ...]


def outgoing(
    resources: Resources, row: Webhook, event_key: str, payload: Mapping[str, Any]
) -> Outgoing:
    """Return what is sent to a webhook, signed by the secret before too while that overlaps."""
    cipher = resources.cipher
    keys = [cipher.open(row.secret, column(row.id, row.org_id))]
    if row.previous_secret is not None and row.previous_until and row.previous_until > now():
        sealed = column(row.id, row.org_id, "previous_secret")
        keys.append(cipher.open(row.previous_secret, sealed))
    return Outgoing(row.url, event_key, orjson.dumps(payload), tuple(keys))


async def post(resources: Resources, wanted: Outgoing) -> Posted:
    """Send a request and return what became of it; never raises for what a receiver does."""
    at = int(now().timestamp())
    headers = {
        "content-type": "application/json",
        "user-agent": "Datelier-Webhooks/1",
        **sign(wanted.event_key, at, wanted.body, wanted.keys),
    }
    done: Posted | None = None
    try:
        # A connection of its own: one to the same address may be another name's.
        async with (
            asyncio.timeout(SECONDS),
            guarded_client(outgoing_policy(resources.settings), timeout=SECONDS) as http,
            http.stream("POST", wanted.url, headers=headers, content=wanted.body) as response,
        ):
            done = _judged(response.status_code, response.headers)
            await _read(response)
            return done
    except AddressRefused as error:
        return Posted(ok=False, detail=error.detail, final=True)
    except (TimeoutError, httpx.TimeoutException):
        # The status is the answer: whoever has taken a notice is not sent it again for its body.
        late = f"No answer came within {SECONDS:.0f} seconds."
        return done or Posted(ok=False, detail=late)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError):
        # No word tells open ports from closed ones.
        return done or Posted(ok=False, detail="The address could not be reached.")


async def _read(response: httpx.Response) -> None:
    read = 0
    async for piece in response.aiter_raw():
        read += len(piece)
        if read > READ_MAX:
            return


def _judged(status: int, headers: httpx.Headers) -> Posted:
    if 200 <= status < 300:
        return Posted(ok=True, detail=f"Answered {status}.", status=status)
    if status == 410:
        detail = "Answered 410: the receiver wants no more."
        return Posted(ok=False, detail=detail, status=status, gone=True, final=True)
    detail = f"Answered {status}."
    if 300 <= status < 400:
        detail = f"Answered {status}, which leads elsewhere and was not followed."
    busy = status in _BUSY
    return Posted(
        ok=False, detail=detail, status=status, wait=_asked(headers) if busy else 0, busy=busy
    )


def _asked(headers: httpx.Headers) -> float:
    """Return the seconds of Retry-After, which is a number or a date."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:9]), _MOST_WAIT)
    try:
        seconds = (parsedate_to_datetime(text) - now()).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0
    return min(max(0.0, seconds), _MOST_WAIT)
