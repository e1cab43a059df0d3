"""What stands around an attacked database: a watched folder, and a sink that counts callers."""

import hashlib
import selectors
import socket
import threading
from pathlib import Path
from typing import Final

CANARY: Final = "canary-7f3a91"
"""A word that only secrets hold."""


class Sink:
    """Listens on loopback and counts who connects; nobody should."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self.accepted = 0
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._socket, selectors.EVENT_READ)
            waiting.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in waiting.select()}
                if self._woken in ready:
                    return
                caller, _ = self._socket.accept()
                self.accepted += 1
                caller.close()

    def close(self) -> None:
        self._wake.send(b"x")
        self._thread.join(5)
        for one in (self._socket, self._wake, self._woken):
            one.close()


def listing(folder: Path) -> list[tuple[str, str]]:
    """Every file below a folder with a digest of what it holds."""
    return sorted(
        (str(path.relative_to(folder)), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in folder.rglob("*")
        if path.is_file()
    )


def clear(folder: Path, kept: set[str]) -> None:
    """Remove what was not there."""
    for path in folder.rglob("*"):
        if path.is_file() and str(path.relative_to(folder)) not in kept:
            path.unlink()
