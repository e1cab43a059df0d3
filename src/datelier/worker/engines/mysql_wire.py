"""A session's commands and answers in the client/server protocol of MySQL and MariaDB.

PyMySQL signs in; from then on the packets are read here: it has no prepared statements, and its
text rows are slow to take apart. Everything blocks and runs in the engine's threads.
"""

import contextlib
import socket
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from datelier.worker.engines.mysql_errors import ServerError, lost
from datelier.worker.errors import WorkerError

EXTENDED_METADATA: Final = 1 << 3  # of MariaDB's own capabilities: JSON and UUID say what they are
_QUERY: Final = 0x03
_PREPARE: Final = 0x16
_EXECUTE: Final = 0x17
_CLOSE: Final = 0x19
_RESET: Final = 0x1F
_STRING: Final = b"\xfd\x00"  # the type of every parameter we bind
_READ_BYTES: Final = 128 * 1024
_LONGEST: Final = 0xFFFFFF  # a packet of this size goes on in the next one
# Bytes of a value by its type, where that is fixed; all others say their length.
_WIDTHS: Final = {1: 1, 2: 2, 13: 2, 3: 4, 9: 4, 4: 4, 8: 8, 5: 8}


@dataclass(frozen=True, slots=True)
class Described:
    """One column of a result as the server describes it."""

    name: str
    type: int
    charset: int
    length: int
    flags: int
    extended: frozenset[str] = frozenset()

    @property
    def unsigned(self) -> bool:
        return bool(self.flags & 32)


class Splitter:
    """Takes the packets of rows apart into columns of undecoded cells."""

    def __init__(self, described: Sequence[Described]) -> None:
        self._widths = [_WIDTHS.get(column.type, 0) for column in described]
        self._start = 1 + (len(described) + 9) // 8
        self._no_nulls = bytes(self._start - 1)

    def split(self, packet: bytes, columns: list[list[bytes | None]]) -> None:
        """Append each cell of one row to its column. A hot path."""
        at = self._start
        nulls = 0
        if packet[1:at] != self._no_nulls:
            nulls = int.from_bytes(packet[1:at], "little") >> 2  # the first two bits mean nothing
        for column, width in zip(columns, self._widths, strict=True):
            if nulls:
                is_null, nulls = nulls & 1, nulls >> 1
                if is_null:
                    column.append(None)
                    continue
            if not width:
                width = packet[at]  # noqa: PLW2901 - the length this cell says it has
                at += 1
                if width > 0xFA:
                    width, at = _number(packet, at - 1)  # noqa: PLW2901 - as above
            end = at + width
            column.append(packet[at:end])
            at = end


class Session:
    """One signed-in connection.

    Raises ServerError for what the server refuses, WorkerError when the connection is gone.
    """

    def __init__(self, signed_in: Any, *, extended: bool) -> None:
        parts = cast("dict[str, Any]", vars(signed_in))
        self._signed_in = signed_in
        self._socket: socket.socket = parts["_sock"]
        self._file: Any = parts["_rfile"]
        self._extended = extended
        self._data = b""
        self._at = 0
        self.id = int(signed_in.thread_id())
        self.version = str(signed_in.get_server_info())
        self.encrypted = bool(parts.get("_secure"))
        self.closed = False
        self.warnings = 0
        self.changed = 0  # rows, by the last statement that returned none

    @property
    def is_mariadb(self) -> bool:
        return "mariadb" in self.version.lower()

    def patience(self, seconds: float) -> None:
        """How long to wait for the server's next bytes."""
        with contextlib.suppress(OSError):
            self._socket.settimeout(seconds)

    def abort(self) -> None:
        """End the connection under whatever thread reads from it; safe at any time."""
        self.closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the connection and free its socket; no thread may be reading."""
        self.abort()
        for part in (self._file, self._socket):
            with contextlib.suppress(OSError, ValueError):
                part.close()

    def command(self, sql: str) -> list[tuple[str | None, ...]]:
        """Run a constant of this package as it is; rows as texts. Never a statement of a user."""
        self._send(_QUERY, sql.encode())
        width = self._head()
        if not width:
            return []
        self._skip(width)
        rows: list[tuple[str | None, ...]] = []
        for packet in self.rows(_LONGEST):
            cells, _ = _texts(packet, 0, width)
            rows.append(cells)
        return rows

    def query(self, sql: str, *parameters: str | int | None) -> list[tuple[str | None, ...]]:
        """Run a constant of this package, of texts only, with parameters."""
        statement, _ = self.prepare(sql)
        # Those of an EXPLAIN are described only once it runs.
        described = self.execute(statement, parameters)
        columns: list[list[bytes | None]] = [[] for _ in described]
        splitter = Splitter(described)
        if described:
            for packet in self.rows(_LONGEST):
                splitter.split(packet, columns)
        self._send(_CLOSE, struct.pack("<I", statement))
        return [
            tuple(None if cell is None else cell.decode("utf-8", "replace") for cell in row)
            for row in zip(*columns, strict=True)
        ]

    def prepare(self, sql: str) -> tuple[int, list[Described]]:
        """Parse one statement on the server; its number and the columns it will return."""
        self._send(_PREPARE, sql.encode())
        head = self._packet(_LONGEST)
        if head[0] == 0xFF:
            raise ServerError.read(head)
        statement, columns, parameters = struct.unpack_from("<IHH", head, 1)
        if parameters:
            self._skip(parameters)
        return statement, self._columns(columns) if columns else []

    def execute(
        self, statement: int, parameters: Sequence[str | int | None] = ()
    ) -> list[Described]:
        """Run a prepared statement; the columns of its rows, none where there are no rows."""
        bound = b""
        if parameters:
            texts = [None if value is None else str(value).encode() for value in parameters]
            nulls = sum(1 << position for position, text in enumerate(texts) if text is None)
            bound = nulls.to_bytes((len(texts) + 7) // 8, "little") + b"\1" + _STRING * len(texts)
            bound += b"".join(_prefixed(text) for text in texts if text is not None)
        self._send(_EXECUTE, struct.pack("<IBI", statement, 0, 1) + bound)
        width = self._head()
        return self._columns(width) if width else []

    def rows(self, most: int) -> Iterator[bytes]:
        """The packets of the rows; raises limit_exceeded for a row of more than `most` bytes."""
        while True:
            packet = self._packet(most)
            first = packet[0]
            if first == 0xFE and len(packet) < 9:
                self.warnings = packet[1] | packet[2] << 8
                return
            if first == 0xFF:
                raise ServerError.read(packet)
            yield packet

    def reset(self) -> bool:
        """Forget everything of this session on the server: variables, locks, statements."""
        try:
            self._send(_RESET, b"")
            return self._packet(_LONGEST)[0] == 0
        except WorkerError:
            return False

    def _head(self) -> int:
        packet = self._packet(_LONGEST)
        if packet[0] == 0xFF:
            raise ServerError.read(packet)
        if packet[0] == 0xFB:  # the server asks for a file of ours (LOAD DATA LOCAL)
            self.abort()
            raise WorkerError("sql_refused", "The server asked for a file and got none.")
        if packet[0] == 0:
            self.changed = _number(packet, 1)[0]
            return 0
        return _number(packet, 0)[0]

    def _columns(self, count: int) -> list[Described]:
        columns = [self._column(self._packet(_LONGEST)) for _ in range(count)]
        self._packet(_LONGEST)  # the end of the list
        return columns

    def _skip(self, count: int) -> None:
        for _ in range(count + 1):
            self._packet(_LONGEST)

    def _column(self, packet: bytes) -> Described:
        texts, at = _cells(packet, 0, 6)
        extended: list[str] = []
        if self._extended:
            (more,), at = _cells(packet, at, 1)
            extended = _metadata(more or b"")
        charset, length, kind, flags = struct.unpack_from("<HIBH", packet, at + 1)
        name = (texts[4] or b"").decode("utf-8", "replace")
        return Described(name, kind, charset, length, flags, frozenset(extended))

    def _send(self, command: int, payload: bytes) -> None:
        if self.closed:
            raise lost()
        self._data, self._at = b"", 0
        head = struct.pack("<I", len(payload) + 1)  # the fourth byte is the packet's number, 0
        try:
            self._socket.sendall(head + bytes([command]) + payload)
        except OSError:
            self.abort()
            raise lost() from None

    def _packet(self, most: int) -> bytes:
        packet = self._part()
        if 0 < len(packet) < _LONGEST:
            return packet
        if not packet:
            self.abort()
            raise lost()
        parts, size = [packet], len(packet)
        while len(parts[-1]) == _LONGEST:
            parts.append(self._part())
            size += len(parts[-1])
            if size > most:
                self.abort()
                raise WorkerError(
                    "limit_exceeded",
                    f"One row is larger than {most // 1_048_576} MB.",
                    hint="Select fewer columns, or only a part of the long values.",
                )
        return b"".join(parts)

    def _part(self) -> bytes:
        data, at = self._data, self._at
        while len(data) - at < 4:
            data, at = data[at:] + self._more(), 0
        end = at + 4 + (data[at] | data[at + 1] << 8 | data[at + 2] << 16)
        if end > len(data):
            data, end, at = data[at:] + self._exactly(end - len(data)), end - at, 0
        self._data, self._at = data, end
        return data[at + 4 : end]

    def _more(self) -> bytes:
        try:
            data: bytes = self._file.read1(_READ_BYTES)
        except (OSError, ValueError):
            data = b""
        if not data:
            self.abort()
            raise lost()
        return data

    def _exactly(self, count: int) -> bytes:
        try:
            data: bytes = self._file.read(count)
        except (OSError, ValueError):
            data = b""
        if len(data) < count:
            self.abort()
            raise lost()
        return data


def _number(packet: bytes, at: int) -> tuple[int, int]:
    """A length-encoded number and the position after it."""
    first = packet[at]
    if first < 0xFB:
        return first, at + 1
    size = {0xFC: 2, 0xFD: 3, 0xFE: 8}[first]
    return int.from_bytes(packet[at + 1 : at + 1 + size], "little"), at + 1 + size


def _prefixed(text: bytes) -> bytes:
    size = len(text)
    if size < 0xFB:
        return bytes([size]) + text
    if size < 1 << 16:
        return b"\xfc" + size.to_bytes(2, "little") + text
    return b"\xfd" + size.to_bytes(3, "little") + text


def _cells(packet: bytes, at: int, count: int) -> tuple[list[bytes | None], int]:
    cells: list[bytes | None] = []
    for _ in range(count):
        if packet[at] == 0xFB:
            cells.append(None)
            at += 1
            continue
        size, at = _number(packet, at)
        cells.append(packet[at : at + size])
        at += size
    return cells, at


def _texts(packet: bytes, at: int, count: int) -> tuple[tuple[str | None, ...], int]:
    cells, at = _cells(packet, at, count)
    return tuple(None if cell is None else cell.decode("utf-8", "replace") for cell in cells), at


def _metadata(packed: bytes) -> list[str]:
    """MariaDB's extended names of a type: pairs of a kind and a text."""
    names: list[str] = []
    at = 0
    while at < len(packed):
        (name,), at = _cells(packed, at + 1, 1)
        names.append((name or b"").decode("ascii", "replace"))
    return names
