"""Definitions from files: first a plan that people read, then all of it or nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy import select

from datelier.definitions.checking import Checked, check_sql
from datelier.definitions.errors import PlanChanged
from datelier.definitions.models import Definition
from datelier.definitions.schemas import Content, DocumentIn, ImportIn, PlanEntry, PlanOut
from datelier.definitions.service import (
    add_definition,
    change_definition,
    get_definition,
    names_taken,
    require_complete,
    require_editable,
)
from datelier.definitions.showing import source_names
from datelier.definitions.yaml_form import read_yaml, to_yaml
from datelier.kit.context import Context
from datelier.kit.errors import DatelierError, Invalid
from datelier.sources.models import Source


@dataclass(frozen=True, slots=True)
class _Step:
    """What becomes of one file; `content` is None when nothing can."""

    entry: PlanEntry
    content: Content | None = None


async def export_definition(ctx: Context, definition_id: UUID) -> str:
    """Return a definition as YAML.

    Raises:
        NotFound: No such definition.
    """
    row = await get_definition(ctx, definition_id)
    names = await source_names(ctx, {row.source_id})
    return to_yaml(_content(row), names.get(row.source_id) if row.source_id else None)


def _content(row: Definition) -> Content:
    return Content.model_validate({name: getattr(row, name) for name in Content.model_fields})


async def import_definitions(ctx: Context, body: ImportIn) -> PlanOut:
    """Say what files would change, or do it; no transaction may be open.

    New definitions are proposed; changed ones get a version, and lapse if they were certified.
    What is in no file stays as it is.

    Raises:
        Invalid: It is to be done, and a file cannot be taken or its SQL is refused.
        PlanChanged: What was planned is no longer what would be done.
    """
    async with ctx.begin() as tx:
        steps = await _plan(tx, body.documents)
    planned = _shown(steps)
    if not body.apply:
        return planned
    if body.digest is not None and body.digest != planned.digest:
        raise PlanChanged("Something has changed since the plan was made.", hint="Plan it again.")
    _require_possible(steps)
    checks = await _checks(ctx, steps)
    async with ctx.begin() as tx:
        again = await _plan(tx, body.documents)
        if _shown(again).digest != planned.digest:
            raise PlanChanged("Somebody changed a definition meanwhile.", hint="Plan it again.")
        for step, checked in zip(again, checks, strict=True):
            await _apply(tx, step, checked)
    return planned.model_copy(update={"applied": True})


async def _plan(ctx: Context, documents: Sequence[DocumentIn]) -> list[_Step]:
    taken, sources = await names_taken(ctx), await _sources(ctx)
    seen: dict[str, str] = {}
    steps: list[_Step] = []
    for document in documents:
        try:
            content, source = read_yaml(document.text)
            content = content.model_copy(update={"source_id": _source(sources, source)})
            require_complete(content)
            steps.append(await _step(ctx, document.file, content, taken, seen))
        except DatelierError as error:
            steps.append(_Step(_conflict(document.file, error)))
    return steps


async def _step(
    ctx: Context, file: str, content: Content, taken: dict[str, UUID], seen: dict[str, str]
) -> _Step:
    name = content.name.lower()
    other = seen.setdefault(name, file)
    if other != file:
        raise Invalid(f"{other} defines {content.name} too.")
    known = taken.get(name)
    if known is None:
        return _Step(PlanEntry(file=file, name=content.name, action="create"), content)
    row = await get_definition(ctx, known, for_update=True)
    before = _content(row)
    fields = [one for one in Content.model_fields if getattr(before, one) != getattr(content, one)]
    if fields:
        require_editable(ctx, row)
    entry = PlanEntry(
        file=file,
        name=content.name,
        action="change" if fields else "same",
        id=row.id,
        version=row.version,
        fields=["source" if one == "source_id" else one for one in fields],
        lapses=bool(fields) and row.status == "certified",
    )
    return _Step(entry, content)


def _conflict(file: str, error: DatelierError) -> PlanEntry:
    said = "; ".join(f"{one['path']}: {one['message']}" for one in error.errors or ())
    return PlanEntry(file=file, name=None, action="conflict", problem=said or error.detail)


async def _sources(ctx: Context) -> dict[str, UUID]:
    query = select(Source.id, Source.name).where(
        Source.org_id == ctx.org_id, Source.deleted_at.is_(None)
    )
    return {row.name: row.id for row in await ctx.session.execute(query)}


def _source(sources: dict[str, UUID], name: str | None) -> UUID | None:
    if name is None:
        return None
    if name not in sources:
        raise Invalid(f"There is no source called {name}.")
    return sources[name]


def _shown(steps: Sequence[_Step]) -> PlanOut:
    entries = [step.entry for step in steps]
    said = [entry.model_dump(mode="json") for entry in entries]
    texts = [step.content.model_dump(mode="json") if step.content else None for step in steps]
    digest = hashlib.sha256(orjson.dumps([said, texts])).hexdigest()
    return PlanOut(entries=entries, digest=digest)


def _require_possible(steps: Sequence[_Step]) -> None:
    wrong = [step.entry for step in steps if step.entry.action == "conflict"]
    if wrong:
        raise Invalid(
            "Nothing was imported: some files cannot be taken.",
            errors=[{"path": one.file, "message": one.problem or ""} for one in wrong],
        )


async def _checks(ctx: Context, steps: Sequence[_Step]) -> list[Checked]:
    """Check the SQL of what changes; one refusal stops it all."""
    found: list[Checked] = []
    for step in steps:
        content = step.content
        if content is None or step.entry.action == "same":
            found.append(Checked(ok=None))
            continue
        checked = await check_sql(ctx, content.source_id, content.sql)
        if checked.code == "sql_refused":
            raise Invalid(
                "Nothing was imported: SQL was refused.",
                errors=[{"path": step.entry.file, "message": checked.message or ""}],
            )
        found.append(checked)
    return found


async def _apply(ctx: Context, step: _Step, checked: Checked) -> None:
    if step.content is None or step.entry.action == "same":
        return
    if step.entry.id is None:
        await add_definition(ctx, step.content, checked)
        return
    row = await get_definition(ctx, step.entry.id, for_update=True)
    await change_definition(ctx, row, step.content, checked)
