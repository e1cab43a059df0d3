"""A loopback server that speaks as much TDS 7.4 as a driver needs to sign in and run a query.

It is no SQL Server: it knows statements by their beginning, and remembers what it was asked.
"""

import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer

from typing_extensions import override

from tests.support.stand_in import serving

_BATCH, _ATTENTION, _TRANSACTION, _LOGIN, _PRELOGIN = 1, 6, 14, 16, 18
_DONE = struct.Struct("<BHHQ")
_COLLATION = b"\x09\x04\xd0\x00\x34"


@dataclass(frozen=True)
class Prepared:
    """An answer: names with their TYPE_INFO bytes, rows of encoded cells; or an error; or none."""

    columns: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    rows: list[list[bytes]] = field(default_factory=list[list[bytes]])
    error: tuple[int, str] | None = None
    endless: bool = False


def text_type() -> bytes:
    """TYPE_INFO of nvarchar(100)."""
    return b"\xe7" + struct.pack("<H", 200) + _COLLATION


def text_cell(value: str | None) -> bytes:
    """A cell of nvarchar."""
    if value is None:
        return b"\xff\xff"
    data = value.encode("utf-16-le")
    return struct.pack("<H", len(data)) + data


class SqlServerStandIn:
    """What the server answers and what it was asked."""

    def __init__(self) -> None:
        self.port = 0
        self.type_flags = -1
        self.log: list[str] = []
        self.answers: dict[str, Prepared] = {}
        self.refuses: tuple[int, str] | None = None
        self.started = threading.Event()
        self.attention = threading.Event()

    def find(self, sql: str) -> Prepared:
        longest = sorted(self.answers, key=len, reverse=True)
        return next((self.answers[one] for one in longest if sql.startswith(one)), Prepared())


class _Handler(BaseRequestHandler):
    stand_in: SqlServerStandIn

    @override
    def handle(self) -> None:
        answers = {
            _PRELOGIN: self._prelogin, _LOGIN: self._login, _BATCH: self._batch,
            _TRANSACTION: self._transaction, _ATTENTION: self._cancelled,
        }  # fmt: skip
        while (message := self._message()) is not None:
            kind, data = message
            answers[kind](data)

    def _message(self) -> tuple[int, bytes] | None:
        data = b""
        while True:
            header = self._exactly(8)
            if header is None:
                return None
            kind, status, length = struct.unpack(">BBH", header[:4])
            data += self._exactly(length - 8) or b""
            if status & 1:
                return kind, data

    def _exactly(self, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            more = self.request.recv(size - len(data))
            if not more:
                return None
            data += more
        return data

    def _send(self, data: bytes) -> None:
        for start in range(0, max(1, len(data)), 4000):
            part = data[start : start + 4000]
            last = start + 4000 >= len(data)
            self.request.sendall(
                struct.pack(">BBHHBB", 4, int(last), len(part) + 8, 0, 1, 0) + part
            )

    def _prelogin(self, _: bytes) -> None:
        values = [
            (0, b"\x10\x00\x07\xd0\x00\x00"),
            (1, b"\x02"),
            (2, b"\x00"),
            (3, b""),
            (4, b"\x00"),
        ]
        offset, head, body = 5 * len(values) + 1, b"", b""
        for token, value in values:
            head += struct.pack(">BHH", token, offset + len(body), len(value))
            body += value
        self._send(head + b"\xff" + body)

    def _login(self, data: bytes) -> None:
        self.stand_in.type_flags = data[26]
        if self.stand_in.refuses:
            self._send(_error(*self.stand_in.refuses) + _done(2))
            return
        name = "Microsoft SQL Server".encode("utf-16-le")
        ack = (
            b"\x01"
            + struct.pack(">I", 0x74000004)
            + bytes([len(name) // 2])
            + name
            + b"\x10\x00\x07\xd0"
        )
        self._send(b"\xad" + struct.pack("<H", len(ack)) + ack + _done())

    def _transaction(self, data: bytes) -> None:
        (length,) = struct.unpack_from("<I", data)
        (kind,) = struct.unpack_from("<H", data, length)
        begins = kind == 5
        self.stand_in.log.append("BEGIN" if begins else "ROLLBACK" if kind == 8 else "COMMIT")
        change = b"\x08\x08" + b"\x01" * 8 + b"\x00" if begins else b"\x0a\x00\x00"
        self._send(b"\xe3" + struct.pack("<H", len(change)) + change + _done())

    def _batch(self, data: bytes) -> None:
        (length,) = struct.unpack_from("<I", data)
        sql = data[length:].decode("utf-16-le")
        self.stand_in.log.append(sql)
        prepared = self.stand_in.find(sql)
        if prepared.endless:
            self.stand_in.started.set()  # nothing is sent until the attention comes
        elif prepared.error:
            self._send(_error(*prepared.error) + _done(2))
        else:
            self._send(_rows(prepared) + _done(0x10, len(prepared.rows)))

    def _cancelled(self, _: bytes) -> None:
        self.stand_in.log.append("ATTENTION")
        self.stand_in.attention.set()
        self._send(_done(0x20))


def _done(status: int = 0, rows: int = 0) -> bytes:
    return _DONE.pack(0xFD, status, 0xC1 if rows else 0, rows)


def _error(number: int, message: str) -> bytes:
    text = message.encode("utf-16-le")
    body = (
        struct.pack("<IBBH", number, 1, 16, len(message))
        + text
        + b"\x00\x00"
        + struct.pack("<I", 1)
    )
    return b"\xaa" + struct.pack("<H", len(body)) + body


def _rows(prepared: Prepared) -> bytes:
    if not prepared.columns:
        return b""
    data = b"\x81" + struct.pack("<H", len(prepared.columns))
    for name, kind in prepared.columns:
        data += struct.pack("<IH", 0, 1) + kind + bytes([len(name)]) + name.encode("utf-16-le")
    return data + b"".join(b"\xd1" + b"".join(row) for row in prepared.rows)


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def standing_in_for_sqlserver() -> Generator[SqlServerStandIn]:
    """Start the server on a loopback port."""
    stand_in = SqlServerStandIn()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"stand_in": stand_in}))
    with serving(server) as stand_in.port:
        yield stand_in
