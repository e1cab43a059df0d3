"""Files to tables: which files a source may read, and how each format becomes a view or table."""

import codecs
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from datelier.wire.arrow import arrow_array, column_from_values
from datelier.wire.types import Batch, ColumnType
from datelier.worker.errors import WorkerError

Format = Literal["csv", "parquet", "json", "xlsx"]
FORMATS: Final[dict[str, Format]] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".json": "json",
    ".jsonl": "json", ".ndjson": "json", ".xlsx": "xlsx", ".xls": "xlsx", ".ods": "xlsx",
}  # fmt: skip
FILES_MAX: Final = 500
XLSX_MAX: Final = 100 * 1024 * 1024
XLSX_UNPACKED_MAX: Final = 512 * 1024 * 1024
LINE_MAX: Final = 2 * 1024 * 1024
_CHECKED_BYTES: Final = 64 * 1024 * 1024
_WHOLE_SNIFF: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileTable:
    """One table of a source and the file behind it (resolved, allowed).

    With `parts`, the files below the folder `path` are the table together.
    """

    name: str
    path: Path
    format: Format
    sheet: str | None = None
    parts: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All files of the table."""
        return self.parts or (self.path,)


@dataclass(frozen=True, slots=True)
class Places:
    """Where this worker may read files. Relative paths of a source lie under `root`."""

    root: Path
    folders: tuple[Path, ...] = ()
    urls: tuple[str, ...] = ()

    def resolve(self, text: str) -> Path:
        """The real path, links followed, if it lies in an allowed place."""
        wanted = Path(text)
        if "\0" in text or (wanted.is_absolute() is False and ".." in wanted.parts):
            raise WorkerError("source_missing", f"The path {text[:200]!r} is not allowed.")
        real = (self.root / wanted).resolve()
        bases = self.folders if wanted.is_absolute() else (self.root,)
        if any(real.is_relative_to(base.resolve()) for base in (*bases, self.root)):
            return real
        raise WorkerError(
            "source_missing",
            f"The path {text[:200]!r} is outside the folders this worker may read.",
            hint="Ask the operator to add its folder to the allowed folders.",
        )


def table_name(stem: str) -> str:
    """A file's name as a table name that needs no quotes."""
    name = re.sub(r"\W+", "_", stem.lower()).strip("_") or "table"
    return f"t_{name}" if name[0].isdigit() else name


def encoding_of(path: Path) -> str:
    """`utf-8`, `utf-16` or `latin-1` (every file is that, so it is the last resort)."""
    with path.open("rb") as file:
        head = file.read(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\0" in head + file.read(8192):
            raise WorkerError("bad_file", f"{path.name} is not a text file.")
        file.seek(0)
        return _scan(file, path.name)


def _scan(file: BinaryIO, name: str) -> str:
    """Judge the first 64 MB: is it UTF-8, and is no line too long (DuckDB would hang on it)?"""
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    line = 0
    for _ in range(_CHECKED_BYTES // 1_048_576):
        chunk = file.read(1_048_576)
        head, *rest = chunk.replace(b"\r", b"\n").split(b"\n")
        longest = max([line + len(head), *map(len, rest)])
        if longest > LINE_MAX:
            raise WorkerError("bad_file", f"{name} has a line longer than 2 MB.")
        line = len(rest[-1]) if rest else line + len(head)
        if decoder is not None:
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                decoder = None
        if not chunk:
            break
    return "utf-8" if decoder is not None else "latin-1"


def csv_options(table: FileTable) -> Iterator[tuple[list[str], str | None]]:
    """Options of `read_csv` to try in order, each with the note it deserves if it is the one."""
    encoding = encoding_of(table.path)
    options = [f"sample_size={-1 if table.path.stat().st_size <= _WHOLE_SNIFF else 200_000}"]
    note = None
    if encoding != "utf-8":
        options.append(f"encoding='{encoding}'")
        note = f"{table.path.name} is not UTF-8; it was read as {encoding}."
    yield options, note
    padded = [*options, "strict_mode=false", "null_padding=true"]
    ragged = f"{table.path.name} has rows of different length; missing values are NULL."
    yield padded, f"{note} {ragged}" if note else ragged


def literal(text: str) -> str:
    """A text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def sheet_array(table: FileTable) -> object:
    """A spreadsheet as an Arrow array with typed columns; the first row holds the names."""
    rows = _sheet_rows(table)
    if not rows:
        raise WorkerError("bad_file", f"{table.path.name} has no rows.", hint="Fill the sheet.")
    names = _unique_names(rows[0])
    width, body = len(names), rows[1:]
    cells = [[row[i] if i < len(row) else None for row in body] for i in range(width)]
    columns = tuple(_typed(values) for values in cells)
    return arrow_array(Batch(tuple(names), columns, len(body)))


def _sheet_rows(table: FileTable) -> list[list[Any]]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only for sheets

    if table.path.stat().st_size > XLSX_MAX:
        raise WorkerError("bad_file", f"{table.path.name} is larger than 100 MB.")
    if zipfile.is_zipfile(table.path):
        with zipfile.ZipFile(table.path) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > XLSX_UNPACKED_MAX:
            raise WorkerError("bad_file", f"{table.path.name} unpacks to more than 512 MB.")
    try:
        book = CalamineWorkbook.from_path(str(table.path))
        sheet = table.sheet or book.sheet_names[0]
        if sheet not in book.sheet_names:
            raise WorkerError("bad_file", f"{table.path.name} has no sheet {sheet!r}.")
        found: list[list[Any]] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=True)
    except (CalamineError, OSError, IndexError, ValueError) as error:
        raise WorkerError("bad_file", f"{table.path.name} is not a readable workbook.") from error
    return found


def _unique_names(header: Sequence[Any]) -> list[str]:
    names: list[str] = []
    for position, cell in enumerate(header):
        name = base = str(cell).strip() or f"column{position}"
        number = 1
        while name in names:
            name, number = f"{base}_{number}", number + 1
        names.append(name)
    return names


def _typed(values: list[Any]) -> Any:
    present = [None if value == "" else value for value in values]  # calamine: '' is no value
    kinds: set[type] = {type(value) for value in present if value is not None}
    kind: ColumnType = "string"
    if kinds == {bool}:
        kind = "boolean"
    elif kinds and kinds <= {int, float}:
        kind = "int64" if all(v is None or float(v).is_integer() for v in present) else "float64"
    elif kinds == {date}:
        kind = "date"
    elif kinds and kinds <= {date, datetime}:
        kind = "timestamp"
        present = [_moment(value) for value in present]
    elif kinds == {time}:
        kind = "time"
    try:
        return column_from_values(kind, present)
    except OverflowError:
        return column_from_values("string", present)


def _moment(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - cells have no zone
    return value
