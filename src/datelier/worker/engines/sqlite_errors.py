"""SQLite's errors as the protocol reports them."""

import re
import sqlite3
from pathlib import Path
from typing import Final, Protocol

from datelier.worker.errors import ErrorCode, WorkerError

_LATER: Final = "Narrow the query down or allow more time."
_SMALLER: Final = "Filter or aggregate earlier."
# By the first words of SQLite's error names -> (code, message with {name}, hint)
_KNOWN: Final[tuple[tuple[str, ErrorCode, str, str | None], ...]] = (
    (
        "SQLITE_NOTADB",
        "bad_file",
        "{name} is not a SQLite database, or it is encrypted.",
        "An encrypted database has to be exported to a plain one first.",
    ),
    ("SQLITE_CORRUPT", "bad_file", "{name} is damaged.", "Restore it, or export what is readable."),
    ("SQLITE_TOOBIG", "limit_exceeded", "A value is longer than 128 MB.", _SMALLER),
    ("SQLITE_NOMEM", "limit_exceeded", "The query needs more than 512 MB of memory.", _SMALLER),
    ("SQLITE_FULL", "limit_exceeded", "The query needs more room than there is.", _SMALLER),
    (
        "SQLITE_BUSY",
        "timeout",
        "{name} stayed locked by the program that writes it.",
        "Try again once it has finished.",
    ),
    ("SQLITE_LOCKED", "timeout", "{name} stayed locked.", "Try again later."),
    (
        "SQLITE_READONLY",
        "bad_file",
        "{name} has an unfinished transaction that only its own program can roll back.",
        "Open it once with that program, or copy it with SQLite's .backup.",
    ),
    (
        "SQLITE_CANTOPEN",
        "bad_file",
        "{name} has changes in a -wal file that cannot be read without its -shm file.",
        "Run PRAGMA wal_checkpoint(TRUNCATE) with its own program, or copy it with .backup.",
    ),
    ("SQLITE_IOERR", "unreachable", "{name} could not be read from its disk.", None),
    (
        "SQLITE_SCHEMA",
        "sql_failed",
        "The tables of {name} changed meanwhile.",
        "Run the query again.",
    ),
)


class Reading(Protocol):
    """What is known about the statement that failed."""

    path: Path
    late: bool
    denied: str | None


def failure(error: Exception, reading: Reading) -> WorkerError:
    """A failure as the protocol reports it; it names no folder."""
    message = str(error)
    name = str(getattr(error, "sqlite_errorname", None) or "")
    if isinstance(error, MemoryError):
        name = "SQLITE_NOMEM"
    if "one statement at a time" in message:
        return WorkerError("sql_refused", "Exactly one statement runs at a time.")
    if name == "SQLITE_INTERRUPT":
        if reading.late:
            return WorkerError("timeout", "The query took longer than allowed.", hint=_LATER)
        return WorkerError("cancelled", "The query was cancelled.")
    if reading.denied or name == "SQLITE_AUTH":
        return WorkerError(
            "sql_refused",
            f"{reading.denied or 'This'} is not allowed in a read-only query.",
            hint="Write one SELECT over the tables of the source.",
        )
    known = next((entry for entry in _KNOWN if name.startswith(entry[0])), None)
    if known is None:
        return WorkerError("sql_failed", message, hint=_hint(message))
    _, code, text, hint = known
    return WorkerError(code, text.format(name=reading.path.name), hint=hint)


def _hint(message: str) -> str | None:
    if message.startswith(("no such table", "no such column")):
        return "The catalog of the source lists its tables and columns."
    if message.startswith("no such function"):
        return f"SQLite {sqlite3.sqlite_version} runs here; use a function it has."
    return None


def position_of(sql: str, error: WorkerError) -> int | None:
    """Where the name in an error's message stands in the statement; 1 is its first character."""
    found = re.search(r"near \"(.+?)\"|no such (?:column|table|function): ([\w.]+)", error.message)
    if found is None:
        return None
    name = (found[1] or found[2]).rpartition(".")[2]
    at = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sql)
    return None if at is None else at.start() + 1
