"""Whether everything that a definition names is there."""

from collections.abc import Iterator

from sqlalchemy import select

from datelier.agents.definition import AgentDefinition
from datelier.agents.policy import ALWAYS_ASKED
from datelier.kit.context import Context
from datelier.kit.errors import FieldError, Invalid
from datelier.kit.tools import Tool, Toolbox
from datelier.llms.models import Model
from datelier.sources.models import Source


async def check(ctx: Context, definition: AgentDefinition) -> None:
    """Refuse a definition that names what is not there.

    Raises:
        Invalid: With one entry per field: unknown models, sources and tools, and a policy that
            a tool cannot have.
    """
    errors = [
        *await _models(ctx, definition),
        *await _sources(ctx, definition),
        *_tools(ctx, definition),
    ]
    if errors:
        said = "; ".join(f"{error['path']}: {error['message']}" for error in errors)
        raise Invalid(said, errors=errors)


async def _models(ctx: Context, definition: AgentDefinition) -> list[FieldError]:
    named = {
        "model_id": definition.model_id,
        "fallback_model_id": definition.fallback_model_id,
    }
    wanted = {key for key in named.values() if key is not None}
    errors: list[FieldError] = []
    if wanted:
        statement = select(Model.id).where(Model.id.in_(wanted), Model.deleted_at.is_(None))
        if ctx.db.tenant_filter:
            statement = statement.where(Model.org_id == ctx.org_id)
        found = set((await ctx.session.execute(statement)).scalars())
        errors += [
            {"path": path, "message": "There is no such model."}
            for path, key in named.items()
            if key is not None and key not in found
        ]
    if definition.model_id is not None and definition.model_id == definition.fallback_model_id:
        message = "Choose another model than the first one."
        errors.append({"path": "fallback_model_id", "message": message})
    return errors


async def _sources(ctx: Context, definition: AgentDefinition) -> list[FieldError]:
    own = definition.source_ids or []
    wanted = {*own, *definition.schemas}
    if not wanted:
        return []
    statement = select(Source.id, Source.engine).where(
        Source.id.in_(wanted), Source.deleted_at.is_(None)
    )
    if ctx.db.tenant_filter:
        statement = statement.where(Source.org_id == ctx.org_id)
    engines = {row.id: row.engine for row in await ctx.session.execute(statement)}
    errors: list[FieldError] = []
    for place, key in enumerate(own):
        if key not in engines:
            message = "There is no such source."
            errors.append({"path": f"source_ids.{place}", "message": message})
    for key in definition.schemas:
        if key not in engines:
            errors.append({"path": f"schemas.{key}", "message": "There is no such source."})
        elif engines[key] != "postgresql":
            message = "Sources of this kind have no schemas to choose from."
            errors.append({"path": f"schemas.{key}", "message": message})
    return errors


def _tools(ctx: Context, definition: AgentDefinition) -> Iterator[FieldError]:
    known: dict[str, Tool] = {tool.name: tool for tool in ctx.resources.get(Toolbox).tools}
    for name, policy in definition.tools.items():
        tool = known.get(name)
        if tool is None:
            yield {"path": f"tools.{name}", "message": "There is no such tool."}
        elif policy == "auto" and tool.effect in ALWAYS_ASKED:
            message = "This tool changes data, so a person is always asked."
            yield {"path": f"tools.{name}", "message": message}
