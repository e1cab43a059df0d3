"""Verbs that talk to an endpoint: test a model, list offers, accept one.

They take a context without a transaction, so that no database connection waits for a model.
"""

from uuid import UUID

from pydantic import SecretStr

from datelier.kit.context import Context
from datelier.kit.errors import Conflict, NotFound
from datelier.llms.checks import CHECK_TIMEOUT_S, run_checks
from datelier.llms.clients import build_chat_model, model_clients
from datelier.llms.config import ModelConfig
from datelier.llms.models import Model
from datelier.llms.offers import Surroundings, env_key, env_offers, local_offers
from datelier.llms.schemas import AcceptOffer, ModelIn, Offer, TestReport
from datelier.llms.service import create_model, draft_config, exists_like, get_model, save_test


async def try_model(
    ctx: Context, model_id: UUID, *, timeout_s: float = CHECK_TIMEOUT_S
) -> TestReport:
    """Try a stored model on its endpoint and keep the outcome.

    Raises:
        Conflict: The model was changed while it was tested.
    """
    async with ctx.begin() as tx:
        config = ModelConfig.of(await get_model(tx, model_id))
    report = await run_checks(build_chat_model(ctx, config), config, timeout_s=timeout_s)
    async with ctx.begin() as tx:
        stored = await save_test(tx, config, report)
    if not stored:
        raise Conflict("The model was changed while it was tested.", hint="Test it again.")
    return report


async def try_draft(
    ctx: Context, data: ModelIn, *, timeout_s: float = CHECK_TIMEOUT_S
) -> TestReport:
    """Try a model that is not saved."""
    config, key = draft_config(ctx, data)
    model = model_clients(ctx.resources).build(config, key)
    return await run_checks(model, config, timeout_s=timeout_s)


async def list_offers(ctx: Context, surroundings: Surroundings | None = None) -> list[Offer]:
    """Return what is within reach and has not been accepted yet."""
    around = surroundings or Surroundings()
    found = [*env_offers(around), *await local_offers(around)]
    async with ctx.begin() as tx:
        return [
            offer
            for offer in found
            if not await exists_like(tx, offer.origin, offer.provider, offer.model_name)
        ]


async def accept_offer(
    ctx: Context, wanted: AcceptOffer, surroundings: Surroundings | None = None
) -> Model:
    """Turn an offer into a model.

    Raises:
        NotFound: There is no such offer (any more).
    """
    around = surroundings or Surroundings()
    for offer in await list_offers(ctx, around):
        if (offer.origin, offer.provider, offer.model_name) == (
            wanted.origin,
            wanted.provider,
            wanted.model_name,
        ):
            break
    else:
        raise NotFound("offer")
    key = env_key(offer.provider, around) if offer.origin == "env" else None
    data = ModelIn(
        name=offer.model_name,
        provider=offer.provider,
        model_name=offer.model_name,
        endpoint_url=offer.endpoint_url,
        api_key=SecretStr(key) if key else None,
    )
    async with ctx.begin() as tx:
        return await create_model(tx, data, origin=offer.origin)
