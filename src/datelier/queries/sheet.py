"""A stored result as an XLSX workbook with one sheet, streamed in constant memory.

A spreadsheet holds less than a database: numbers keep 15 digits, dates begin in March 1900, times
end at milliseconds and know no zone. What does not fit is written as text, exactly.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final
from xml.sax.saxutils import escape

from datelier.kit.errors import Invalid
from datelier.queries import sheet_parts
from datelier.queries.arrow_store import StoredRows
from datelier.wire.columnar import column_json, texts_of
from datelier.wire.temporal import DAY_MICROS, date_text, time_text, timestamp_text
from datelier.wire.types import Batch, Column

ROWS_MAX: Final = 1_048_575  # and the header
COLUMNS_MAX: Final = 16_384
CELL_MAX: Final = 32_767  # UTF-16 units
_DIGITS: Final = 15
_EPOCH: Final = 25_569  # 1970-01-01 as a spreadsheet counts days
_FIRST_DAY: Final = 61  # 1900-03-01; before it spreadsheets count a day that never was
_LAST_DAY: Final = 2_958_465  # 9999-12-31
_ROWS_AT_ONCE: Final = 2000
_LARGE: Final = 2**31
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_GENERAL, _DATE, _MOMENT, _TIME, _HEADER, _TEXT = range(6)


class SheetLimit(Invalid):
    """A workbook cannot hold the result; other formats can."""

    code = "xlsx_limit"


def require_sheet(stored: StoredRows) -> None:
    """Raise SheetLimit when a workbook cannot hold a result; reads it once."""
    hint = "Download it as Parquet or CSV instead."
    if stored.rows > ROWS_MAX:
        raise SheetLimit(f"A sheet holds {ROWS_MAX:,} rows; this is {stored.rows:,}.", hint=hint)
    if len(stored.columns) > COLUMNS_MAX:
        count = len(stored.columns)
        raise SheetLimit(f"A sheet holds {COLUMNS_MAX:,} columns; this has {count:,}.", hint=hint)
    names = [column.name for column in stored.columns]
    for batch in stored.batches():
        for name, column in zip(names, batch.columns, strict=True):
            if _longest(column) > CELL_MAX:
                raise SheetLimit(
                    f"A cell holds {CELL_MAX:,} characters; column {name[:80]!r} has a longer one.",
                    hint=hint,
                )


def _longest(column: Column) -> int:
    if column.offsets is None:
        return 0
    positions = memoryview(column.offsets).cast("i")
    most = max((stop - start for start, stop in pairwise(positions)), default=0)
    if column.type == "binary":
        return 2 + 2 * most
    if most <= CELL_MAX:
        return most
    return max(len(text.encode("utf-16-le")) // 2 for text in texts_of(column))


class _Sink:
    """Takes what a zip file writes until somebody fetches it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def sheet_chunks(stored: StoredRows) -> Iterator[bytes]:
    """Yield a result as a workbook; :func:`require_sheet` comes first."""
    sink = _Sink()
    # A file object that cannot seek: sizes follow each part, as zip allows.
    archive: Any = sink
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
        for name, text in sheet_parts.PARTS.items():
            book.writestr(name, text)
        size = stored.path.stat().st_size * 8 + stored.rows * len(stored.columns) * 60
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=size > _LARGE) as sheet:
            sheet.write(sheet_parts.SHEET_HEAD.encode())
            sheet.write(_header(stored).encode())
            row = 2
            letters = [_letters(position) for position in range(len(stored.columns))]
            for batch in stored.batches():
                for text in _rows(batch, letters, row):
                    sheet.write(text.encode())
                    yield sink.take()
                row += batch.length
            sheet.write(sheet_parts.SHEET_TAIL.encode())
    yield sink.take()


def _header(stored: StoredRows) -> str:
    cells: list[str] = []
    for position, column in enumerate(stored.columns):
        name = f"{column.name} (UTC)".lstrip() if column.type == "timestamptz" else column.name
        cells.append(f'<c r="{_letters(position)}1{_text(name[:CELL_MAX], _HEADER)}')
    return f'<row r="1">{"".join(cells)}</row>'


def _letters(position: int) -> str:
    text = ""
    position += 1
    while position:
        position, letter = divmod(position - 1, 26)
        text = chr(65 + letter) + text
    return text


def _rows(batch: Batch, letters: Sequence[str], first: int) -> Iterator[str]:
    """Rows as XML, some at a time."""
    columns = [_cells(column) for column in batch.columns]
    for start in range(0, batch.length, _ROWS_AT_ONCE):
        lines: list[str] = []
        for row in range(start, min(start + _ROWS_AT_ONCE, batch.length)):
            number = first + row
            line = "".join([
                f'<c r="{letter}{number}{cells[row]}'
                for letter, cells in zip(letters, columns, strict=True)
                if cells[row]
            ])  # fmt: skip
            lines.append(f'<row r="{number}">{line}</row>')
        yield "".join(lines)


def _cells(column: Column) -> list[str]:
    """Everything of each cell behind its name, from the quote that ends it; '' for NULL."""
    make = _MAKERS.get(column.type, _text)
    if column.type in _COUNTED:
        values: list[Any] = _counted(column)
    elif column.type == "binary":
        positions = memoryview(column.offsets or b"\0\0\0\0").cast("i")
        values = ["\\x" + column.data[start:stop].hex() for start, stop in pairwise(positions)]
        present = column_json(column)
        values = [
            v if there is not None else None for v, there in zip(values, present, strict=True)
        ]
    elif column.type == "list":
        present = column_json(column)
        texts = texts_of(column)
        values = [t if there is not None else None for t, there in zip(texts, present, strict=True)]
    else:
        values = column_json(column)
    return ["" if value is None else make(value) for value in values]


def _counted(column: Column) -> list[Any]:
    """Days or microseconds; None for NULL."""
    code = "i" if column.type == "date" else "q"
    numbers = memoryview(column.data).cast(code)[: column.length]
    if column.validity is None:
        return list(numbers)
    bits = column.validity
    return [n if bits[i >> 3] >> (i & 7) & 1 else None for i, n in enumerate(numbers)]


def _text(value: str, style: int = _GENERAL) -> str:
    safe = escape(_CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", value))
    mark = f' s="{style}"' if style else ""
    return f'"{mark} t="inlineStr"><is><t xml:space="preserve">{safe}</t></is></c>'


def _number(value: object) -> str:
    text = str(value)
    digits = text.lstrip("-").replace(".", "").lstrip("0")
    if not text.lstrip("-").replace(".", "", 1).isdigit() or len(digits) > _DIGITS:
        return _text(text, _TEXT)
    return f'"><v>{text}</v></c>'


def _float(value: object) -> str:
    # NaN and the infinities are texts already; a double keeps all its digits in a sheet.
    return _text(value, _TEXT) if isinstance(value, str) else f'"><v>{value!r}</v></c>'


def _boolean(value: object) -> str:
    return f'" t="b"><v>{int(bool(value))}</v></c>'


def _date(days: int) -> str:
    serial = days + _EPOCH
    if _FIRST_DAY <= serial <= _LAST_DAY:
        return f'" s="{_DATE}"><v>{serial}</v></c>'
    return _text(date_text(days), _TEXT)


def _time(micros: int) -> str:
    if micros % 1000 or not 0 <= micros < DAY_MICROS:
        return _text(time_text(micros), _TEXT)
    return f'" s="{_TIME}"><v>{micros / DAY_MICROS!r}</v></c>'


def _moment(zone: str) -> Callable[[int], str]:
    def make(micros: int) -> str:
        shifted = micros + _EPOCH * DAY_MICROS
        if micros % 1000 or not _FIRST_DAY <= shifted // DAY_MICROS <= _LAST_DAY:
            return _text(timestamp_text(micros, zone), _TEXT)
        return f'" s="{_MOMENT}"><v>{shifted / DAY_MICROS!r}</v></c>'

    return make


_COUNTED: Final = frozenset({"date", "time", "timestamp", "timestamptz"})
_MAKERS: Final[dict[str, Callable[[Any], str]]] = {
    "boolean": _boolean,
    "int32": _number,
    "int64": _number,
    "decimal": _number,
    "float64": _float,
    "date": _date,
    "time": _time,
    "timestamp": _moment(""),
    "timestamptz": _moment("Z"),
}
