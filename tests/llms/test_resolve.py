"""Which model answers, what it costs, and that a built client is used again."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from pydantic import SecretStr

from datelier.kit.context import Context
from datelier.kit.db import get_owned
from datelier.kit.errors import Invalid, NotFound
from datelier.kit.ids import uuid7
from datelier.kit.trips import Trips
from datelier.llms.clients import build_chat_model
from datelier.llms.config import ModelConfig, Spender, Usage, cost
from datelier.llms.errors import NoModel
from datelier.llms.models import Model
from datelier.llms.provision import ensure_demo
from datelier.llms.schemas import ModelIn, ModelPatch, Price
from datelier.llms.service import (
    create_model,
    delete_model,
    get_model,
    list_models,
    resolve,
    status,
    update_model,
)
from datelier.llms.usage import record_usage, run_usage, thread_usage
from datelier.llms.warming import warm_clients
from datelier.runs.pool import engine_pool
from tests.conftest import make_org
from tests.llms.conftest import KEY, config_of


async def test_a_process_that_only_executes_runs_imports_what_models_need(ctx: Context) -> None:
    async with ctx.begin() as tx:
        await ensure_demo(tx)
        url = "http://127.0.0.1:9/v1"
        own = ModelIn(name="Own", provider="generic", model_name="m", endpoint_url=url)
        await create_model(tx, own)
    assert {"demo", "generic"} <= set(await warm_clients(ctx.resources))


@pytest.mark.contract("A41", "A44", "Q53", "X12", "X43", "Q11")
async def test_the_nearest_choice_wins(ctx: Context) -> None:
    async with ctx.begin() as tx:
        with pytest.raises(NoModel) as caught:
            await resolve(tx)
        assert "/settings/models" in str(caught.value.hint)
        assert not (await status(tx)).configured
        await ensure_demo(tx)
        made = [await create_model(tx, ModelIn(name=n, provider="ollama")) for n in "abc"]
        asked, thread, agent = (row.id for row in made)
        assert (await resolve(tx, asked, thread, agent)).name == "a"
        assert (await resolve(tx, None, thread, agent)).name == "b"
        assert (await resolve(tx, None, None, agent)).name == "c"
        assert (await resolve(tx)).is_demo
        assert (await status(tx)).is_demo


async def test_a_deleted_choice_is_passed_over_unless_it_was_asked_for(ctx: Context) -> None:
    async with ctx.begin() as tx:
        await ensure_demo(tx)
        row = await create_model(tx, ModelIn(name="a", provider="ollama"))
        await delete_model(tx, row.id)
        assert (await resolve(tx, None, row.id, row.id)).is_demo
        with pytest.raises(NotFound):
            await resolve(tx, row.id)
        with pytest.raises(NotFound):
            await resolve(tx, uuid4())


@pytest.mark.contract("Q9", "Q42")
async def test_a_key_is_sealed_to_its_row_and_erased_with_it(ctx: Context) -> None:
    data = ModelIn(name="a", provider="openai", api_key=SecretStr(KEY))
    async with ctx.begin() as tx:
        row = await create_model(tx, data)
        config = ModelConfig.of(row)
        assert KEY.encode() not in (row.api_key or b"")
        assert KEY not in repr(config)
    assert ctx.resources.cipher.open(config.sealed_key or b"", config.aad) == KEY
    async with ctx.begin() as tx:
        await delete_model(tx, row.id)
        assert (await get_owned(tx, Model, row.id)).api_key is None


@pytest.mark.contract("Q9", "Q11")
async def test_a_built_client_is_kept_until_its_model_changes(ctx: Context) -> None:
    async with ctx.begin() as tx:
        row = await create_model(tx, ModelIn(name="a", provider="ollama"))
    first = build_chat_model(ctx, ModelConfig.of(row))
    async with ctx.begin() as tx:
        same = build_chat_model(ctx, ModelConfig.of(await get_model(tx, row.id)))
        changed = await update_model(tx, row.id, ModelPatch(parameters={"temperature": 0.5}))
        other = build_chat_model(ctx, ModelConfig.of(changed))
    assert same is first
    assert other is not first


async def test_parameters_cannot_redirect_a_request(ctx: Context) -> None:
    data = ModelIn(
        name="a",
        provider="generic",
        model_name="m",
        endpoint_url="http://127.0.0.1:1234/v1",
        parameters={"base_url": "http://evil.example", "api_key": "x", "temperature": 0.1},
    )
    async with ctx.begin() as tx:
        row = await create_model(tx, data)
    model = build_chat_model(ctx, ModelConfig.of(row))
    assert getattr(model, "openai_api_base", None) == "http://127.0.0.1:1234/v1"
    assert getattr(model, "temperature", None) == 0.1


def test_an_unknown_price_or_count_is_never_zero() -> None:
    class Org:
        org_id = uuid7()

    def priced(**prices: Decimal) -> ModelConfig:
        return config_of(Org(), None, **prices)  # pyright: ignore[reportArgumentType]  # org only

    usage = Usage(1_000_000, 500_000)
    both = priced(price_input=Decimal("0.15"), price_output=Decimal("0.6"))
    assert cost(both, usage) == Decimal("0.45")
    assert cost(priced(price_input=Decimal("0.15")), usage) is None
    assert cost(both, Usage(1, None)) is None
    assert cost(priced(price_input=Decimal(0), price_output=Decimal(0)), usage) == 0


async def test_the_ledger_adds_up_per_thread_and_one_unknown_makes_the_sum_unknown(
    ctx: Context,
) -> None:
    known, mixed, run = uuid7(), uuid7(), uuid7()
    price = Price(input=Decimal(1), output=Decimal(2))
    async with ctx.begin() as tx:
        config = ModelConfig.of(
            await create_model(tx, ModelIn(name="a", provider="ollama", price=price))
        )
    async with engine_pool(ctx.db.conninfo, 1, name="test") as pool:
        own = replace(ctx, resources=replace(ctx.resources, _services={}))
        own.resources.register(Trips, Trips(pool))
        for thread in (known, known, mixed):
            await record_usage(
                own, config, Usage(1000, 100), node="agent", spender=Spender(run, thread)
            )
        await record_usage(own, config, Usage(5, None), node="title", spender=Spender(None, mixed))
    async with ctx.begin() as tx:
        spent = await thread_usage(tx, [known, mixed, uuid7()])
        assert spent[known].cost == Decimal("0.0024")
        assert (spent[known].input_tokens, spent[known].output_tokens) == (2000, 200)
        assert (spent[mixed].input_tokens, spent[mixed].cost) == (1005, None)
        assert len(spent) == 2
        assert (await run_usage(tx, [run]))[run].input_tokens == 3000


async def test_another_organization_has_other_models(ctx: Context) -> None:
    other = Context(ctx.actor, await make_org(ctx.resources), ctx.scopes, ctx.resources)
    async with ctx.begin() as tx:
        row = await create_model(tx, ModelIn(name="a", provider="ollama"))
    async with other.begin() as tx:
        with pytest.raises(NotFound):
            await get_model(tx, row.id)
        assert await list_models(tx) == ([], None)
        with pytest.raises(Invalid):
            await create_model(tx, ModelIn(name="a", provider="generic", model_name="m"))
