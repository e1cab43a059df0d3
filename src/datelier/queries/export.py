"""Whole results as files: CSV (RFC 4180) and JSON lines, made batch by batch."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import orjson

from datelier.queries.arrow_store import Index, read_slice
from datelier.wire.arrow import flags_of
from datelier.wire.columnar import column_json, texts_of
from datelier.wire.types import Batch, Column

_NEEDS_QUOTES: Final = re.compile(r'[",\r\n]|^\s|\s$')
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMERIC: Final = frozenset({"int32", "int64", "float64", "decimal"})


def csv_chunks(path: Path, index: Index, names: Sequence[str], *, protect: bool) -> Iterator[bytes]:
    """Yield a result as CSV: the header, then one chunk per stored batch.

    NULL is an empty field, an empty text is ``""``; integers and decimals keep every digit.

    Args:
        path: The stored stream.
        index: Where its batches lie.
        names: The column names.
        protect: Put ``'`` before texts that a spreadsheet would run as a formula.
    """
    yield (",".join(_cell(_safe(name, protect)) for name in names) + "\r\n").encode()
    for batch in read_slice(path, index, 0, sum(rows for _, _, rows in index)):
        columns = [_texts(column, protect) for column in batch.columns]
        lines = (",".join(row) for row in zip(*columns, strict=True))
        text = "\r\n".join(lines)
        if batch.length:
            yield (text + "\r\n").encode("utf-8", "replace")


def _texts(column: Column, protect: bool) -> list[str]:
    """Return a column's fields, quoted where needed."""
    if column.type == "binary":
        cells: list[Any] = _hex(column)
    elif column.type == "list":
        cells = texts_of(column)
    else:
        cells = column_json(column)
    if column.type == "boolean":
        return ["" if cell is None else "true" if cell else "false" for cell in cells]
    if column.type in _NUMERIC:
        return ["" if cell is None else str(cell) for cell in cells]
    present = flags_of(column.validity, column.length) if column.validity else None
    return [
        "" if cell is None or (present and not present[row]) else _cell(_safe(str(cell), protect))
        for row, cell in enumerate(cells)
    ]


def _hex(column: Column) -> list[Any]:
    positions = memoryview(column.offsets or b"\0\0\0\0").cast("i")
    return ["\\x" + column.data[start:stop].hex() for start, stop in pairwise(positions)]


def _safe(text: str, protect: bool) -> str:
    return "'" + text if protect and text.startswith(_FORMULA) else text


def _cell(text: str) -> str:
    if text == "":
        return '""'
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def jsonl_chunks(path: Path, index: Index, names: Sequence[str]) -> Iterator[bytes]:
    """Yield a result as JSON lines; values as in a page of rows. Later columns of one name win."""
    for batch in read_slice(path, index, 0, sum(rows for _, _, rows in index)):
        yield _lines(batch, names)


def _lines(batch: Batch, names: Sequence[str]) -> bytes:
    columns = [column_json(column) for column in batch.columns]
    rows = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def download_name(handle: str, title: str | None, version: int, suffix: str) -> str:
    """Return a file name such as ``q3-revenue-by-month-v1.csv``: plain ASCII, no folders."""
    words = re.sub(r"[^a-z0-9]+", "-", (title or "result").lower()).strip("-")[:60] or "result"
    return f"{handle.lower()}-{words}-v{version}.{suffix}"
