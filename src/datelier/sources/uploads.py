"""Files sent by people: streamed to blobs under random names, sniffed, made into a source."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from datelier.kit.context import Context
from datelier.kit.errors import DatelierError, Malformed
from datelier.kit.ids import uuid7
from datelier.sources.catalog import FILE_HINT, look_at
from datelier.sources.errors import BadFile, DiskFull
from datelier.sources.manage import add_source, delete_source, free_name
from datelier.sources.models import Source
from datelier.sources.multipart import Event, Part
from datelier.sources.schemas import SourceOut
from datelier.sources.sniff import Sniffed, display_name, sniff, table_name

FILES_MAX: Final = 20
NAME_BYTES: Final = 1024
ROOM_KEPT: Final = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class _Stored:
    name: str
    key: str
    size: int
    kind: Sniffed


async def upload_source(ctx: Context, events: AsyncIterator[Event]) -> SourceOut:
    """Make a source of the files in a form (`files`, and a field `name`); nothing stays on failure.

    Raises:
        Malformed: No file, more than `FILES_MAX`, or a database together with other files.
        TooLarge: A file is larger than allowed.
        Unsupported: A file is not a table.
        BadFile: A file is damaged or made to exhaust memory.
        DiskFull: There is no room.
        UploadStalled: The sender stopped sending.
    """
    source_id = uuid7()
    folder = f"{ctx.org_id}/sources/{source_id}"
    try:
        name, stored = await _store_all(ctx, folder, events)
        await _insert(ctx, source_id, name or stored[0].name, stored)
    except BaseException:
        await asyncio.shield(ctx.resources.blobs.delete(folder))
        raise
    try:
        return await look_at(ctx, source_id, strict=True)
    except BadFile:
        await _forget(ctx, source_id, folder)
        raise


async def _insert(ctx: Context, source_id: UUID, name: str, stored: list[_Stored]) -> None:
    database = any(file.kind.format == "sqlite" for file in stored)
    if database and len(stored) > 1:
        raise Malformed(
            "A SQLite database is a source of its own.", hint="Upload it without other files."
        )
    files = _tables(stored)
    async with ctx.begin() as tx:
        await add_source(
            tx,
            await free_name(tx, name),
            "sqlite" if database else "files",
            {"files": files},
            source=Source(id=source_id),
        )


async def _forget(ctx: Context, source_id: UUID, folder: str) -> None:
    async with ctx.begin() as tx:
        await delete_source(tx, source_id)
    await ctx.resources.blobs.delete(folder)


async def _store_all(
    ctx: Context, folder: str, events: AsyncIterator[Event]
) -> tuple[str, list[_Stored]]:
    name, stored = "", list[_Stored]()
    async for event in events:
        if not isinstance(event, Part):
            raise Malformed("The form cannot be read.")
        if event.filename is None:
            text = await _field(events)
            name = text.strip()[:120] if event.name == "name" else name
        elif len(stored) >= FILES_MAX:
            raise Malformed(f"At most {FILES_MAX} files can be sent at once.")
        elif event.filename:
            stored.append(await _store(ctx, folder, event.filename, events))
    if not stored:
        raise Malformed("The form has no file.", hint="Send the files in the field `files`.")
    return name, stored


async def _field(events: AsyncIterator[Event]) -> str:
    text = b""
    async for chunk in _bytes(events):
        text = (text + chunk)[:NAME_BYTES]
    return text.decode("utf-8", "replace")


async def _bytes(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    async for event in events:
        if event is None:
            return
        if isinstance(event, Part):
            raise Malformed("The form cannot be read.")
        yield event


async def _store(ctx: Context, folder: str, filename: str, events: AsyncIterator[Event]) -> _Stored:
    blobs, limit = ctx.resources.blobs, ctx.resources.settings.upload_max_bytes
    if blobs.free_bytes() < ROOM_KEPT:
        raise DiskFull("There is no room for more files.", hint="Free space on the data disk.")
    key = f"{folder}/{uuid7().hex}"
    try:
        size = await blobs.put_stream(key, _bytes(events), limit=limit)
    except OSError:
        raise DiskFull("The file could not be stored.", hint="Look at the data disk.") from None
    kind = await asyncio.to_thread(_sniff, blobs.path(key), display_name(filename))
    return _Stored(display_name(filename), key, size, kind)


def _sniff(path: Path, name: str) -> Sniffed:
    try:
        return sniff(path)
    except DatelierError as error:
        error.detail = f"{name}: {error.detail}"
        error.hint = error.hint or FILE_HINT
        raise


def _tables(stored: list[_Stored]) -> list[dict[str, Any]]:
    """One entry per table: a workbook gives one per sheet."""
    taken: set[str] = set()
    tables: list[dict[str, Any]] = []
    for file in stored:
        facts: dict[str, Any] = {
            "name": file.name,
            "path": file.key,
            "format": file.kind.format,
            "bytes": file.size,
        }
        if len(file.kind.sheets) <= 1:
            tables.append(facts | {"table": table_name(file.name, taken)})
            continue
        stem = file.name.rpartition(".")[0] or file.name
        tables += [
            facts | {"table": table_name(f"{stem}_{sheet}", taken), "sheet": sheet}
            for sheet in file.kind.sheets
        ]
    return tables


async def remove_source(ctx: Context, source_id: UUID) -> None:
    """Remove a source, its secret and its stored files; results drawn from it stay readable.

    Raises:
        NotFound: No such source.
    """
    await _forget(ctx, source_id, f"{ctx.org_id}/sources/{source_id}")
