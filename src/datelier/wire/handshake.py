"""Which versions of the protocol understand each other, and the proof that a result is whole."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from datelier.wire.v1 import worker_pb2 as pb

PROTOCOL: Final = 2
"""The protocol of this code. 2 added trailers, held sources and draining."""

TRAILER_SINCE: Final = 2
OLDER_WORKERS: Final = 2
NEWER_WORKERS: Final = 1
WORKER, JOB = "worker", "job"


def refusal(server: int, worker: int) -> str | None:
    """Return why a server and a worker of these protocols cannot work together, None if they can.

    A server of protocol N takes workers of N-2 to N+1, so that either side can be upgraded first.
    """
    if worker < max(1, server - OLDER_WORKERS):
        return (
            f"This worker is too old for the server (protocol {worker}, the server speaks "
            f"{server}). Upgrade the worker."
        )
    if worker > server + NEWER_WORKERS:
        return (
            f"This worker is too new for the server (protocol {worker}, the server speaks "
            f"{server}). Upgrade the server."
        )
    return None


@dataclass(slots=True)
class Tally:
    """What of a result has passed: number of batches, rows, and the bytes' CRC-32."""

    batches: int = 0
    rows: int = 0
    crc32: int = 0

    def add(self, arrow_ipc: bytes, rows: int) -> None:
        """Count one more batch."""
        self.batches += 1
        self.rows += rows
        self.crc32 = zlib.crc32(arrow_ipc, self.crc32)

    def trailer(self) -> pb.Trailer:
        """Return the tally as it travels."""
        return pb.Trailer(batches=self.batches, rows=self.rows, crc32=self.crc32)

    def matches(self, trailer: pb.Trailer) -> bool:
        """Whether exactly what the sender counted has arrived."""
        return (self.batches, self.rows, self.crc32) == (
            trailer.batches,
            trailer.rows,
            trailer.crc32,
        )


def is_job(modes: Sequence[str]) -> bool:
    """Whether a worker of these modes leaves after one action."""
    return JOB in modes and WORKER not in modes
