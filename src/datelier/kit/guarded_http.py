"""Outgoing HTTP that cannot be talked into reaching the wrong machine.

An address is checked where it counts: the name is resolved once, *every* answer is classified,
and the connection goes to the checked address itself, with the name kept for TLS and for the
Host header. So a second DNS answer, a numeric spelling or a redirect cannot lead elsewhere.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import ip_address
from typing import Any

import httpx
from typing_extensions import override

from datelier.kit.errors import BadGateway, DatelierError
from datelier.wire.addresses import address_refused

Resolve = Callable[[str, int], Awaitable[list[str]]]

_MAX_ANSWERS = 32
_MAX_ATTEMPTS = 4
_UNFOLDS = 256  # a packed reply may become a thousand times as long

# Services that a forged HTTP request could harm or read.
_PORTS = frozenset({0, 19, 22, 23, 25, 53, 110, 143, 445, 465, 587, 3306, 5432, 6379, 11211, 27017})


class AddressRefused(DatelierError):
    """The address of an outgoing request is one that must not be reached."""

    status, code, title = 422, "address_refused", "Address not permitted"


class ReplyTooLarge(BadGateway):
    """The other side sent more than any answer has."""

    code, title = "reply_too_large", "Reply too large"


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What an outgoing request may reach besides public addresses.

    Attributes:
        allow_private: Loopback and private networks, for endpoints that an admin configures on
            a self-hosted product. Link-local and metadata addresses stay refused.
        refused_ports: Further ports, such as the ones this process itself listens on.
        allowed: Exact hosts with their ports that may be private, by the operator's word.
    """

    allow_private: bool = False
    refused_ports: frozenset[int] = frozenset()
    allowed: frozenset[tuple[str, int]] = frozenset()


def why_refused(address: str, policy: AddressPolicy) -> str | None:
    """Return why a numeric address must not be reached, or None when it may."""
    return address_refused(address, allow_private=policy.allow_private)


async def system_resolve(host: str, port: int) -> list[str]:
    """Ask the operating system for the addresses of `host`.

    Raises:
        OSError: The name does not resolve, or is none.
    """
    loop = asyncio.get_running_loop()
    try:
        answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        # A part of it is empty or longer than any may be.
        raise OSError("this is no name") from None
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class NotLookedUp(OSError):
    """What the host is called was not looked up: that alone would tell somebody something."""


async def spelled_address(host: str, port: int) -> list[str]:
    """Return the address that `host` spells in digits, or this machine's own; ask nobody.

    Raises:
        NotLookedUp: It is a name.
    """
    if host.lower().rstrip(".").rpartition(".")[2] == "localhost":
        return ["127.0.0.1"]
    loop = asyncio.get_running_loop()
    try:
        answers = await loop.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )
    except (socket.gaierror, UnicodeError):
        raise NotLookedUp from None
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


async def checked_addresses(
    host: str, port: int, policy: AddressPolicy, resolve: Resolve = system_resolve
) -> list[str]:
    """Return the numeric addresses of `host`, all of them permitted.

    Raises:
        AddressRefused: The port or any one of the answers is not permitted.
        OSError: The name does not resolve.
    """
    named = (host.lower(), port) in policy.allowed
    if named:
        policy = replace(policy, allow_private=True)
    if (port in _PORTS and not named) or port in policy.refused_ports:
        raise AddressRefused("This port may not be reached over HTTP.")
    try:
        answers = [str(ip_address(host))]
    except ValueError:
        answers = await resolve(host, port)
    if not answers:
        raise OSError("the name has no address")
    if len(answers) > _MAX_ANSWERS:
        raise AddressRefused("The name resolves to too many addresses.")
    for answer in answers:
        reason = why_refused(answer, policy)
        if reason is not None:
            raise AddressRefused(
                f"The host resolves to an address that may not be reached ({reason}).",
                hint="Use a public address, or one of your own network where that is permitted.",
            )
    return answers


class GuardedTransport(httpx.AsyncBaseTransport):
    """An async transport that connects only to addresses its policy permits.

    It wraps the transport of `httpx` or of its API-identical successor `httpx2` (which the
    provider SDKs use): requests are rebuilt in the type they came in.

    Args:
        inner: The transport that connects.
        policy: What may be reached.
        resolve: How names become addresses.
        most: Bytes of one reply that are read; None is no limit, for who counts himself.
    """

    def __init__(
        self,
        inner: Any,
        policy: AddressPolicy,
        *,
        resolve: Resolve = system_resolve,
        most: int | None = None,
    ) -> None:
        self._inner = inner
        self._policy = policy
        self._resolve = resolve
        self._most = most

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` to a checked address of its host.

        Raises:
            AddressRefused: The scheme, port or address is not permitted.
            ReplyTooLarge: While the reply is read, when it has too many bytes.
        """
        response = await self._connect(request)
        if self._most is not None:
            encoded = response.headers.get("content-encoding", "identity") != "identity"
            most = self._most // _UNFOLDS if encoded else self._most
            response.stream = _bounded(response.stream, most)
        return response

    async def _connect(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in {"http", "https"}:
            raise AddressRefused("Only http and https addresses may be reached.")
        port = url.port or (443 if url.scheme == "https" else 80)
        host = url.host
        try:
            addresses = await checked_addresses(host, port, self._policy, self._resolve)
        except OSError as error:
            raise httpx.ConnectError("the name does not resolve", request=request) from error
        failure: Exception | None = None
        for address in addresses[:_MAX_ATTEMPTS]:
            try:
                return await self._inner.handle_async_request(_pinned(request, address, host))
            except Exception as error:
                if type(error).__name__ not in {"ConnectError", "ConnectTimeout"}:
                    raise
                failure = error
        assert failure is not None
        raise failure

    @override
    async def aclose(self) -> None:
        """Close the inner transport's connections."""
        await self._inner.aclose()


def _pinned(request: httpx.Request, address: str, host: str) -> httpx.Request:
    """Return the request aimed at `address`, with the name kept for TLS and Host."""
    if address == host:
        return request
    return type(request)(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )


def _bounded(stream: Any, most: int) -> Any:
    """A reply's bytes up to a number; of the library's own kind, which it insists on."""
    kind = next(one for one in type(stream).__mro__ if one.__name__ == "AsyncByteStream")

    async def count(_self: object) -> AsyncIterator[bytes]:
        left = most
        async for chunk in stream:
            left -= len(chunk)
            if left < 0:
                raise ReplyTooLarge(
                    f"The reply was not complete after {most // 1024:,} kB.",
                    hint="Check that the address is the right one.",
                )
            yield chunk

    async def close(_self: object) -> None:
        await stream.aclose()

    made: Any = type("Bounded", (kind,), {"__aiter__": count, "aclose": close})
    return made()


@cache
def _trusted() -> ssl.SSLContext:
    # Reading all certificates takes 25 ms of CPU, and clients are made for one request each.
    return httpx.create_ssl_context(trust_env=False)


def guarded_client(
    policy: AddressPolicy,
    *,
    limits: httpx.Limits | None = None,
    timeout: httpx.Timeout | float = 30,
    resolve: Resolve = system_resolve,
) -> httpx.AsyncClient:
    """Return a client whose every connection is checked; redirects are not followed.

    Args:
        policy: What may be reached.
        limits: Size of the connection pool.
        timeout: Seconds, or httpx's four timeouts.
        resolve: How names become addresses.
    """
    inner = httpx.AsyncHTTPTransport(
        verify=_trusted(), limits=limits or httpx.Limits(), trust_env=False
    )
    return httpx.AsyncClient(
        transport=GuardedTransport(inner, policy, resolve=resolve),
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
    )
