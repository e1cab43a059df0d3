"""Viewers of a run whose connection is cut again and again, after any number of bytes.

    viewer = CutViewer(secret, random.Random(7))
    await viewer.follow([url_of_one_replica, url_of_another], run_id, cuts=40)
    assert viewer.seqs == list(range(1, len(viewer.parts) + 1))

They speak HTTP on bare sockets, because a library would not stop in the middle of a line. What
has arrived of an event that is cut is thrown away, as the standard of server-sent events says.
"""

import asyncio
import json
import random
from typing import Any, Final, Literal, final
from urllib.parse import urlsplit

# Most cuts come within the first events, some after thousands of bytes, some in the headers.
_REACHES: Final = (60, 300, 1500, 6000)
_IN_HEADERS: Final = 0.08
_HEADERS: Final = 200
_PATIENCE: Final = 40.0
_PAUSE: Final = 0.1  # before a replica that refuses is asked again

Place = Literal[
    "headers", "between events", "the id", "between id and data", "a character", "the data"
]


@final
class CutViewer:
    """Everything that one viewer has seen of a run, over many connections.

    Args:
        secret: A personal token.
        chance: Says after how many bytes each connection is cut, and which replica comes next.

    Attributes:
        seqs: Number of each part, in the order in which they came.
        parts: The parts.
        places: Where each cut fell.
        refused: Answers other than 200.
    """

    def __init__(self, secret: str, chance: random.Random) -> None:
        self._secret = secret
        self._chance = chance
        self.seqs: list[int] = []
        self.parts: list[dict[str, Any]] = []
        self.places: list[Place] = []
        self.refused: list[bytes] = []
        self.ended = False

    @property
    def cuts(self) -> int:
        """How many connections were cut so far."""
        return len(self.places)

    async def follow(self, replicas: list[str], run_id: str, cuts: int) -> None:
        """Follow a run to its end, and be cut at most `cuts` times on the way."""
        while not self.ended:
            most = 1 << 40
            if self.cuts < cuts:
                most = self._chance.randrange(1, self._chance.choice(_REACHES))
                if self._chance.random() < _IN_HEADERS:
                    most = -self._chance.randrange(1, _HEADERS)
            path = f"/runs/{run_id}/events"
            async with asyncio.timeout(_PATIENCE):
                try:
                    await self._connect(self._chance.choice(replicas), path, most)
                except OSError:  # a replica that is not there: another one, soon
                    await asyncio.sleep(_PAUSE)

    async def _connect(self, replica: str, path: str, most: int) -> None:
        at = urlsplit(replica)
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        last = f"Last-Event-ID: {self.seqs[-1]}\r\n" if self.seqs else ""
        writer.write(
            f"GET {at.path}{path} HTTP/1.1\r\nHost: {at.netloc}\r\n"
            f"Authorization: Bearer {self._secret}\r\n{last}\r\n".encode()
        )
        got = _Answer()
        try:
            if most < 0:
                got.feed(await reader.readexactly(-most))
            else:
                got.feed(await reader.readuntil(b"\r\n\r\n"))
            while most > 0 and not self.ended:
                data = await reader.read(min(most, 65536))
                if not data:
                    break
                most -= len(data)
                self._take(got.feed(data))
        except asyncio.IncompleteReadError:
            pass  # the replica ended
        finally:
            # Not a farewell: the other side finds out when it writes.
            writer.transport.abort()
        if got.status not in (None, 200):
            self.refused.append(got.head)
        if not self.ended:
            self.places.append(got.place())

    def _take(self, events: list[bytes]) -> None:
        for event in events:
            fields = dict(
                line.split(b": ", 1) for line in event.split(b"\n") if not line.startswith(b":")
            )
            data = fields.get(b"data")
            if data == b"[DONE]":
                self.ended = True
            elif data is not None:
                self.seqs.append(int(fields[b"id"]))
                self.parts.append(json.loads(data))


class _Answer:
    """An HTTP answer as far as it has arrived."""

    def __init__(self) -> None:
        self.head = b""
        self.status: int | None = None
        self._raw = b""
        self._body = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes in; return the events that are whole now."""
        self._raw += data
        if self.status is None:
            head, found, rest = self._raw.partition(b"\r\n\r\n")
            if not found:
                return []
            self.head, self._raw = head, rest
            self.status = int(head.split(b" ", 2)[1])
        while (chunk := self._chunk()) is not None:
            self._body += chunk
        *events, self._body = self._body.split(b"\n\n")
        return events

    def place(self) -> Place:
        """Return where the answer broke off."""
        if self.status is None:
            return "headers"
        left = self._body + self._raw.partition(b"\r\n")[2]
        if not left:
            return "between events"
        if b"\n" not in left:
            return "the id"
        try:
            left.decode()
        except UnicodeDecodeError:
            return "a character"
        return "the data" if b"\ndata" in left else "between id and data"

    def _chunk(self) -> bytes | None:
        size, found, rest = self._raw.partition(b"\r\n")
        if not found:
            return None
        length = int(size, 16)
        if len(rest) < length + 2 or length == 0:
            return None
        self._raw = rest[length + 2 :]
        return rest[:length]
