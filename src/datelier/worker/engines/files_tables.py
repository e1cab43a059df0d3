"""Which tables a files source has."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from datelier.worker.engines.files_load import (
    FILES_MAX,
    FORMATS,
    FileTable,
    Places,
    table_name,
)
from datelier.worker.engines.files_objects import Objects
from datelier.worker.engines.files_parts import subfolders, tables_of
from datelier.worker.errors import WorkerError


def read_tables(source: Mapping[str, Any], places: Places, objects: Objects) -> list[FileTable]:
    """The tables of a files source: listed paths, remote objects, patterns of a folder, or all."""
    config: dict[str, Any] = {**source, **(source.get("config") or {})}
    if config.get("paths"):
        return [_listed(entry, places) for entry in config["paths"][:FILES_MAX]]
    if config.get("objects"):
        return objects.tables(config["objects"])
    folder = config.get("folder")
    if not isinstance(folder, str) or not folder:
        raise WorkerError("source_missing", "The source names no files and no folder.")
    real = places.resolve(folder)
    if not real.is_dir():
        raise WorkerError("source_missing", f"The folder {folder[:200]!r} does not exist.")
    if config.get("tables"):
        return list(tables_of(real, config["tables"][:FILES_MAX]))
    return list(_in_folder(real))


def _listed(entry: Mapping[str, Any], places: Places) -> FileTable:
    path = places.resolve(str(entry.get("path") or ""))
    chosen = str(entry.get("format") or "").lower() or path.suffix.lower().lstrip(".")
    made = FORMATS.get(f".{chosen}")
    if made is None:
        raise WorkerError("bad_file", f"{path.name} has an unknown format.")
    return FileTable(
        str(entry.get("table") or table_name(path.stem)),
        path,
        made,
        entry.get("sheet"),
        title=str(entry.get("name") or ""),
    )


def _in_folder(folder: Path) -> Iterator[FileTable]:
    taken: set[str] = set()
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in FORMATS)
    for path in found[:FILES_MAX]:
        real = path.resolve()
        if not real.is_file() or not real.is_relative_to(folder):
            continue  # a link that leads out of the folder
        name = base = table_name(path.stem)
        number = 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        yield FileTable(name, real, FORMATS[path.suffix.lower()])
    yield from subfolders(folder, taken)
