"""How a delimited file is read so that no row of it is lost."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

import duckdb

from datelier.worker.engines.files_convert import Sniffed, sniff
from datelier.worker.engines.files_load import FileTable

_WHOLE_SNIFF: Final = 64 * 1024 * 1024
_HEADING_MAX: Final = 20  # lines above a table that are a title, a period, an account
_HEADING_MARKS: Final = 1  # separators in one of them, as in "Account;12345"
PADDED: Final = ("strict_mode=false", "null_padding=true")
MISSING: Final = "has rows of different length; missing values are NULL."


Way = tuple[Sniffed, str | None]


def strictly(database: duckdb.DuckDBPyConnection, table: FileTable, encoding: str) -> Way | None:
    """How a regular file is read, with the note that it deserves; None when it is not regular.

    Raises duckdb.Error when that makes no sense.
    """
    options, notes = _start(table, encoding)
    found = sniff(database, table, options)
    if not _sound(found, table, encoding):
        return None
    left_out = int(found.dialect["SkipRows"])
    if left_out:
        lines = f"{left_out} lines" if left_out > 1 else "line"
        notes.append(f"Left out as a heading: the first {lines} of {table.label}.")
    return found, " ".join(notes) or None


def padded(database: duckdb.DuckDBPyConnection, table: FileTable, encoding: str) -> Way:
    """How any file is read so that every row is kept, however many fields it has; as `strictly`."""
    options, notes = _start(table, encoding)
    wide = [*options, *PADDED]
    found = sniff(database, table, wide)
    if not found.dialect["HasHeader"] and _named(database, table, options):
        # The names are fewer than the longest row has fields, so they were taken for values.
        found = sniff(database, table, [*wide, "header=true"])
    return found, " ".join([*notes, f"{table.label} {MISSING}"])


def regular(database: duckdb.DuckDBPyConnection, table: FileTable, options: Sequence[str]) -> bool:
    """Whether no row of a UTF-8 file is lost with these options; raises duckdb.Error."""
    return _sound(sniff(database, table, options), table, "utf-8")


def _start(table: FileTable, encoding: str) -> tuple[list[str], list[str]]:
    options = [f"sample_size={-1 if table.path.stat().st_size <= _WHOLE_SNIFF else 200_000}"]
    if encoding == "utf-8":
        return options, []
    said = f"{table.label} is not UTF-8; it was read as {encoding}."
    return [*options, f"encoding='{encoding}'"], [said]


def _sound(sniffed: Sniffed, table: FileTable, encoding: str) -> bool:
    """Whether the sniffer neither gave up on separators nor left out rows of the table."""
    names = list(sniffed.columns)
    if len(names) == 1 and re.search(r"[,;\t|]", names[0]):
        return False
    skipped = int(sniffed.dialect["SkipRows"])
    if not skipped:
        return True
    if skipped > _HEADING_MAX or not sniffed.dialect["HasHeader"]:
        return False
    mark = str(sniffed.dialect["Delimiter"])
    with table.path.open(encoding=encoding, errors="replace") as file:
        return all(line.count(mark) <= _HEADING_MARKS for line in islice(file, skipped))


def _named(database: duckdb.DuckDBPyConnection, table: FileTable, options: list[str]) -> bool:
    """Whether the first line names the columns of the rows that have as many fields as it."""
    facts: dict[str, Any] = sniff(database, table, [*options, "ignore_errors=true"]).dialect
    return bool(facts["HasHeader"]) and not facts["SkipRows"]
