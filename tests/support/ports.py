"""Ports for servers that tests start."""

import random
import socket
from typing import Final

from datelier.kit.environment import environment

# Below those that systems take for connections going out: one of these, asked for as any free
# port, may be taken again before the server listens on it.
_FIRST: Final = 12_000
_END: Final = 32_000
_SHARES: Final = 8  # of the processes that run tests at once
_given: set[int] = set()


def free_port() -> int:
    """Return a port nobody listens on, which this process has not returned before.

    Not before, because a worker may still look for the server that listened there.
    """
    share = int((environment("PYTEST_XDIST_WORKER") or "gw0").removeprefix("gw")) % _SHARES
    while True:
        port = random.randrange(_FIRST + share, _END, _SHARES)  # not a secret
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
