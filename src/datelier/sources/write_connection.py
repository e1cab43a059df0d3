"""The write-enabled connection of a source: an account of its own, for approved writes alone.

Nothing of the read path knows it. It leads to the place of the source itself, and is forgotten
when that place changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson

from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.errors import Conflict, Invalid
from datelier.sources.capability import LOCAL_ENGINES
from datelier.sources.models import Source
from datelier.sources.target import Target, describe_target, get_source
from datelier.sources.write_schemas import WriteConnectionIn, WriteConnectionOut

WRITABLE: Final = frozenset({"postgresql", "mysql", "sqlite"})
_PLACE: Final = ("host", "port", "database", "path")


class NotWritable(Conflict):
    """The source has no write-enabled connection."""

    code, title = "not_writable", "Source cannot be written to"


@dataclass(frozen=True, slots=True)
class WriteTarget:
    """The connection as the worker needs it, and how much one write may do."""

    target: Target
    max_rows: int
    timeout_s: int
    rehearse: bool


async def show(ctx: Context, source_id: UUID) -> WriteConnectionOut:
    """Return the write-enabled connection of a source, without its secret."""
    return _out(await get_source(ctx, source_id))


async def put(ctx: Context, source_id: UUID, data: WriteConnectionIn) -> WriteConnectionOut:
    """Set the write-enabled connection of a source.

    Raises:
        NotFound: No such source.
        Invalid: This source cannot be written to, or the account is missing or the one that reads.
    """
    source = await get_source(ctx, source_id, for_update=True)
    _require_writable(ctx, source)
    _require_account(source, data)
    before = source.write_config or {}
    if data.password is not None and data.password.get_secret_value():
        secret = data.password.get_secret_value()
        source.write_secret = ctx.resources.cipher.seal(secret, _place(source.id, ctx.org_id))
    elif before.get("user") != data.user:
        source.write_secret = None
    source.write_config = data.model_dump(exclude={"password"})
    await record(
        ctx,
        action="source.write_connection_set",
        target=("source", source.id),
        detail={"user": data.user, "max_rows": data.max_rows, "rehearse": data.rehearse},
    )
    await ctx.session.flush()
    return _out(source)


async def remove(ctx: Context, source_id: UUID) -> None:
    """Forget the write-enabled connection of a source and its secret."""
    source = await get_source(ctx, source_id, for_update=True)
    forget(source)
    await record(ctx, action="source.write_connection_removed", target=("source", source.id))
    await ctx.session.flush()


def forget(source: Source) -> None:
    """Forget the connection, in the transaction of whatever makes it void."""
    source.write_config, source.write_secret = None, None


def forget_if_moved(source: Source, config: Mapping[str, Any]) -> None:
    """Forget the connection when the source moves: its secret was given for the old place."""
    if any(source.config.get(key) != config.get(key) for key in _PLACE):
        forget(source)


async def write_target(ctx: Context, source_id: UUID) -> WriteTarget:
    """Return the write-enabled connection of a source, its password opened.

    Raises:
        NotFound: No such source.
        NotWritable: Nobody has set one.
    """
    source = await get_source(ctx, source_id)
    config = source.write_config
    if config is None:
        raise NotWritable(
            f"{source.name} has no write-enabled connection.",
            hint="An admin can set one on the page of the source. Propose the change in words.",
        )
    secret = None
    if source.write_secret is not None:
        secret = ctx.resources.cipher.open(source.write_secret, _place(source.id, source.org_id))
    account = {"user": config["user"]} if config.get("user") is not None else {}
    told = describe_target(source.engine, source.config | account, secret, str(source.id))
    target = replace(
        told, json=orjson.dumps(orjson.loads(told.json) | {"access": "write"}).decode()
    )
    return WriteTarget(
        target, config["max_rows"], config["timeout_seconds"], bool(config["rehearse"])
    )


def _place(source_id: UUID, org_id: UUID) -> str:
    return f"source:{source_id}:write_secret:{org_id}"


def _require_writable(ctx: Context, source: Source) -> None:
    if source.engine not in WRITABLE:
        raise Invalid.field("source", "sources of this kind cannot be written to")
    if source.worker_source is not None:
        raise Invalid.field("source", "the worker that holds this source has its settings")
    path = source.config.get("path")
    folders = ctx.resources.settings.writable_folders
    if path is not None and not any(Path(path).is_relative_to(f.resolve()) for f in folders):
        raise Invalid.field(
            "source", "the operator must list the folder of this file in DATELIER_WRITABLE_FOLDERS"
        )


def _require_account(source: Source, data: WriteConnectionIn) -> None:
    if source.engine in LOCAL_ENGINES:
        if data.user is not None or data.password is not None:
            raise Invalid.field("user", "a file has no accounts")
    elif data.user is None:
        raise Invalid.field("user", "is needed: an account for writes alone")
    elif data.user == source.config.get("user"):
        raise Invalid.field("user", "must not be the account that reads")


def _out(source: Source) -> WriteConnectionOut:
    config = source.write_config or {}
    return WriteConnectionOut(
        enabled=source.write_config is not None,
        user=config.get("user"),
        has_password=source.write_secret is not None,
        max_rows=config.get("max_rows", 10_000),
        timeout_seconds=config.get("timeout_seconds", 30),
        rehearse=config.get("rehearse", False),
    )
