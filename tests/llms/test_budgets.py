"""Budgets: what fits is set aside, what does not is refused, and nobody spends the same money twice."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from datelier.kit.clock import now
from datelier.kit.context import Actor, Context
from datelier.kit.errors import NotFound
from datelier.kit.ids import uuid7
from datelier.llms.budget_schemas import BudgetIn, BudgetPatch
from datelier.llms.budgets import (
    BudgetExists,
    create_budget,
    delete_budget,
    list_budgets,
    update_budget,
)
from datelier.llms.config import ModelConfig, Spender, Usage
from datelier.llms.reservations import (
    BudgetExceeded,
    PriceUnknown,
    Windows,
    at_most,
    count_message,
    reserve,
    settle,
)
from tests.llms.conftest import config_of

CALL = Usage(100, 100)


def priced(ctx: Context, per_million: int = 5000) -> ModelConfig:
    """A model of which a call of 200 tokens costs one dollar."""
    price = Decimal(per_million)
    return config_of(ctx, None, price_input=price, price_output=price)


async def set_budget(ctx: Context, **changes: object) -> None:
    values: dict[str, object] = {
        "subject": "organization",
        "unit": "usd",
        "period": "day",
        "hard_limit": Decimal(3),
        **changes,
    }
    async with ctx.begin() as tx:
        await create_budget(tx, BudgetIn.model_validate(values))


def a_call() -> tuple[Spender, str]:
    run_id = uuid7()
    return Spender(run_id), f"{run_id}:1:0"


async def call(ctx: Context, model: ModelConfig, spent: Usage | None = None) -> str:
    spender, name = a_call()
    async with ctx.begin() as tx:
        await reserve(tx, model, spender, name, CALL)
    if spent is not None:
        async with ctx.begin() as tx:
            await settle(tx, name, spent, Decimal(0))
    return name


async def only_window(ctx: Context) -> tuple[Decimal, Decimal]:
    async with ctx.begin() as tx:
        [budget] = await list_budgets(tx)
    [window] = budget.windows
    return window.spent, window.reserved


@pytest.mark.contract("D95")
async def test_calls_at_the_same_instant_cannot_spend_the_same_money(ctx: Context) -> None:
    await set_budget(ctx)
    outcomes = await asyncio.gather(
        *(call(ctx, priced(ctx)) for _ in range(12)), return_exceptions=True
    )
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 3
    refused = [outcome for outcome in outcomes if isinstance(outcome, BudgetExceeded)]
    assert len(refused) == 9
    assert refused[0].status == 429
    assert 0 < (refused[0].retry_after or 0) <= 24 * 3600
    assert await only_window(ctx) == (0, 3)


async def test_a_settled_call_frees_what_it_did_not_use(ctx: Context) -> None:
    await set_budget(ctx)
    spender, name = a_call()
    async with ctx.begin() as tx:
        await reserve(tx, priced(ctx), spender, name, Usage(300, 300))
    assert await only_window(ctx) == (0, 3)
    async with ctx.begin() as tx:
        await settle(tx, name, Usage(10, 10), Decimal("0.1"))
    assert await only_window(ctx) == (Decimal("0.1"), 0)
    async with ctx.begin() as tx:
        await settle(tx, name, Usage(10, 10), Decimal("0.1"))
    assert await only_window(ctx) == (Decimal("0.1"), 0)


async def test_a_call_whose_use_nobody_knows_counts_in_full(ctx: Context) -> None:
    await set_budget(ctx)
    name = await call(ctx, priced(ctx))
    async with ctx.begin() as tx:
        await settle(tx, name, None, None)
    assert await only_window(ctx) == (1, 0)


async def test_a_call_of_a_claim_that_died_counts_in_full_at_the_next_claim(ctx: Context) -> None:
    await set_budget(ctx)
    run = Spender(uuid7())
    for claim in (1, 2):
        async with ctx.begin() as tx:
            await reserve(tx, priced(ctx), run, f"{run.run_id}:{claim}:0", CALL)
    assert await only_window(ctx) == (1, 1)


async def test_a_call_made_again_by_its_own_claim_counts_in_full_and_is_let_through(
    ctx: Context,
) -> None:
    await set_budget(ctx)
    spender, name = a_call()
    for spent in (0, 1):
        async with ctx.begin() as tx:
            await reserve(tx, priced(ctx), spender, name, CALL)
        assert await only_window(ctx) == (spent, 1)


async def test_a_call_lost_with_its_run_counts_after_an_hour(ctx: Context) -> None:
    await set_budget(ctx)
    await call(ctx, priced(ctx))
    async with ctx.begin() as tx:
        await tx.session.execute(
            text(
                "update budget_reservation set created_at = now() - interval '61 minutes' where org_id = :org"
            ),
            {"org": ctx.org_id},
        )
    await call(ctx, priced(ctx))
    assert await only_window(ctx) == (1, 1)


async def test_a_money_budget_refuses_a_model_without_a_price(ctx: Context) -> None:
    await set_budget(ctx)
    unpriced = config_of(ctx, None)
    with pytest.raises(PriceUnknown, match="price of Test model"):
        await call(ctx, unpriced)


async def test_a_token_budget_needs_no_price(ctx: Context) -> None:
    await set_budget(ctx, unit="tokens", hard_limit=Decimal(400))
    unpriced = config_of(ctx, None)
    await call(ctx, unpriced)
    await call(ctx, unpriced)
    with pytest.raises(BudgetExceeded, match="token budget of the organization"):
        await call(ctx, unpriced)


async def test_each_member_has_a_budget_of_their_own(ctx: Context) -> None:
    await set_budget(ctx, subject="member", hard_limit=Decimal(1))
    ada = replace(ctx, actor=Actor("user", uuid7(), "Ada"))
    ben = replace(ctx, actor=Actor("token", uuid7(), "Ben"))
    await call(ada, priced(ctx))
    with pytest.raises(BudgetExceeded, match="this member"):
        await call(ada, priced(ctx))
    await call(ben, priced(ctx))


async def test_a_run_has_its_own_budget_and_no_wait_makes_it_larger(ctx: Context) -> None:
    await set_budget(ctx, subject="run", period="run", hard_limit=Decimal(1))
    run = Spender(uuid7())
    async with ctx.begin() as tx:
        await reserve(tx, priced(ctx), run, f"{run.run_id}:1:0", CALL)
    async with ctx.begin() as tx:
        with pytest.raises(BudgetExceeded) as refused:
            await reserve(tx, priced(ctx), run, f"{run.run_id}:1:1", CALL)
    assert refused.value.retry_after is None
    await call(ctx, priced(ctx))


@pytest.mark.contract("D95", "X35")
async def test_a_quota_of_messages_a_day_is_kept(ctx: Context) -> None:
    await set_budget(ctx, unit="messages", hard_limit=Decimal(2))
    for _ in range(2):
        async with ctx.begin() as tx:
            await count_message(tx, Spender(uuid7()))
    async with ctx.begin() as tx:
        with pytest.raises(BudgetExceeded, match="message budget"):
            await count_message(tx, Spender(uuid7()))
    await call(ctx, priced(ctx))  # a quota of messages says nothing about calls


async def test_reaching_the_soft_limit_is_noted_once(ctx: Context) -> None:
    await set_budget(ctx, unit="tokens", soft_limit=Decimal(150), hard_limit=None)
    for _ in range(3):
        await call(ctx, priced(ctx), Usage(50, 50))
    async with ctx.begin() as tx:
        noted = await tx.session.execute(
            text(
                "select detail ->> 'spent' from audit_entry where org_id = :org and action = 'budget.reached'"
            ),
            {"org": ctx.org_id},
        )
        assert noted.scalars().all() == ["200"]


async def test_budgets_are_set_changed_and_removed(ctx: Context) -> None:
    await set_budget(ctx)
    with pytest.raises(BudgetExists):
        await set_budget(ctx)
    with pytest.raises(NotFound):
        await set_budget(ctx, subject="agent", agent_id=str(uuid7()))
    async with ctx.begin() as tx:
        [budget] = await list_budgets(tx)
        changed = await update_budget(
            tx, budget.id, BudgetPatch(soft_limit=Decimal(1), hard_limit=None)
        )
    assert (changed.soft_limit, changed.hard_limit) == (1, None)
    async with ctx.begin() as tx:
        await delete_budget(tx, budget.id)
        assert await list_budgets(tx) == []
    await set_budget(ctx)


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "run", "period": "day"},
        {"subject": "organization", "period": "run"},
        {"agent_id": str(uuid7()), "member_id": str(uuid7())},
        {"hard_limit": None},
        {"soft_limit": 5, "hard_limit": 4},
        {"hard_limit": 0},
        {"subject": "run", "period": "run", "unit": "messages"},
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    values = {"subject": "organization", "unit": "usd", "period": "day", "hard_limit": 3, **wrong}
    with pytest.raises(ValueError, match=r"budget|limit|message|greater"):
        BudgetIn.model_validate(values)


def test_a_question_is_never_counted_as_fewer_tokens_than_it_can_have() -> None:
    most = at_most(config_like(max_tokens=100), 1001)
    assert most == Usage(501, 100)


def config_like(**parameters: object) -> ModelConfig:
    return ModelConfig(
        id=uuid7(), org_id=uuid7(), number=1, name="Model", provider="generic", model_name="m",
        endpoint_url=None, sealed_key=None, price_input=None, price_output=None,
        context_window=None, parameters=dict(parameters), updated_at=now(),
    )  # fmt: skip


def test_windows_are_days_and_months_of_utc() -> None:
    late = now().replace(year=2026, month=12, day=31, hour=23, minute=30, second=0, microsecond=0)
    windows = Windows.at(late)
    assert (windows.of("day"), windows.of("month")) == ("2026-12-31", "2026-12")
    assert windows.seconds_left("day", late) == 1800
    assert windows.seconds_left("month", late) == 1800
