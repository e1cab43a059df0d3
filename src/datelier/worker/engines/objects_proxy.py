"""The one way out for remote objects: a proxy on loopback that checks where each connection goes.

The object store's client resolves names and follows redirects by itself, so a check of the URL
alone is none. Here a connection is made only to a host and port that the operator named, to an
address that was looked at, and by no other door.
"""

import base64
import contextlib
import hmac
import select
import socket
import socketserver
import threading
from collections.abc import Callable, Collection
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import urlsplit

from typing_extensions import override

from datelier.wire.addresses import address_refused

Place = tuple[str, int]
Resolve = Callable[[str, int], list[str]]
_HEAD_MAX: Final = 65_536
_CONNECT_S: Final = 10.0
_IDLE_S: Final = 60.0
_READING: Final = frozenset({"GET", "HEAD"})


def system_resolve(host: str, port: int) -> list[str]:
    """Ask the operating system for the addresses of `host`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in found))


class GuardProxy:
    """A forward proxy in threads of its own.

    Args:
        hosts: Host and port pairs that may be reached; a host that begins with a dot allows all
            below it, on public addresses only.
        resolve: How names become addresses.
    """

    def __init__(self, hosts: Collection[Place], resolve: Resolve = system_resolve) -> None:
        self._hosts = frozenset(hosts)
        self._resolve = resolve
        self._secret = token_urlsafe(24)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        thread = threading.Thread(target=self._server.serve_forever, name="objects", daemon=True)
        thread.start()

    @property
    def url(self) -> str:
        """Where the proxy is, with the secret that only this process has."""
        return f"http://datelier:{self._secret}@127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def knows(self, header: str) -> bool:
        """Whether a Proxy-Authorization header is ours."""
        wanted = base64.b64encode(f"datelier:{self._secret}".encode()).decode()
        return hmac.compare_digest(header.strip().encode(), f"Basic {wanted}".encode())

    def connect(self, host: str, port: int) -> socket.socket | None:
        """Connect to an allowed place, or None; every answer of the resolver must be harmless."""
        named = (host, port) in self._hosts
        below = any(h.startswith(".") and host.endswith(h) and port == p for h, p in self._hosts)
        if not named and not below:
            return None
        try:
            answers = self._resolve(host, port)
        except OSError:
            return None
        if not answers or any(address_refused(a, allow_private=named) for a in answers):
            return None
        for address in answers[:4]:
            with contextlib.suppress(OSError):
                return socket.create_connection((address, port), timeout=_CONNECT_S)
        return None


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    proxy: GuardProxy


class _Handler(socketserver.BaseRequestHandler):
    @property
    def _proxy(self) -> GuardProxy:
        assert isinstance(self.server, _Server)
        return self.server.proxy

    @override
    def handle(self) -> None:
        client: socket.socket = self.request
        client.settimeout(_IDLE_S)
        with contextlib.suppress(OSError, ValueError):
            self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        head, rest = _read_head(client)
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ", 2)
        cut = (line.partition(":") for line in lines if line)
        headers = [(name, value) for name, _, value in cut]
        given = next((v for k, v in headers if k.lower() == "proxy-authorization"), "")
        if not self._proxy.knows(given):
            _refuse(client, "407 Proxy Authentication Required")
            return
        tunnel = method == "CONNECT"
        parts = urlsplit(f"//{target}" if tunnel else target)
        if not tunnel and (method not in _READING or parts.scheme != "http"):
            _refuse(client, "405 Method Not Allowed")
            return
        upstream = self._proxy.connect((parts.hostname or "").lower(), parts.port or 80)
        if upstream is None:
            _refuse(client, "403 Forbidden")
            return
        with upstream:
            if tunnel:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                upstream.sendall(_request(method, parts, headers))
            upstream.sendall(rest)
            _pump(client, upstream)


def _read_head(client: socket.socket) -> tuple[str, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = client.recv(8192)
        if not chunk or len(data) > _HEAD_MAX:
            raise ValueError("no request")
        data += chunk
    head, _, rest = data.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def _request(method: str, parts: Any, headers: list[tuple[str, str]]) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = [
        f"{name}:{value}"
        for name, value in headers
        if not name.lower().startswith(("proxy-", "connection"))
    ]
    # One request per connection: the next one is looked at anew.
    text = "\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""])
    return text.encode("latin-1")


def _refuse(client: socket.socket, status: str) -> None:
    text = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    client.sendall(text.encode())


def _pump(client: socket.socket, upstream: socket.socket) -> None:
    """Pass bytes both ways until one side is done."""
    other = {client: upstream, upstream: client}
    while True:
        ready, _, _ = select.select(list(other), [], [], _IDLE_S)
        if not ready:
            return
        for side in ready:
            data = side.recv(65_536)
            if not data:
                return
            other[side].sendall(data)
