"""Write, read and archive definitions.

What a worker is asked lies outside of every transaction: the verbs that check SQL open their own.
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from datelier.definitions.checking import Checked, check_sql, keep, refuse_refused
from datelier.definitions.errors import (
    DefinitionArchived,
    DefinitionChanged,
    DefinitionNameTaken,
)
from datelier.definitions.models import Definition, DefinitionVersion
from datelier.definitions.schemas import (
    Content,
    DefinitionDetail,
    DefinitionIn,
    DefinitionOut,
    Wanted,
)
from datelier.definitions.showing import show, show_one
from datelier.identity.audit import record
from datelier.identity.listing import page_of
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned, get_owned, owned
from datelier.kit.errors import FieldError, Forbidden, Invalid, NotFound
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number
from datelier.kit.pagination import Page
from datelier.queries.results import get_query
from datelier.sources.target import get_source

CERTIFY = "definition:certify"


async def list_definitions(ctx: Context, wanted: Wanted) -> Page[DefinitionOut]:
    """Return a page of definitions, newest first.

    Raises:
        NotFound: There is no such source to narrow the list to.
    """
    gone = Definition.archived_at
    query = owned(ctx, Definition).where(gone.is_not(None) if wanted.archived else gone.is_(None))
    if wanted.status is not None:
        query = query.where(Definition.status == wanted.status)
    if wanted.source_id is not None:
        await get_source(ctx, wanted.source_id)
        query = query.where(Definition.source_id == wanted.source_id)
    for word in (wanted.q or "").split():
        query = query.where(
            or_(
                *(
                    field.icontains(word, autoescape=True)
                    for field in (Definition.name, Definition.pattern, Definition.note)
                )
            )
        )
    rows, following = await page_of(
        ctx, query, Definition.id, cursor=wanted.cursor, limit=wanted.limit
    )
    return Page[DefinitionOut](data=await show(ctx, [row for (row,) in rows]), next=following)


async def get_definition(
    ctx: Context, definition_id: UUID, *, for_update: bool = False
) -> Definition:
    """Return one definition, archived or not.

    Raises:
        NotFound: Unknown, or of another organization.
    """
    return await get_owned(ctx, Definition, definition_id, for_update=for_update)


async def create_definition(ctx: Context, body: DefinitionIn) -> DefinitionDetail:
    """Propose a definition, its SQL checked on the source; no transaction may be open.

    SQL that fails, or that nobody could check now, is kept and says so; certifying it is refused.

    Raises:
        Invalid: A part is missing, or the walls refuse the SQL.
        NotFound: No such source, or no such version of a query.
        DefinitionNameTaken: Another definition has this name.
    """
    require_complete(body)
    checked = await check_sql(ctx, body.source_id, body.sql)
    refuse_refused(checked)
    async with ctx.begin() as tx:
        if body.query_id is not None:
            await _require_query(tx, body.query_id, body.query_version)
        row = await add_definition(tx, body, checked)
        row.origin_query_id, row.origin_version = body.query_id, body.query_version
        await tx.session.flush()
        await tx.session.refresh(row)
        return await show_one(tx, row)


def require_complete(body: Content) -> None:
    """Raise Invalid, each missing part at its field."""
    missing: list[FieldError] = []
    if body.kind == "metric" and not body.sql:
        missing.append({"path": "sql", "message": "a metric needs its SQL"})
    if body.sql and body.source_id is None:
        missing.append({"path": "source_id", "message": "SQL needs the source it is for"})
    if body.kind == "term" and not body.sql and not body.note:
        missing.append({"path": "note", "message": "say what the term means, or give its SQL"})
    if missing:
        raise Invalid("The definition is not complete.", errors=missing)


async def _require_query(ctx: Context, query_id: UUID, version: int | None) -> None:
    found = await get_query(ctx, query_id)
    if version not in {one.version for one in found.versions}:
        raise NotFound("query version")


async def add_definition(ctx: Context, body: Content, checked: Checked) -> Definition:
    """Store a new definition as proposed by the caller, in the open transaction."""
    row = Definition(
        id=uuid7(),
        number=await next_number(ctx, "definition"),
        owner_id=ctx.actor.id,
        owner_name=ctx.actor.name,
        **_fields(body),
    )
    keep(row, checked)
    async with _unique(ctx, body.name):
        await add_owned(ctx, row)
    await _remember(ctx, row)
    detail = {"name": row.name, "kind": row.kind}
    await record(ctx, action="definition.created", target=("definition", row.id), detail=detail)
    return row


def _fields(body: Content) -> dict[str, object]:
    return body.model_dump(include=set(Content.model_fields))


@asynccontextmanager
async def _unique(ctx: Context, name: str) -> AsyncGenerator[None]:
    """Store what the block changes; a name that is taken undoes it."""
    try:
        # What is changed before a savepoint is stored before it: the change belongs inside.
        async with ctx.session.begin_nested():
            yield
            await ctx.session.flush()
    except IntegrityError as error:
        if "definition_name" not in str(error.orig):
            raise
        raise DefinitionNameTaken(
            f"There is a definition called {name} already.",
            hint="Edit that one, or choose another name.",
        ) from None


async def _remember(ctx: Context, row: Definition) -> None:
    await add_owned(
        ctx,
        DefinitionVersion(
            definition_id=row.id,
            version=row.version,
            kind=row.kind,
            name=row.name,
            pattern=row.pattern,
            sql=row.sql,
            note=row.note,
            source_id=row.source_id,
            author_id=ctx.actor.id,
            author_name=ctx.actor.name,
        ),
    )


async def edit_definition(
    ctx: Context, definition_id: UUID, body: Content, version: int
) -> DefinitionDetail:
    """Replace what a definition says by a new version; no transaction may be open.

    One that was certified lapses: somebody has to read it again.

    Raises:
        NotFound: No such definition or source.
        Forbidden: Only its author, or who may certify, changes it.
        DefinitionArchived: It was archived.
        DefinitionChanged: It is not at `version` any more.
        Invalid: A part is missing, or the walls refuse the SQL.
        DefinitionNameTaken: Another definition has this name.
    """
    require_complete(body)
    async with ctx.begin() as tx:
        _editable(tx, await get_definition(tx, definition_id), version)
    checked = await check_sql(ctx, body.source_id, body.sql)
    refuse_refused(checked)
    async with ctx.begin() as tx:
        row = await get_definition(tx, definition_id, for_update=True)
        _editable(tx, row, version)
        await change_definition(tx, row, body, checked)
        return await show_one(tx, row)


def _editable(ctx: Context, row: Definition, version: int) -> None:
    require_editable(ctx, row)
    require_version(row, version)


def require_editable(ctx: Context, row: Definition) -> None:
    """Raise unless the caller may change a definition: their own proposal, or any for a steward."""
    if row.archived_at is not None:
        raise DefinitionArchived("This definition was archived.", hint="Write a new one.")
    own = row.owner_id is not None and row.owner_id == ctx.actor.id and row.status == "proposed"
    if not own and CERTIFY not in ctx.scopes:
        raise Forbidden(
            "Only who may certify definitions changes this one.",
            hint="You can change your own while they are proposed.",
        )


def require_version(row: Definition, version: int) -> None:
    """Raise DefinitionChanged unless a definition is as its reader saw it."""
    if row.version != version:
        raise DefinitionChanged(
            f"The definition is at version {row.version}; you have seen {version}.",
            hint="Load it again.",
        )


_WORDS: Final = {"pattern": "question", "sql": "SQL", "source_id": "source"}


def _in_words(fields: Iterable[str]) -> str:
    return ", ".join(f"the {_WORDS.get(name, name)}" for name in fields)


async def change_definition(
    ctx: Context, row: Definition, body: Content, checked: Checked
) -> list[str]:
    """Make a locked definition say something else; return the fields that changed."""
    fields = [name for name, value in _fields(body).items() if getattr(row, name) != value]
    async with _unique(ctx, body.name):
        keep(row, checked)
        for name in fields:
            setattr(row, name, getattr(body, name))
        if fields:
            row.version += 1
        if fields and row.status == "certified":
            lapse_row(row, "edited", f"{ctx.actor.name} changed {_in_words(fields)}.")
    if fields:
        await _remember(ctx, row)
        await record(
            ctx,
            action="definition.edited",
            target=("definition", row.id),
            detail={"version": row.version, "fields": fields},
        )
    await ctx.session.refresh(row)
    return fields


def lapse_row(row: Definition, reason: str, detail: str) -> None:
    """Make a definition one that no longer holds."""
    row.status = "lapsed"
    row.lapsed = {"reason": reason, "detail": detail}
    row.lapsed_at = now()


async def archive_definition(ctx: Context, definition_id: UUID) -> None:
    """Take a definition out of use and out of the list; its name is free again.

    Raises:
        NotFound: No such definition.
        Forbidden: As :func:`edit_definition`.
    """
    row = await get_definition(ctx, definition_id, for_update=True)
    if row.archived_at is not None:
        return
    require_editable(ctx, row)
    row.archived_at = now()
    await ctx.session.flush()
    await record(
        ctx, action="definition.archived", target=("definition", row.id), detail={"name": row.name}
    )


async def stored_version(ctx: Context, definition_id: UUID, version: int) -> DefinitionVersion:
    """Return what a definition said in a version.

    Raises:
        NotFound: No such version.
    """
    query = owned(ctx, DefinitionVersion).where(
        DefinitionVersion.definition_id == definition_id, DefinitionVersion.version == version
    )
    row = (await ctx.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotFound("version", version)
    return row


async def known_versions(ctx: Context, definition_id: UUID) -> list[DefinitionVersion]:
    """Return every version of a definition, newest first."""
    query = (
        owned(ctx, DefinitionVersion)
        .where(DefinitionVersion.definition_id == definition_id)
        .order_by(DefinitionVersion.version.desc())
    )
    return list((await ctx.session.execute(query)).scalars())


async def names_taken(ctx: Context) -> dict[str, UUID]:
    """Return the ids of the organization's definitions by their lower-case names."""
    query = select(Definition.id, Definition.name).where(
        Definition.org_id == ctx.org_id, Definition.archived_at.is_(None)
    )
    return {row.name.lower(): row.id for row in await ctx.session.execute(query)}
