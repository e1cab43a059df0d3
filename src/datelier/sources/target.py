"""What a worker is told about a source, for one action and no longer."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, LiteralString
from uuid import UUID

import orjson

from datelier.kit.context import Context
from datelier.kit.db import get_owned
from datelier.kit.errors import NotFound
from datelier.sources.capability import Need
from datelier.sources.models import Source

# For statements of one trip: what :func:`read_target` takes of a source that is not removed.
TARGET: LiteralString = """
    select name, engine, config, secret, worker_source from source
    where org_id = %(org)s and id = %(source)s and deleted_at is null
"""
TargetRow = tuple[str, str, dict[str, Any], bytes | None, str | None]
_FILE_KEYS: Final = ("table", "path", "format", "sheet", "name")


@dataclass(frozen=True, slots=True)
class Target:
    """A source as the worker needs it. `json` may hold its password: never log or store it."""

    source_id: str
    engine: str
    json: str = field(repr=False)
    held: str | None = None

    def within(self, schemas: Sequence[str] | None) -> "Target":
        """Return the source narrowed to these schemas; None for all that it has."""
        if schemas is None:
            return self
        body = orjson.loads(self.json) | {"only_schemas": list(schemas)}
        return replace(self, json=orjson.dumps(body).decode())

    @property
    def need(self) -> Need:
        """What a worker needs to have for this source."""
        return Need(self.engine, self.held)


def secret_place(source_id: UUID, org_id: UUID) -> str:
    """The associated data a source's password is sealed with."""
    return f"source:{source_id}:secret:{org_id}"


def describe_target(
    engine: str, config: dict[str, Any], password: str | None, source_id: str = ""
) -> Target:
    """Return the worker's view of an engine, its settings and its password."""
    body: dict[str, Any] = {"engine": engine}
    if engine == "files" and "files" in config:
        body["paths"] = [
            {key: file[key] for key in _FILE_KEYS if file.get(key) is not None}
            for file in config["files"]
        ]
    elif engine == "sqlite" and "files" in config:
        body["path"] = config["files"][0]["path"]
    else:
        body |= config
    if password is not None:
        body["password"] = password
    return Target(source_id, engine, orjson.dumps(body).decode())


async def get_source(ctx: Context, source_id: UUID, *, for_update: bool = False) -> Source:
    """Return a source that has not been removed.

    Raises:
        NotFound: Unknown, removed, or of another organization.
    """
    source = await get_owned(ctx, Source, source_id, for_update=for_update)
    if source.deleted_at is not None:
        raise NotFound("source", source_id)
    return source


def held_target(engine: str, name: str, source_id: str = "") -> Target:
    """Return a source whose settings and secret only a worker has, under this name."""
    body = orjson.dumps({"engine": engine, "worker_source": name}).decode()
    return Target(source_id, engine, body, held=name)


def target_of(ctx: Context, source: Source) -> Target:
    """Return a stored source as the worker needs it, its password opened."""
    return read_target(ctx, source.id, target_row(source))


def target_row(source: Source) -> TargetRow:
    """Return the same of a source as :data:`TARGET` selects."""
    return source.name, source.engine, source.config, source.secret, source.worker_source


def read_target(ctx: Context, source_id: UUID, row: TargetRow) -> Target:
    """Return a source as the worker needs it, its password opened."""
    _, engine, config, secret, worker_source = row
    if worker_source is not None:
        return held_target(engine, worker_source, str(source_id))
    password = None
    if secret is not None:
        password = ctx.resources.cipher.open(secret, secret_place(source_id, ctx.org_id))
    return describe_target(engine, config, password, str(source_id))


async def open_target(ctx: Context, source_id: UUID) -> Target:
    """Return :func:`target_of` a source by its id, in a transaction of its own if none is open."""
    if ctx.in_transaction:
        return target_of(ctx, await get_source(ctx, source_id))
    async with ctx.begin() as tx:
        return target_of(tx, await get_source(tx, source_id))
