"""Files to tables: which files a source may read, and how each format becomes a view or table."""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final, Literal

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


@dataclass(frozen=True, slots=True)
class FileTable:
    """One table of a source and the file behind it (resolved, allowed).

    With `parts`, the files below the folder `path` are the table together. `title` is what people
    call the file, where it is stored under another name.
    """

    name: str
    path: Path
    format: Format
    sheet: str | None = None
    parts: tuple[Path, ...] = ()
    title: str = ""

    @property
    def label(self) -> str:
        """What messages call the file."""
        return self.title or self.path.name

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


def literal(text: str) -> str:
    """A text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def sheet_array(table: FileTable) -> object:
    """A spreadsheet as an Arrow array with typed columns; the first row holds the names."""
    rows = _sheet_rows(table)
    if not rows:
        raise WorkerError("bad_file", f"{table.label} has no rows.", hint="Fill the sheet.")
    names = _unique_names(rows[0])
    width, body = len(names), rows[1:]
    cells = [[row[i] if i < len(row) else None for row in body] for i in range(width)]
    columns = tuple(_typed(values) for values in cells)
    return arrow_array(Batch(tuple(names), columns, len(body)))


def _sheet_rows(table: FileTable) -> list[list[Any]]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only for sheets

    if table.path.stat().st_size > XLSX_MAX:
        raise WorkerError("bad_file", f"{table.label} is larger than 100 MB.")
    if zipfile.is_zipfile(table.path):
        with zipfile.ZipFile(table.path) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > XLSX_UNPACKED_MAX:
            raise WorkerError("bad_file", f"{table.label} unpacks to more than 512 MB.")
    try:
        book = CalamineWorkbook.from_path(str(table.path))
        sheet = table.sheet or book.sheet_names[0]
        if sheet not in book.sheet_names:
            raise WorkerError("bad_file", f"{table.label} has no sheet {sheet!r}.")
        found: list[list[Any]] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=True)
    except (CalamineError, OSError, IndexError, ValueError) as error:
        raise WorkerError("bad_file", f"{table.label} is not a readable workbook.") from error
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
