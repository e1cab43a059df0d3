"""A server on loopback that counts what it is sent and answers as told."""

from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

from tests.support.stand_in import serving


class Receiver:
    """What it was sent, and the status it answers."""

    def __init__(self) -> None:
        self.port = 0
        self.status = 204
        self.seen: list[bytes] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/hook"


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.receiver.seen.append(self.rfile.read(length))
        self.send_response(self.receiver.status)
        self.end_headers()


@contextmanager
def receiving() -> Generator[Receiver]:
    """Answer on a free port until the block ends."""
    receiver = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    with serving(server) as receiver.port:
        yield receiver
