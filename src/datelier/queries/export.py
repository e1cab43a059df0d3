"""Whole results as files, made batch by batch in constant memory."""

import re
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from datelier.kit.errors import NotFound
from datelier.queries.arrow_store import StoredRows
from datelier.queries.file_names import unique_names
from datelier.queries.parquet import write_parquet
from datelier.queries.schemas import Format
from datelier.queries.sheet import require_sheet, sheet_chunks
from datelier.queries.stored import in_thread
from datelier.wire.arrow import flags_of
from datelier.wire.columnar import column_json, texts_of
from datelier.wire.types import Batch, Column

MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "arrow": "application/vnd.apache.arrow.stream",
}
_NEEDS_QUOTES: Final = re.compile(r'[",\r\n]|^\s|\s$')
_MARKS: Final = re.compile(rb'[",\r\n]')
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMERIC: Final = frozenset({"int32", "int64", "float64", "decimal"})
_PIECE: Final = 256 * 1024


async def file_chunks(stored: StoredRows, form: Format, *, protect: bool = True) -> Iterator[bytes]:
    """Return a result as a file, piece by piece; each step may block.

    Raises:
        NotFound: The stored rows are gone.
        SheetLimit: A workbook cannot hold them.
    """
    if not stored.path.is_file():  # one stat of a local file
        raise NotFound("result")
    if form == "parquet":
        return _pieces(await in_thread(partial(_parquet, stored)))
    if form == "xlsx":
        await in_thread(partial(require_sheet, stored))
    return chunks_of(stored, form, protect=protect)


def chunks_of(stored: StoredRows, form: Format, *, protect: bool) -> Iterator[bytes]:
    """Return a result in any format but Parquet, piece by piece."""
    if form == "csv":
        return csv_chunks(stored, protect=protect)
    if form == "jsonl":
        return jsonl_chunks(stored)
    if form == "xlsx":
        return sheet_chunks(stored)
    return _pieces(stored.path.open("rb"))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _parquet(stored: StoredRows) -> BinaryIO:
    """A Parquet file that has no name any more: it is gone once it is closed."""
    with tempfile.TemporaryDirectory(prefix="datelier-download-") as folder:
        target = Path(folder) / "result.parquet"
        write_parquet(stored.path, stored.columns, stored.rows, target)
        return target.open("rb")


def csv_chunks(stored: StoredRows, *, protect: bool) -> Iterator[bytes]:
    """Yield a result as CSV (RFC 4180): the header, then one chunk per stored batch.

    NULL is an empty field, an empty text is ``""``; integers and decimals keep every digit.

    Args:
        stored: The result.
        protect: Put ``'`` before texts that a spreadsheet would run as a formula.
    """
    names = (_cell(_safe(column.name, protect)) for column in stored.columns)
    yield (",".join(names) + "\r\n").encode("utf-8", "replace")
    for batch in stored.batches():
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
    if column.validity and column.type in {"binary", "list"}:
        present = flags_of(column.validity, column.length)
        cells = [cell if there else None for cell, there in zip(cells, present, strict=True)]
    # A letter or digit at both ends and no mark inside: most texts need nothing, and this is hot.
    plain = column.offsets is None or _MARKS.search(column.data) is None
    return [
        ""
        if cell is None
        else cell
        if plain and cell[:1].isalnum() and cell[-1:].isalnum()
        else _cell(_safe(cell, protect))
        for cell in cells
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


def jsonl_chunks(stored: StoredRows) -> Iterator[bytes]:
    r"""Yield a result as JSON lines.

    Values are as in a page of rows, bytes as ``\x00ff``. Repeated and empty column names are made
    different.
    """
    names = unique_names([column.name for column in stored.columns])
    for batch in stored.batches():
        if batch.length:
            yield _lines(batch, names)


def _lines(batch: Batch, names: list[str]) -> bytes:
    columns = [_json(column) for column in batch.columns]
    rows = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def _json(column: Column) -> list[Any]:
    values = column_json(column)
    if column.type != "binary":
        return values
    return [
        None if value is None else text for value, text in zip(values, _hex(column), strict=True)
    ]
