"""The outer shell, as plain ASGI so that streams pass through unbuffered.

From the outside in: one correlation id per request, security headers on every answer, only
hosts we serve, a bug answered with its id, and a limit on bodies.
"""

import asyncio
import ipaddress
import re
import time
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from datelier.api.errors import internal, render
from datelier.identity.authenticator import Authenticator
from datelier.kit.context import Resources
from datelier.kit.errors import DatelierError, Malformed, TooLarge
from datelier.kit.log import get_logger
from datelier.kit.settings import Settings

log = get_logger(__name__)

CORRELATION_HEADER = "X-Correlation-ID"
BODY_LIMIT = 1024 * 1024
BODY_PATIENCE_S = 40.0  # longer than an upload's own
OPS_PATHS = frozenset({"/health", "/ready", "/metrics"})

_CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_INTERNAL_ERROR = 1011
_POLICY_VIOLATION = 1008


class HostRefused(Malformed):
    """The Host header names a server that is not ours, as in DNS rebinding."""

    code = "host_refused"

    def __init__(self) -> None:
        super().__init__(
            "This server does not answer under that name.",
            hint="Set DATELIER_PUBLIC_URL to the address people open.",
        )


class Shell:
    """Correlation id, security headers, host check, and the answer to bugs.

    Args:
        app: What is wrapped.
        settings: For the names under which this server may be asked.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        public = urlsplit(settings.public_url or "")
        self._names = {"localhost", settings.host.lower(), (public.hostname or "localhost").lower()}
        self._headers = dict(_HEADERS)
        if public.scheme == "https":
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(CORRELATION_HEADER, "")
        correlation_id = given if _CORRELATION.fullmatch(given) else str(uuid4())
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        answer = _Answer(send, correlation_id, self._headers, api=scope["path"].startswith("/api/"))
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            if self._serves(headers.get("host", "")) or scope["path"] in OPS_PATHS:
                await self._guarded(scope, receive, answer)
            else:
                await _refuse(HostRefused(), scope, receive, answer)
            # Pages may carry one-time tokens in their path, so only the API is logged.
            if answer.api and scope["type"] == "http":
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=answer.status,
                    ms=round((time.perf_counter() - started) * 1000),
                )

    async def _guarded(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            log.debug("client_left")
        except Exception:
            log.exception("unexpected_error", path=scope["path"])
            if answer.status is not None and scope["type"] == "http":
                # The head is out: only a broken connection tells the client that it failed.
                raise
            await _refuse(internal(), scope, receive, answer)

    def _serves(self, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        name = name.strip("[]").lower().rstrip(".")
        return name in self._names or _is_address(name)


class _Answer:
    """A `send` that adds our headers and remembers the status."""

    def __init__(
        self, send: Send, correlation_id: str, headers: Mapping[str, str], *, api: bool
    ) -> None:
        self._send = send
        self._correlation_id = correlation_id
        self._headers = headers
        self.api = api
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind in {"http.response.start", "websocket.http.response.start"}:
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[CORRELATION_HEADER] = self._correlation_id
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            if self.api:
                headers.setdefault("Cache-Control", "no-store")
        elif kind == "websocket.accept":
            self.status = 101
            MutableHeaders(scope=message)[CORRELATION_HEADER] = self._correlation_id
        await self._send(message)


class BodyLimit:
    """Refuses bodies over the limit, by their declared length or as they arrive.

    Args:
        app: What is wrapped.
        resources: For signing in before a large body is read.
        larger: Bytes allowed on some exact paths. Only signed-in callers may use them, since
            the framework reads a form before it looks at who sends it.
    """

    def __init__(self, app: ASGIApp, resources: Resources, larger: Mapping[str, int]) -> None:
        self._app = app
        self._resources = resources
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], BODY_LIMIT)
        try:
            if limit > BODY_LIMIT:
                await self._require_caller(scope)
            declared = Headers(scope=scope).get("content-length", "0")
            if not declared.isdecimal():
                raise Malformed("The Content-Length header is not a number.")
            if int(declared) > limit:
                raise _too_large(limit)
        except DatelierError as error:
            await _refuse(error, scope, receive, send)
            return
        await self._app(scope, _Limited(receive, limit), send)

    async def _require_caller(self, scope: Scope) -> None:
        connection = HTTPConnection(scope)
        await self._resources.get(Authenticator).principal(
            connection.headers, connection.cookies, unsafe=True
        )


class _Limited:
    """A `receive` that counts."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self._open = True

    async def __call__(self) -> Message:
        message = await self._next()
        if message["type"] == "http.request":
            self._open = bool(message.get("more_body"))
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                # The framework lets this kind pass where it reads the body.
                raise HTTPException(413)
        return message

    async def _next(self) -> Message:
        if not self._open:
            return await self._receive()  # streams wait here until their client goes away
        try:
            async with asyncio.timeout(BODY_PATIENCE_S):
                return await self._receive()
        except TimeoutError:
            raise HTTPException(408) from None


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit // 1024} KiB.")


def _is_address(name: str) -> bool:
    # DNS rebinding needs a name; an address in the Host header was typed by a person.
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse(error: DatelierError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        code = _INTERNAL_ERROR if error.status == 500 else _POLICY_VIOLATION
        await send({"type": "websocket.close", "code": code, "reason": error.code})
        return
    await render(error, scope["state"]["correlation_id"])(scope, receive, send)
