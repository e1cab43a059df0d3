"""What a file really is, by its bytes. Its name decides nothing but the table's name."""

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Final, Literal

from datelier.kit.errors import Unsupported
from datelier.sources.errors import BadFile
from datelier.sources.sql_names import quote

Format = Literal["csv", "parquet", "json", "xlsx", "sqlite"]
# What people are told they can upload; the content decides in the end.
ENDINGS: Final = (
    ".csv", ".tsv", ".parquet", ".json", ".jsonl", ".ndjson", ".xlsx", ".sqlite", ".sqlite3", ".db",
)  # fmt: skip
_HEAD: Final = 1024 * 1024
_LINE_MAX: Final = _HEAD
_COLUMNS_MAX: Final = 2_000
_ZIP_ENTRIES: Final = 10_000
_UNPACKED_MAX: Final = 1024**3
_PACK_RATIO: Final = 200
_SHEETS_MAX: Final = 50
_SQLITE_LEAST: Final = 512  # one page of the smallest size
_FOREIGN: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"%PDF", "a PDF document"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
)
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?\bname=\"([^\"]*)\"")


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A file's format, and the names of its sheets when it is a workbook."""

    format: Format
    sheets: tuple[str, ...] = ()


def sniff(path: Path) -> Sniffed:
    """Return what a stored file is. Reads at most its first MiB, its tail, and a zip's index.

    Raises:
        Unsupported: It is something else, named when known.
        BadFile: It is damaged, or made to exhaust memory.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head[:4] == b"PAR1":
            file.seek(max(0, size - 4))
            if size < 12 or file.read(4) != b"PAR1":
                raise BadFile("The Parquet file is cut short.")
            return Sniffed("parquet")
    if head[:4] == b"PK\x03\x04":
        return _workbook(path)
    if head.startswith(b"SQLite format 3\0"):
        if size < _SQLITE_LEAST:
            raise BadFile("The SQLite database is cut short.")
        return Sniffed("sqlite")
    for magic, what in _FOREIGN:
        # "MZ" or "ORC" may also begin a heading; a text has no control bytes around it.
        if head.startswith(magic) and not (magic.isalpha() and head[:64].isascii()):
            raise _unsupported(what)
    return Sniffed(_text(head, complete=size <= _HEAD))


def _unsupported(what: str) -> Unsupported:
    return Unsupported(
        f"This is {what}; it cannot be read as a table.",
        hint="Upload CSV, Parquet, JSON, XLSX or SQLite files.",
    )


def _text(head: bytes, *, complete: bool) -> Format:
    if not head.strip():
        raise BadFile("The file is empty.")
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unsupported("a binary file")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in {b"{", b"["} and _looks_like_json(start):
        return "json"
    if start[:1] == b"<":
        raise _unsupported("an HTML or XML document")
    first, newline, _ = head.partition(b"\n")
    if not newline and not complete and len(first) >= _LINE_MAX:
        raise BadFile("The first line is longer than 1 MB, so this is not a table.")
    if max(first.count(mark) for mark in (b",", b";", b"\t", b"|")) >= _COLUMNS_MAX:
        raise BadFile(f"The file has more than {_COLUMNS_MAX} columns.")
    return "csv"


def _looks_like_json(start: bytes) -> bool:
    after = start[1:].lstrip()[:1]
    return bool(after) and after in (b'"}' if start[:1] == b"{" else b'{["]-0123456789')


def _workbook(path: Path) -> Sniffed:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            packed = max(1, path.stat().st_size)
            if (
                len(entries) > _ZIP_ENTRIES
                or unpacked > _UNPACKED_MAX
                or (unpacked > 64 * 1024**2 and unpacked / packed > _PACK_RATIO)
            ):
                raise BadFile("The workbook unpacks to far more than its size.")
            if "xl/workbook.xml" not in archive.namelist():
                raise _unsupported("a zip archive")
            with archive.open("xl/workbook.xml") as file:
                listing = file.read(_HEAD)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, NotImplementedError, EOFError):
        raise BadFile("The workbook is damaged.") from None
    if b"<!DOCTYPE" in listing or b"<!ENTITY" in listing:
        raise BadFile("The workbook declares entities, which no spreadsheet needs.")
    names = [unescape(name.decode("utf-8", "replace")) for name in _SHEET.findall(listing)]
    if not names:
        raise BadFile("The workbook has no sheets.")
    return Sniffed("xlsx", tuple(names[:_SHEETS_MAX]))


def table_name(wanted: str, taken: set[str]) -> str:
    """Return a plain identifier for a table, unlike every one in `taken`, and add it there."""
    stem = wanted.replace("\\", "/").rpartition("/")[2]
    stem = re.sub(r"(\.(csv|tsv|txt|parquet|pq|json|jsonl|ndjson|xlsx|xlsm))+$", "", stem.lower())
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:48].rstrip("_") or "table"
    if quote(name) != name:  # it would have to be quoted in every statement
        name = f"t_{name}"
    unique, number = name, 1
    while unique in taken:
        number += 1
        unique = f"{name}_{number}"
    taken.add(unique)
    return unique


def display_name(filename: str) -> str:
    """Return a file's name as people may see it: no folders, no control or direction characters."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in last if c.isprintable() and unicodedata.category(c) != "Cf")
    return shown.strip()[:120] or "file"
