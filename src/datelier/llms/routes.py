"""The models API."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.pagination import MAX_LIMIT, Page
from datelier.llms import connect, service
from datelier.llms.catalog import PROVIDERS, retired_advice
from datelier.llms.models import Model
from datelier.llms.schemas import (
    AcceptOffer,
    KeyState,
    ModelIn,
    ModelOut,
    ModelPatch,
    Offer,
    PriceOut,
    ProviderOut,
    TestReport,
)

router = APIRouter(prefix="/models", tags=["llms"])

Reader = Annotated[Context, needs("model:get")]
Manager = Annotated[Context, needs("model:manage")]
# Calls that talk to an endpoint hold no transaction meanwhile.
Caller = Annotated[Context, needs("model:manage", session=False, costly=True)]


def render(row: Model) -> ModelOut:
    """Return what may be said about a model."""
    return ModelOut.model_validate(
        {
            "id": row.id,
            "number": row.number,
            "name": row.name,
            "provider": row.provider,
            "model_name": row.model_name,
            "endpoint_url": row.endpoint_url,
            "is_active": row.is_active,
            "is_demo": row.provider == "demo",
            "origin": row.origin,
            "key": KeyState(
                configured=row.api_key is not None,
                last4=row.api_key_last4,
                updated_at=row.api_key_updated_at,
            ),
            "price": PriceOut(
                input=None if row.price_input is None else float(row.price_input),
                output=None if row.price_output is None else float(row.price_output),
            ),
            "context_window": row.context_window,
            "parameters": row.parameters,
            "tested_at": row.tested_at,
            "test_ok": row.test_ok,
            "test_checks": row.test_checks,
            "retired_advice": retired_advice(row.provider, row.model_name),
        }
    )


@router.get("")
async def list_models(
    ctx: Reader,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
) -> Page[ModelOut]:
    """List the organization's models."""
    rows, following = await service.list_models(ctx, cursor=cursor, limit=limit)
    return Page(data=[render(row) for row in rows], next=following)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_model(ctx: Manager, body: ModelIn) -> ModelOut:
    """Add a model. It becomes usable by default once tested and activated."""
    return render(await service.create_model(ctx, body))


@router.get("/providers")
async def list_providers(ctx: Reader) -> list[ProviderOut]:
    """List the kinds of endpoints that a model can have."""
    del ctx  # the catalogue is the same for everybody who may see models
    return [
        ProviderOut(
            id=row.id,
            title=row.title,
            default_model=row.default_model,
            needs_key=row.needs_key,
            needs_endpoint=row.needs_endpoint,
            default_endpoint=row.default_endpoint,
            suggested=list(row.suggested),
        )
        for row in PROVIDERS
    ]


@router.get("/offers")
async def list_offers(ctx: Caller) -> list[Offer]:
    """List models found in the environment or on this machine."""
    return await connect.list_offers(ctx)


@router.post("/offers/accept", status_code=status.HTTP_201_CREATED)
async def accept_offer(ctx: Caller, body: AcceptOffer) -> ModelOut:
    """Turn an offer into a model."""
    return render(await connect.accept_offer(ctx, body))


@router.post("/test")
async def try_draft(ctx: Caller, body: ModelIn) -> TestReport:
    """Try a model without saving it."""
    return await connect.try_draft(ctx, body)


@router.get("/{model_id}")
async def get_model(ctx: Reader, model_id: UUID) -> ModelOut:
    """Return one model."""
    return render(await service.get_model(ctx, model_id))


@router.patch("/{model_id}")
async def update_model(ctx: Manager, model_id: UUID, body: ModelPatch) -> ModelOut:
    """Change a model; a new endpoint needs the key again."""
    return render(await service.update_model(ctx, model_id, body))


@router.delete("/{model_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_model(ctx: Manager, model_id: UUID) -> None:
    """Delete a model and erase its key."""
    await service.delete_model(ctx, model_id)


@router.post("/{model_id}/test")
async def try_model(ctx: Caller, model_id: UUID) -> TestReport:
    """Try reply, streaming, tool call and JSON on the model's endpoint."""
    return await connect.try_model(ctx, model_id)


@router.post("/{model_id}/activate")
async def activate_model(ctx: Manager, model_id: UUID) -> ModelOut:
    """Make a tested model the organization's."""
    return render(await service.activate_model(ctx, model_id))
