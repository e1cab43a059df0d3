"""In which encoding a text file is, and what DuckDB cannot decode itself as UTF-8."""

import codecs
import re
from pathlib import Path
from typing import BinaryIO, Final

from datelier.worker.errors import WorkerError

LINE_MAX: Final = 2 * 1024 * 1024
# What DuckDB reads wrongly, or not at all: a copy of the file in UTF-8 is read in its place.
RECODED: Final = frozenset({"utf-16-be", "windows-1252"})
_CHECKED_BYTES: Final = 64 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
# Control codes of Latin-1, which no table holds: these bytes are quotes, dashes and the euro sign
# in Windows-1252, which is what spreadsheets save when nobody asks for UTF-8. Five are not used.
_WINDOWS: Final = re.compile(rb"[\x80-\x9f]")
_NOBODYS: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_HINT: Final = 'Save it as UTF-8; spreadsheets call that "CSV UTF-8".'


def encoding_of(path: Path, name: str) -> str:
    """`utf-8`, `utf-16`, `utf-16-be`, `windows-1252`, or `latin-1` where no byte tells.

    Raises:
        WorkerError: It is no text, a line is too long, or in none of these.
    """
    with path.open("rb") as file:
        head = file.read(4)
        if head.startswith(codecs.BOM_UTF16_LE):
            return "utf-16"
        if head.startswith(codecs.BOM_UTF16_BE):
            return "utf-16-be"
        if b"\0" in head + file.read(8192):
            raise WorkerError("bad_file", f"{name} is not a text file.", hint=_HINT)
        file.seek(0)
        return _scan(file, name)


def _scan(file: BinaryIO, name: str) -> str:
    """Judge the first 64 MB: is it UTF-8, and is no line too long (DuckDB would hang on it)?"""
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    line, windows, unknown = 0, False, False
    for _ in range(_CHECKED_BYTES // _CHUNK):
        chunk = file.read(_CHUNK)
        head, *rest = chunk.replace(b"\r", b"\n").split(b"\n")
        longest = max([line + len(head), *map(len, rest)])
        if longest > LINE_MAX:
            raise WorkerError("bad_file", f"{name} has a line longer than 2 MB.", hint=_LONG)
        line = len(rest[-1]) if rest else line + len(head)
        windows = windows or _WINDOWS.search(chunk) is not None
        unknown = unknown or _NOBODYS.search(chunk) is not None
        if decoder is not None:
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                decoder = None
        if not chunk:
            break
    if decoder is not None:
        return "utf-8"
    if unknown:
        raise _unknown(name)
    return "windows-1252" if windows else "latin-1"


_LONG: Final = "Check that its rows end with line breaks."


def _unknown(name: str) -> WorkerError:
    return WorkerError(
        "bad_file", f"{name} is neither UTF-8 nor any encoding known here.", hint=_HINT
    )


def recode(path: Path, encoding: str, target: Path, name: str) -> None:
    """Write a copy of a text file in UTF-8.

    Raises:
        WorkerError: The file is not in this encoding after all.
        OSError: It cannot be written.
    """
    codec = "utf-16" if encoding.startswith("utf-16") else "cp1252"
    decoder = codecs.getincrementaldecoder(codec)()
    with path.open("rb") as file, target.open("wb") as copy:
        try:
            while chunk := file.read(_CHUNK):
                copy.write(decoder.decode(chunk).encode())
            copy.write(decoder.decode(b"", final=True).encode())
        except UnicodeError:
            raise _unknown(name) from None
