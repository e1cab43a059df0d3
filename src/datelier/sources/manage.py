"""Create, list, change and remove sources."""

from pathlib import Path
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy import delete, exists, func, select

from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.errors import Conflict, Invalid, NotFound
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number
from datelier.kit.pagination import Page, decode_cursor, encode_cursor
from datelier.sources.conventions import set_conventions
from datelier.sources.models import ColumnProfile, Source, ValueIndex
from datelier.sources.privacy import set_privacy
from datelier.sources.schemas import (
    BigQueryConfig,
    ClickHouseConfig,
    DraftIn,
    FolderConfig,
    MySqlConfig,
    ObjectsConfig,
    PostgresConfig,
    SnowflakeConfig,
    SourceIn,
    SourceOut,
    SourcePatch,
    SqliteConfig,
    SqlServerConfig,
    TrinoConfig,
    WeakRole,
)
from datelier.sources.target import get_source, secret_place
from datelier.sources.write_connection import forget, forget_if_moved

_NOT_ALLOWED: Final = "must exist inside a folder listed in DATELIER_ALLOWED_FOLDERS"
_ENDPOINT: Final = ("host", "port", "database", "user", "sslmode", "tls", "account", "project")
_SERVERS: Final[dict[str, type[BaseModel]]] = {
    "postgresql": PostgresConfig,
    "mysql": MySqlConfig,
    "clickhouse": ClickHouseConfig,
    "trino": TrinoConfig,
    "bigquery": BigQueryConfig,
    "snowflake": SnowflakeConfig,
    "sqlserver": SqlServerConfig,
}


class NameTaken(Conflict):
    """Another source of the organization has this name."""

    code = "name_taken"


def checked_config(ctx: Context, engine: str, config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with only known settings, each of them acceptable.

    Raises:
        Invalid: With one entry per rejected field, such as ``config.host``.
    """
    try:
        if engine in _SERVERS:
            return (
                _SERVERS[engine].model_validate(config).model_dump(exclude_none=True, by_alias=True)
            )
        if engine == "sqlite":
            path = SqliteConfig.model_validate(config).path
            return {"path": str(allowed_file(ctx, path))}
        if "objects" in config:
            return _allowed_objects(ctx, ObjectsConfig.model_validate(config))
        chosen = FolderConfig.model_validate(config)
    except ValidationError as error:
        raise Invalid(
            "The source's settings are not acceptable.",
            errors=[
                {
                    "path": ".".join(["config", *map(str, item["loc"])]),
                    "message": item["msg"].removeprefix("Value error, "),
                }
                for item in error.errors(include_input=False, include_url=False)
            ],
        ) from None
    folder = str(allowed_folder(ctx, chosen.folder))
    return chosen.model_dump(exclude_none=True) | {"folder": folder}


def allowed_folder(ctx: Context, folder: str) -> Path:
    """Return the real path of a folder inside one that the operator has allowed.

    Symbolic links are followed first, so a link cannot lead out of an allowed folder.

    Raises:
        Invalid: Not a folder, or not allowed; both answer the same.
    """
    real = _allowed(ctx, folder)
    if real is not None and real.is_dir():
        return real
    raise Invalid.field("config.folder", _NOT_ALLOWED)


def allowed_file(ctx: Context, path: str) -> Path:
    """Return the real path of a file inside a folder that the operator has allowed.

    Raises:
        Invalid: Not a file, or not allowed; both answer the same.
    """
    real = _allowed(ctx, path)
    if real is not None and real.is_file():
        return real
    raise Invalid.field("config.path", _NOT_ALLOWED)


def _allowed_objects(ctx: Context, config: ObjectsConfig) -> dict[str, Any]:
    listed = (url.partition("@")[0] for url in ctx.resources.settings.allowed_urls)
    allowed = [f"{url.rstrip('/')}/" for url in listed]
    for position, wanted in enumerate(config.objects):
        if not any(wanted.url.startswith(prefix) for prefix in allowed):
            path = f"config.objects.{position}.url"
            raise Invalid.field(path, "must be below a URL listed in DATELIER_ALLOWED_URLS")
    return config.model_dump(exclude_none=True)


def _allowed(ctx: Context, text: str) -> Path | None:
    try:
        real = Path(text).resolve(strict=True)
        folders = ctx.resources.settings.allowed_folders
        inside = any(real.is_relative_to(allowed.resolve()) for allowed in folders)
    except (OSError, ValueError, RuntimeError):
        return None
    return real if inside and Path(text).is_absolute() else None


def source_out(source: Source, table_count: int | None) -> SourceOut:
    """Return a source as the API shows it."""
    config = source.config
    if "files" in config:
        shown = ("name", "table", "format", "bytes")
        files: list[dict[str, Any]] = config["files"]
        config = {"files": [{key: file.get(key) for key in shown} for file in files]}
    return SourceOut.model_validate(
        {
            "id": source.id,
            "number": source.number,
            "name": source.name,
            "engine": source.engine,
            "status": source.status,
            "last_error": source.last_error,
            "sample": source.sample,
            "table_count": table_count,
            "config": config,
            "has_password": source.secret is not None,
            "credentials": source.credentials,
            "worker_source": source.worker_source,
            "created_at": source.created_at,
            "checked_at": source.checked_at,
            "weak_role": WeakRole.model_validate(source.weak_role) if source.weak_role else None,
            "private": source.private,
            "private_columns": source.private_columns,
            "writable": source.write_config is not None,
            "conventions": source.conventions or {},
        }
    )


_TABLES: Final = func.jsonb_array_length(Source.catalog["tables"])


async def _table_count(ctx: Context, source: Source) -> int | None:
    query = select(_TABLES).where(Source.org_id == ctx.org_id, Source.id == source.id)
    return (await ctx.session.execute(query)).scalar_one_or_none()


async def show_source(ctx: Context, source_id: UUID) -> SourceOut:
    """Return one source of the organization, or raise NotFound."""
    source = await get_source(ctx, source_id)
    return source_out(source, await _table_count(ctx, source))


async def list_sources(
    ctx: Context, *, cursor: str | None = None, limit: int = 50
) -> Page[SourceOut]:
    """Return the organization's sources, oldest first."""
    query = (
        owned(ctx, Source)
        .add_columns(_TABLES)
        .where(Source.deleted_at.is_(None))
        .order_by(Source.id)
        .limit(limit + 1)
    )
    after = decode_cursor(cursor)
    if after is not None:
        query = query.where(Source.id > after)
    rows = (await ctx.session.execute(query)).all()
    return Page(
        data=[source_out(row[0], row[1]) for row in rows[:limit]],
        next=encode_cursor(rows[limit - 1][0].id) if len(rows) > limit else None,
    )


async def create_source(ctx: Context, data: SourceIn) -> SourceOut:
    """Store a source; its contents are not looked at yet.

    Raises:
        Invalid: A setting is not acceptable.
        NameTaken: Another source has the name.
    """
    if data.credentials == "worker":
        source = Source(id=uuid7(), credentials="worker", worker_source=held_name(data))
        return source_out(await add_source(ctx, data.name, data.engine, {}, source=source), None)
    config = checked_config(ctx, data.engine, data.config)
    source = await add_source(ctx, data.name, data.engine, config, password=data.password)
    return source_out(source, None)


def held_name(data: SourceIn | DraftIn) -> str:
    """Return the name under which a worker holds the source.

    Raises:
        Invalid: It is missing, or settings came along that only the worker should have.
    """
    if data.worker_source is None:
        raise Invalid.field("worker_source", "is needed when a worker holds the source")
    for field, given in (("config", data.config), ("password", data.password)):
        if given:
            raise Invalid.field(field, "stays with the worker that holds the source")
    return data.worker_source


async def add_source(
    ctx: Context,
    name: str,
    engine: str,
    config: dict[str, Any],
    *,
    password: SecretStr | None = None,
    source: Source | None = None,
) -> Source:
    """Insert a source row with a number, a sealed secret and an audit entry."""
    await _free_name(ctx, name)
    row = source or Source(id=uuid7())
    row.number = await next_number(ctx, "source")
    row.name, row.engine, row.config = name, engine, config
    row.created_by = ctx.actor.id
    if password is not None and password.get_secret_value():
        row.secret = _seal(ctx, row.id, password)
    await add_owned(ctx, row)
    await record(
        ctx,
        action="source.created",
        target=("source", row.id),
        detail={"name": name, "engine": engine},
    )
    return row


def _seal(ctx: Context, source_id: UUID, password: SecretStr) -> bytes:
    place = secret_place(source_id, ctx.org_id)
    return ctx.resources.cipher.seal(password.get_secret_value(), place)


async def _free_name(ctx: Context, name: str, *, but: UUID | None = None) -> None:
    taken = owned(ctx, Source).where(
        func.lower(Source.name) == name.lower(), Source.deleted_at.is_(None)
    )
    if but is not None:
        taken = taken.where(Source.id != but)
    if (await ctx.session.execute(select(exists(taken.subquery())))).scalar_one():
        raise NameTaken(f"A source named {name} exists already.", hint="Choose another name.")


async def free_name(ctx: Context, wanted: str) -> str:
    """Return `wanted`, or it with the first number that makes it free."""
    name, number = wanted[:110], 1
    while True:
        try:
            await _free_name(ctx, name)
        except NameTaken:
            number += 1
            name = f"{wanted[:110]} {number}"
        else:
            return name


async def update_source(ctx: Context, source_id: UUID, data: SourcePatch) -> SourceOut:
    """Change a source.

    A stored password is never sent to another place: a new endpoint needs the password again.

    Raises:
        NotFound: No such source.
        Invalid: A setting is not acceptable, or the password is missing.
        NameTaken: Another source has the name.
    """
    source = await get_source(ctx, source_id, for_update=True)
    if data.name is not None:
        await _free_name(ctx, data.name, but=source.id)
        source.name = data.name
    if source.worker_source is not None and not data.model_fields_set <= {"name", "conventions"}:
        raise Invalid.field("config", "the worker that holds this source has its settings")
    if data.config is not None:
        _reconfigure(ctx, source, data.config, keeps_secret=data.password is None)
    if data.password is not None:
        text = data.password.get_secret_value()
        source.secret = _seal(ctx, source.id, data.password) if text else None
        source.status = "unchecked"
    if data.private is not None or data.private_columns is not None:
        await set_privacy(ctx, source, data.private, data.private_columns)
    if data.conventions is not None:
        await set_conventions(ctx, source, data.conventions)
    await record(
        ctx,
        action="source.updated",
        target=("source", source.id),
        detail={"fields": sorted(data.model_fields_set)},
    )
    await ctx.session.flush()
    await ctx.session.refresh(source)
    return source_out(source, await _table_count(ctx, source))


def _reconfigure(
    ctx: Context, source: Source, changed: dict[str, Any], *, keeps_secret: bool
) -> None:
    if "files" in source.config:
        raise Invalid.field("config", "uploaded files cannot be changed; upload them anew")
    config = checked_config(ctx, source.engine, source.config | changed)
    if source.secret is not None and keeps_secret:
        refuse_moved_secret(source.config, config)
    forget_if_moved(source, config)
    source.config, source.status = config, "unchecked"


def refuse_moved_secret(stored: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Raise Invalid when a stored password would go to another place than it was given for."""
    if any(stored.get(key) != wanted.get(key) for key in _ENDPOINT):
        raise Invalid.field("password", "is needed again, because the connection has changed")


async def delete_source(ctx: Context, source_id: UUID) -> None:
    """Remove a source and forget its secret; its queries and results stay readable."""
    source = await get_source(ctx, source_id, for_update=True)
    source.deleted_at, source.secret = now(), None
    forget(source)
    await forget_profiles(ctx, source_id)
    await record(
        ctx, action="source.deleted", target=("source", source.id), detail={"name": source.name}
    )
    await ctx.session.flush()


async def forget_profiles(ctx: Context, source_id: UUID) -> None:
    """Remove what is known of a source's values."""
    for model in (ColumnProfile, ValueIndex):
        await ctx.session.execute(
            delete(model).where(model.org_id == ctx.org_id, model.source_id == source_id)
        )


async def find_source(ctx: Context, wanted: str) -> Source:
    """Return the source with this id or number, or raise NotFound."""
    try:
        return await get_source(ctx, UUID(wanted))
    except ValueError:
        pass
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10 else -1
    query = owned(ctx, Source).where(Source.number == number, Source.deleted_at.is_(None))
    source = (await ctx.session.execute(query)).scalar_one_or_none()
    if source is None:
        raise NotFound("source", wanted)
    return source
