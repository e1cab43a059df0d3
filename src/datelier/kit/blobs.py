"""Bytes too large for a row: stored results and uploaded files, in one folder."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterable
from pathlib import Path

from datelier.kit.errors import NotFound, TooLarge
from datelier.kit.ids import uuid7


class Blobs:
    """A folder of immutable blobs. Keys look like ``<org id>/results/<id>``.

    Args:
        root: The folder; made with the first blob.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        """Return the file of `key`; a key that leaves the folder is a bug (ValueError)."""
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise ValueError(f"blob key leaves its folder: {key!r}")
        return path

    async def put(self, key: str, data: bytes) -> None:
        """Store `data`; visible under `key` only when complete."""
        await asyncio.to_thread(self._put, key, data)

    def _put(self, key: str, data: bytes) -> None:
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{uuid7().hex}")
        partial.write_bytes(data)
        partial.replace(path)

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes], *, limit: int) -> int:
        """Store a stream; return its size in bytes.

        Raises:
            TooLarge: More than `limit` bytes came; nothing is kept.
        """
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{uuid7().hex}")
        size = 0
        try:
            with partial.open("wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge(f"The file is larger than {limit // 1024**2} MB.")
                    await asyncio.to_thread(file.write, chunk)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return size

    async def get(self, key: str) -> bytes:
        """Return the bytes of `key`.

        Raises:
            NotFound: There is no such blob.
        """
        try:
            return await asyncio.to_thread(self.path(key).read_bytes)
        except FileNotFoundError:
            raise NotFound("file") from None

    async def delete(self, key: str) -> None:
        """Remove a blob, or everything below a key; a missing one is fine."""
        await asyncio.to_thread(self._delete, key)

    def _delete(self, key: str) -> None:
        path = self.path(key)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Return the bytes free on the folder's disk."""
        self.root.mkdir(parents=True, exist_ok=True)
        stats = os.statvfs(self.root)
        return stats.f_bavail * stats.f_frsize
