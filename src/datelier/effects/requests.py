"""Sending an HTTP request outside for an agent, at most once, through the guarded client."""

import asyncio
import codecs
from dataclasses import dataclass
from typing import Any, Final

import httpx

from datelier.effects import ledger
from datelier.effects.ledger import Entry, Intent
from datelier.kit.errors import BadGateway
from datelier.kit.guarded_http import (
    AddressPolicy,
    AddressRefused,
    NotLookedUp,
    checked_addresses,
    guarded_client,
    spelled_address,
    system_resolve,
)
from datelier.kit.settings import Settings
from datelier.kit.tools import OutcomeUnknown, Preview, PreviewRefused, ToolContext

SAFE: Final = frozenset({"GET", "HEAD"})
READ_MAX: Final = 64 * 1024
TEXT_MAX: Final = 16_000
_SECONDS: Final = 30.0
_WHOLE_S: Final = 120.0  # an answer may come in pieces, and each within the time of one
# No event tells open ports from closed ones: what could not be reached says no more.
_NOT_REACHED: Final = "The address could not be reached."
_OWN: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "te", "upgrade"}
)
_SECRET: Final = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request that is about to be sent."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None

    def shown(self) -> dict[str, Any]:
        """Return it as people and the ledger see it."""
        return {
            "method": self.method,
            "url": self.url,
            "headers": self.headers,
            "body": self.body,
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; `text` is cut at `TEXT_MAX` characters, and None where it is no text."""

    status: int
    content_type: str
    location: str | None
    text: str | None
    truncated: bool
    again: bool = False


class NotSent(BadGateway):
    """The request was not sent, or had no answer and could change nothing."""

    code, title = "not_sent", "Request not sent"


def outgoing_policy(settings: Settings) -> AddressPolicy:
    """Return what an agent's requests may reach: public addresses, and what the operator named."""
    own = frozenset({settings.port, settings.worker_port}) - {80, 443}
    allowed = frozenset(_place(entry) for entry in settings.http_hosts)
    return AddressPolicy(refused_ports=own, allowed=allowed)


def _place(entry: str) -> tuple[str, int]:
    host, _, port = entry.rpartition(":")
    return host.strip("[]").lower(), int(port)


def refused_header(name: str) -> str | None:
    """Return why a header may not be set, or None when it may."""
    lower = name.lower()
    if lower in _OWN or lower.startswith("proxy-"):
        return "is set by the client itself"
    if lower in _SECRET:
        return "holds a secret, and an agent has none"
    return None


async def preview_request(at: ToolContext, wanted: Outgoing) -> Preview:
    """Return what would be sent, and where.

    A name is not looked up before somebody has approved it: whoever answers for it would learn it,
    and it may be made of what was read. What it leads to is checked when the request is sent.

    Raises:
        PreviewRefused: The address may not be reached.
    """
    url = httpx.URL(wanted.url)
    shown: dict[str, Any] = {"kind": "http", **wanted.shown()}
    try:
        await _checked(at, url)
    except NotLookedUp:
        note = "Where the name leads is looked up, and checked, only when this is sent."
        shown["note"] = note
    except AddressRefused as error:
        raise PreviewRefused(error.detail, hint=error.hint) from None
    except OSError:
        raise PreviewRefused(_NOT_REACHED) from None
    title = f"wants to send {wanted.method} to {url.host}"
    return Preview(title, shown)


async def _checked(at: ToolContext, url: httpx.URL) -> None:
    if url.scheme not in {"http", "https"}:
        raise AddressRefused("Only http and https addresses may be reached.")
    port = url.port or (443 if url.scheme == "https" else 80)
    policy = outgoing_policy(at.ctx.resources.settings)
    named = (url.host.lower(), port) in policy.allowed
    await checked_addresses(url.host, port, policy, system_resolve if named else spelled_address)


async def send(at: ToolContext, wanted: Outgoing, *, seconds: float = _WHOLE_S) -> Reply:
    """Send a request unless it was sent before.

    Args:
        at: The call.
        wanted: What to send.
        seconds: How long all of it may take.

    Raises:
        AddressRefused: The address may not be reached; nothing was sent.
        NotSent: It was not sent, or it asked for nothing but an answer and had none.
        OutcomeUnknown: It was sent, and nobody knows what became of it.
    """
    entry = await ledger.intend(at, Intent("http", wanted.shown()))
    if entry.state == "done":
        return _replied(entry.outcome or {}, again=True)
    if entry.state == "not_done":
        raise NotSent(entry.note)
    safe = wanted.method in SAFE
    if entry.state == "unknown" or (entry.begun and not safe):
        raise await _unknown(at, entry, "The process that sent it ended before an answer came.")
    if not entry.begun:
        await ledger.begin(at, entry, None, {})
    try:
        async with asyncio.timeout(seconds):
            reply = await _exchange(at, wanted)
    except (AddressRefused, httpx.ConnectError, httpx.ConnectTimeout) as error:
        detail = error.detail if isinstance(error, AddressRefused) else _NOT_REACHED
        await ledger.settle(at, entry, "not_done", None, detail)
        raise NotSent(detail) from None
    except (httpx.HTTPError, TimeoutError):
        if not safe:
            why = "It was sent, and no whole answer came."
            raise await _unknown(at, entry, why) from None
        await ledger.settle(at, entry, "not_done", None, "No whole answer came.")
        raise NotSent("No whole answer came.") from None
    await ledger.settle(at, entry, "done", reply)
    return _replied(reply)


async def _unknown(at: ToolContext, entry: Entry, why: str) -> OutcomeUnknown:
    if entry.state != "unknown":
        await ledger.settle(at, entry, "unknown", None, why)
    return OutcomeUnknown(why)


async def _exchange(at: ToolContext, wanted: Outgoing) -> dict[str, Any]:
    policy = outgoing_policy(at.ctx.resources.settings)
    # Whoever receives it twice can tell by this that it is the same request.
    headers = httpx.Headers({**wanted.headers, "Idempotency-Key": f"{at.run_id}:{at.tool_call_id}"})
    # A few bytes may unpack to more than the memory there is: answers are read as they come.
    headers["Accept-Encoding"] = "identity"
    body = None if wanted.body is None else wanted.body.encode()
    async with (
        guarded_client(policy, timeout=_SECONDS) as http,
        http.stream(wanted.method, wanted.url, headers=headers, content=body) as response,
    ):
        read = bytearray()
        async for piece in response.aiter_raw():
            read += piece
            if len(read) > READ_MAX:
                break
    packed = response.headers.get("content-encoding", "identity").strip().lower() != "identity"
    text = None if packed else _text(bytes(read[:READ_MAX]), response.charset_encoding)
    return {
        "status": response.status_code,
        "content_type": response.headers.get("content-type", "")[:200],
        "location": response.headers.get("location"),
        "text": None if text is None else text[:TEXT_MAX],
        "truncated": len(read) > READ_MAX or (text is not None and len(text) > TEXT_MAX),
    }


def _text(data: bytes, charset: str | None) -> str | None:
    if b"\0" in data:
        return None
    try:
        name = codecs.lookup(charset or "utf-8").name
    except LookupError:
        name = "utf-8"
    return data.decode(name, "replace")


def _replied(outcome: dict[str, Any], *, again: bool = False) -> Reply:
    return Reply(
        int(outcome["status"]),
        str(outcome["content_type"]),
        outcome["location"],
        outcome["text"],
        bool(outcome["truncated"]),
        again,
    )
