"""Whether everything that a definition names is there."""

from collections.abc import Iterator
from uuid import UUID

from datelier.agents.definition import AgentDefinition
from datelier.agents.errors import NamesNothing
from datelier.agents.policy import ALWAYS_ASKED
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import FieldError, Invalid
from datelier.kit.tools import Tool, Toolbox
from datelier.llms.models import Model
from datelier.sources.models import Source


async def check(ctx: Context, definition: AgentDefinition) -> None:
    """Refuse a definition that names what is not there.

    Raises:
        NamesNothing: Unknown models and sources, each at its field.
        Invalid: Unknown tools, a policy that a tool cannot have, and the like.
    """
    missing = [*await _models(ctx, definition), *await _sources(ctx, definition)]
    if missing:
        raise NamesNothing(missing)
    wrong = [*await _wrong_schemas(ctx, definition), *_wrong_tools(ctx, definition)]
    if definition.model_id is not None and definition.model_id == definition.fallback_model_id:
        message = "Choose another model than the first one."
        wrong.append({"path": "fallback_model_id", "message": message})
    if wrong:
        said = "; ".join(f"{error['path']}: {error['message']}" for error in wrong)
        raise Invalid(said, errors=wrong)


async def _models(ctx: Context, definition: AgentDefinition) -> list[FieldError]:
    named = {
        "model_id": definition.model_id,
        "fallback_model_id": definition.fallback_model_id,
        "routing_model_id": definition.routing_model_id,
    }
    wanted = {key for key in named.values() if key is not None}
    if not wanted:
        return []
    statement = owned(ctx, Model).where(Model.id.in_(wanted), Model.deleted_at.is_(None))
    found = {row.id for row in (await ctx.session.execute(statement)).scalars()}
    return [
        {"path": path, "message": "There is no such model."}
        for path, key in named.items()
        if key is not None and key not in found
    ]


async def _engines(ctx: Context, wanted: set[UUID]) -> dict[UUID, str]:
    """Return the engines of the sources that are there."""
    if not wanted:
        return {}
    statement = owned(ctx, Source).where(Source.id.in_(wanted), Source.deleted_at.is_(None))
    return {row.id: row.engine for row in (await ctx.session.execute(statement)).scalars()}


async def _sources(ctx: Context, definition: AgentDefinition) -> list[FieldError]:
    own = definition.source_ids or []
    found = await _engines(ctx, {*own, *definition.schemas})
    missing = [f"source_ids.{place}" for place, key in enumerate(own) if key not in found]
    if not found.keys() >= definition.schemas.keys():
        missing.append("schemas")
    return [{"path": path, "message": "There is no such source."} for path in missing]


async def _wrong_schemas(ctx: Context, definition: AgentDefinition) -> list[FieldError]:
    engines = await _engines(ctx, set(definition.schemas))
    if all(engine == "postgresql" for engine in engines.values()):
        return []
    message = "Only PostgreSQL sources have schemas to choose from."
    return [{"path": "schemas", "message": message}]


def _wrong_tools(ctx: Context, definition: AgentDefinition) -> Iterator[FieldError]:
    known: dict[str, Tool] = {tool.name: tool for tool in ctx.resources.get(Toolbox).tools}
    for name, policy in definition.tools.items():
        tool = known.get(name)
        if tool is None:
            yield {"path": f"tools.{name}", "message": "There is no such tool."}
        elif policy == "auto" and tool.effect in ALWAYS_ASKED:
            message = "This tool changes data, so a person is always asked."
            yield {"path": f"tools.{name}", "message": message}
