"""Verbs over LLM configurations. Every one needs an open transaction."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import select, update

from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned, get_owned, owned
from datelier.kit.errors import Conflict, Invalid, NotFound
from datelier.kit.guarded_http import why_refused
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number
from datelier.kit.pagination import decode_cursor, encode_cursor
from datelier.llms.catalog import provider
from datelier.llms.clients import ENDPOINT_POLICY
from datelier.llms.config import ModelConfig, key_aad
from datelier.llms.errors import ModelNotTested, NoModel
from datelier.llms.models import Model
from datelier.llms.schemas import ModelIn, ModelPatch, ModelStatus, Price, TestReport

_TESTED_FIELDS = frozenset({"model_name", "endpoint_url", "api_key", "parameters"})
_LAST4_FROM = 12  # of a shorter key, four characters would be too much of it


async def create_model(ctx: Context, data: ModelIn, *, origin: str = "user") -> Model:
    """Create a model, not yet tested and not active.

    Raises:
        Invalid: The endpoint or key is missing or not acceptable.
    """
    row_provider = provider(data.provider)
    endpoint = check_endpoint(data.endpoint_url)
    if row_provider.needs_endpoint and endpoint is None:
        raise Invalid.field("endpoint_url", "This provider needs the address of its endpoint.")
    if row_provider.needs_key and data.api_key is None:
        raise Invalid.field("api_key", "This provider needs a key.")
    model_name = data.model_name or row_provider.default_model
    if model_name is None:
        raise Invalid.field("model_name", "Name the model that the endpoint serves.")
    row = Model(
        id=uuid7(),
        number=await next_number(ctx, "model"),
        name=data.name,
        provider=data.provider,
        model_name=model_name,
        endpoint_url=endpoint or row_provider.default_endpoint,
        origin=origin,
        context_window=data.context_window,
        parameters=data.parameters,
    )
    _set_price(row, data.price)
    _set_key(ctx, row, data.api_key)
    await add_owned(ctx, row)
    await record(ctx, action="model.created", target=("model", row.id), detail=_public(row))
    return row


def draft_config(ctx: Context, data: ModelIn) -> tuple[ModelConfig, str | None]:
    """Return the configuration of a model that is tried before it is saved, and its key."""
    row_provider = provider(data.provider)
    model_name = data.model_name or row_provider.default_model
    if model_name is None:
        raise Invalid.field("model_name", "Name the model that the endpoint serves.")
    config = ModelConfig(
        id=uuid7(),
        org_id=ctx.org_id,
        number=0,
        name=data.name,
        provider=data.provider,
        model_name=model_name,
        endpoint_url=check_endpoint(data.endpoint_url) or row_provider.default_endpoint,
        sealed_key=None,
        price_input=None,
        price_output=None,
        context_window=data.context_window,
        parameters=data.parameters,
        updated_at=now(),
    )
    return config, _plain(data.api_key)


async def list_models(
    ctx: Context, *, cursor: str | None = None, limit: int = 50
) -> tuple[list[Model], str | None]:
    """Return the organization's models, oldest first, and the cursor of the next page."""
    statement = _live(ctx).order_by(Model.id).limit(limit + 1)
    if (after := decode_cursor(cursor)) is not None:
        statement = statement.where(Model.id > after)
    rows = list((await ctx.session.execute(statement)).scalars())
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, encode_cursor(rows[-1].id) if more else None


async def get_model(ctx: Context, model_id: UUID, *, for_update: bool = False) -> Model:
    """Return one model.

    Raises:
        NotFound: Unknown, foreign or deleted.
    """
    row = await get_owned(ctx, Model, model_id, for_update=for_update)
    if row.deleted_at is not None:
        raise NotFound("model", model_id)
    return row


async def update_model(ctx: Context, model_id: UUID, patch: ModelPatch) -> Model:
    """Change a model. A change that matters to a test makes the last one void.

    Raises:
        Invalid: The endpoint changes while the stored key stays: a saved key is never sent to a
            new address.
    """
    row = await get_model(ctx, model_id, for_update=True)
    fields = patch.model_fields_set
    if row.provider == "demo" and fields - {"name"}:
        raise Conflict("The demo model has no settings besides its name.")
    if "endpoint_url" in fields:
        _move_endpoint(row, patch)
    for name in ("name", "model_name", "parameters"):
        if name in fields and getattr(patch, name) is not None:
            setattr(row, name, getattr(patch, name))
    if "context_window" in fields:
        row.context_window = patch.context_window
    if "price" in fields:
        _set_price(row, patch.price)
    if "api_key" in fields:
        _set_key(ctx, row, patch.api_key)
    if fields & _TESTED_FIELDS:
        row.tested_at = row.test_ok = row.test_checks = None
    row.updated_at = now()
    await ctx.session.flush()
    detail = {"fields": sorted(fields), "key_changed": "api_key" in fields}
    await record(ctx, action="model.updated", target=("model", row.id), detail=detail)
    return row


async def delete_model(ctx: Context, model_id: UUID) -> None:
    """Delete a model. Its key is erased at once; its usage stays in the ledger."""
    row = await get_model(ctx, model_id, for_update=True)
    row.deleted_at = row.updated_at = now()
    row.is_active = False
    row.api_key = row.api_key_last4 = row.api_key_updated_at = None
    await ctx.session.flush()
    await record(ctx, action="model.deleted", target=("model", row.id), detail=_public(row))


async def activate_model(ctx: Context, model_id: UUID) -> Model:
    """Make a model the one that the organization uses.

    Raises:
        ModelNotTested: Its last test failed, or it has changed since.
    """
    row = await get_model(ctx, model_id, for_update=True)
    if row.provider != "demo" and not row.test_ok:
        raise ModelNotTested(
            "Test the model first; it can be activated once every check has passed.",
            resource="model",
        )
    others = update(Model).where(Model.is_active, Model.id != row.id).values(is_active=False)
    if ctx.db.tenant_filter:
        others = others.where(Model.org_id == ctx.org_id)
    await ctx.session.execute(others)
    row.is_active = True
    row.updated_at = now()
    await ctx.session.flush()
    await record(ctx, action="model.activated", target=("model", row.id), detail=_public(row))
    return row


async def save_test(ctx: Context, tested: ModelConfig, report: TestReport) -> bool:
    """Store the outcome of a test, unless the model has changed meanwhile.

    Returns:
        Whether it was stored.
    """
    row = await get_model(ctx, tested.id, for_update=True)
    if row.updated_at != tested.updated_at:
        return False
    # Through SQL, so that `updated_at` stays: built clients are kept by it.
    await ctx.session.execute(
        update(Model)
        .where(Model.id == row.id, Model.org_id == ctx.org_id)
        .values(
            tested_at=now(),
            test_ok=report.ok,
            test_checks=[check.model_dump() for check in report.checks],
            updated_at=tested.updated_at,
        )
    )
    detail = {"ok": report.ok}
    await record(ctx, action="model.tested", target=("model", row.id), detail=detail)
    return True


async def resolve(
    ctx: Context,
    requested: UUID | None = None,
    thread: UUID | None = None,
    agent: UUID | None = None,
) -> ModelConfig:
    """Return the model to use: request → thread → agent → the organization's active one.

    Args:
        ctx: A context inside a transaction.
        requested: The model id that the caller named; it must exist.
        thread: The thread's own choice; skipped when that model has been deleted.
        agent: The agent's preference; skipped likewise.

    Raises:
        NotFound: `requested` is unknown, foreign or deleted.
        NoModel: Nothing is left to use.
    """
    if requested is not None:
        return ModelConfig.of(await get_model(ctx, requested))
    wanted = [model_id for model_id in (thread, agent) if model_id is not None]
    if wanted:
        rows = (await ctx.session.execute(_live(ctx).where(Model.id.in_(wanted)))).scalars()
        found = {row.id: row for row in rows}
        for model_id in wanted:
            if model_id in found:
                return ModelConfig.of(found[model_id])
    active = await active_model(ctx)
    if active is None:
        raise NoModel(
            "No model is selected and the organization has no active model.",
            hint="Add a model and activate it under /settings/models.",
            resource="model",
        )
    return ModelConfig.of(active)


async def active_model(ctx: Context) -> Model | None:
    """Return the organization's active model, if any."""
    return (await ctx.session.execute(_live(ctx).where(Model.is_active))).scalar_one_or_none()


async def status(ctx: Context) -> ModelStatus:
    """Return whether the organization has an active model (contract Q15-Q17)."""
    row = await active_model(ctx)
    if row is None:
        return ModelStatus(configured=False)
    return ModelStatus.model_validate(
        {
            "configured": True,
            "id": row.id,
            "name": row.name,
            "provider": row.provider,
            "is_demo": row.provider == "demo",
        }
    )


async def exists_like(ctx: Context, origin: str, provider_id: str, model_name: str) -> bool:
    """Return whether an offer has already become a model."""
    statement = _live(ctx).where(
        Model.origin == origin, Model.provider == provider_id, Model.model_name == model_name
    )
    return (await ctx.session.execute(select(statement.exists()))).scalar_one()


def check_endpoint(url: str | None) -> str | None:
    """Return a normalised endpoint address, or None when there is none.

    Raises:
        Invalid: Not an http(s) address, with credentials in it, or one that no policy permits.
    """
    if url is None or not url.strip():
        return None
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is not a number raises here
    except ValueError:
        raise Invalid.field("endpoint_url", "This is not a valid address.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Invalid.field("endpoint_url", "Use an address that starts with http:// or https://.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise Invalid.field("endpoint_url", "Leave out user names, keys, '?' and '#'.")
    reason = why_refused(parts.hostname, ENDPOINT_POLICY)
    if reason not in {None, "not an address"}:
        raise Invalid.field("endpoint_url", f"This address may not be reached: {reason}.")
    return url


def _move_endpoint(row: Model, patch: ModelPatch) -> None:
    """Point a model elsewhere; whoever does so has to know its key."""
    row_provider = provider(row.provider)
    endpoint = check_endpoint(patch.endpoint_url) or row_provider.default_endpoint
    if endpoint is None and row_provider.needs_endpoint:
        raise Invalid.field("endpoint_url", "This provider needs the address of its endpoint.")
    if (
        endpoint != row.endpoint_url
        and row.api_key is not None
        and "api_key" not in patch.model_fields_set
    ):
        raise Invalid.field("api_key", "Enter the key again: the endpoint changes.")
    row.endpoint_url = endpoint


def _live(ctx: Context) -> Any:
    return owned(ctx, Model).where(Model.deleted_at.is_(None))


def _plain(key: SecretStr | None) -> str | None:
    value = key.get_secret_value().strip() if key is not None else ""
    return value or None


def _set_key(ctx: Context, row: Model, key: SecretStr | None) -> None:
    value = _plain(key)
    row.api_key_updated_at = now() if value else None
    row.api_key_last4 = value[-4:] if value and len(value) >= _LAST4_FROM else None
    row.api_key = ctx.resources.cipher.seal(value, key_aad(row.id, ctx.org_id)) if value else None


def _set_price(row: Model, price: Price | None) -> None:
    row.price_input = price.input if price else None
    row.price_output = price.output if price else None


def _public(row: Model) -> dict[str, Any]:
    return {"name": row.name, "provider": row.provider, "model_name": row.model_name}
