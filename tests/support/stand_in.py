"""What servers that stand in for somebody's product share: a loopback port, a thread, JSON."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Any


@contextmanager
def serving(server: TCPServer) -> Generator[int]:
    """Answer in a thread until the block ends; yields the port."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def answer_json(handler: BaseHTTPRequestHandler, body: dict[str, Any], status: int = 200) -> None:
    """Answer a request with a JSON document."""
    data = json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
