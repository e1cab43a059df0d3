"""Budgets while models are called: what a call may cost is set aside before it begins.

Counting and comparing is one UPDATE per budget on a row that it locks, so runs that call at the
same instant cannot spend the same money. A call is settled in the transaction that writes it
into the usage ledger. A call that was never settled, because its process died, counts in full:
what a provider bills for it is not known, and unknown is not nothing.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.errors import Conflict, TooMany
from datelier.kit.ids import uuid7
from datelier.kit.log import get_logger
from datelier.llms.config import ModelConfig, Spender, Usage, cost
from datelier.llms.usage import person_of

log = get_logger(__name__)

_UNITS: Final = {"usd": "money", "tokens": "token", "messages": "message"}
_WHO: Final = {
    "organization": "the organization",
    "member": "this member",
    "agent": "this agent",
    "run": "one run",
}

_APPLYING = text(
    "select b.id, b.subject, b.unit, b.period, b.hard_limit from budget b "
    "left join membership m on m.org_id = b.org_id and m.id = b.member_id "
    "where b.org_id = :org and b.deleted_at is null and (b.unit = 'messages') = :messages "
    "and case b.subject "
    "when 'member' then cast(:person as uuid) is not null "
    "and (b.member_id is null or m.person_id = :person) "
    "when 'agent' then cast(:agent as uuid) is not null "
    "and (b.agent_id is null or b.agent_id = :agent) "
    "else true end order by b.id"
)
_OPEN = text(
    "insert into budget_count (id, org_id, budget_id, bucket) values (:id, :org, :budget, :bucket) "
    "on conflict (org_id, budget_id, bucket) do nothing"
)
_RESERVE = text(
    "update budget_count set reserved = reserved + :amount, updated_at = now() "
    "where org_id = :org and budget_id = :budget and bucket = :bucket "
    "and (cast(:hard as numeric) is null or spent + reserved + :amount <= :hard) returning id"
)
_NOTE = text(
    "insert into budget_reservation (id, org_id, run_id, call, count_id, amount) "
    "values (:id, :org, :run, :call, :count, :amount)"
)
_TAKE_BACK = text(
    "delete from budget_reservation where org_id = :org and call = :call "
    "returning count_id, amount, (select b.unit from budget b join budget_count c "
    "on c.org_id = b.org_id and c.budget_id = b.id where c.id = count_id) as unit"
)
_SPEND = text(
    "update budget_count c set spent = spent + :spent, reserved = reserved - :amount, "
    "updated_at = now() where c.org_id = :org and c.id = :count"
)
_WARN = text(
    "update budget_count c set warned_at = now() from budget b "
    "where c.org_id = :org and c.id = :count and b.org_id = c.org_id and b.id = c.budget_id "
    "and c.warned_at is null and c.spent >= b.soft_limit "
    "returning b.id, b.subject, b.unit, b.period, c.spent, b.soft_limit"
)
# Of this run, by an earlier claim; this very call, when PostgreSQL went away in its middle and its
# step is done again; of any run, once no call can still be under way.
_LEFT_OVER = text(
    "select distinct call from budget_reservation where org_id = :org "
    "and (run_id = :run and (call = :call or not starts_with(call, :claim)) "
    "or created_at < now() - interval '1 hour') order by call"
)
_BUDGETED = text("select exists (select 1 from budget where org_id = :org and deleted_at is null)")
_BYTES_PER_TOKEN: Final = 2  # fewer than in any language or format we know of, so never too few
_LONGEST_ANSWER: Final = 8192


class BudgetExceeded(TooMany):
    """A hard limit would be passed."""

    code, title = "budget_exceeded", "Budget used up"


class PriceUnknown(Conflict):
    """A money budget cannot be kept with a model whose price nobody has entered."""

    code, title = "price_unknown", "Price unknown"


@dataclass(frozen=True, slots=True)
class Windows:
    """Names of the windows that are open at one instant, in UTC."""

    day: str
    month: str
    day_ends: datetime
    month_ends: datetime

    @classmethod
    def at(cls, instant: datetime) -> "Windows":
        """Return the windows of an instant."""
        utc = instant.astimezone(UTC)
        midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight.replace(day=1)
        days = calendar.monthrange(first.year, first.month)[1]
        return cls(
            day=f"{utc:%Y-%m-%d}",
            month=f"{utc:%Y-%m}",
            day_ends=midnight + timedelta(days=1),
            month_ends=first + timedelta(days=days),
        )

    def of(self, period: str) -> str:
        """Return the name of the window of a period of time."""
        return self.day if period == "day" else self.month

    def seconds_left(self, period: str, instant: datetime) -> int | None:
        """Return the seconds until a window ends; None for a run, which no wait makes longer."""
        if period == "run":
            return None
        end = self.day_ends if period == "day" else self.month_ends
        return max(1, round((end - instant).total_seconds()))


async def budgeted(ctx: Context) -> bool:
    """Return whether the organization has any budget."""
    return bool((await ctx.session.execute(_BUDGETED, {"org": ctx.org_id})).scalar())


def longest_answer(config: ModelConfig) -> int:
    """Return the tokens that an answer may have where a budget applies."""
    limit = config.parameters.get("max_tokens")
    return limit if isinstance(limit, int) else _LONGEST_ANSWER


def at_most(config: ModelConfig, question_bytes: int) -> Usage:
    """Return the tokens that a call can use: those of a question of so many bytes, and an answer."""
    return Usage(-(-question_bytes // _BYTES_PER_TOKEN), longest_answer(config))


async def reserve(
    ctx: Context, config: ModelConfig, spender: Spender, call: str, most: Usage
) -> None:
    """Set aside what one model call may cost, from every budget that applies.

    Args:
        ctx: A context inside a transaction; nothing is set aside when it rolls back.
        config: The model that is to be called.
        spender: What it is called for.
        call: Name of the call: run, claim and number, joined by colons.
        most: The tokens that it can use at most.

    Raises:
        BudgetExceeded: A hard limit would be passed; carries the seconds until its window ends.
        PriceUnknown: A money budget applies and the model has no price.
    """
    rows = await _applying(ctx, spender, messages=False)
    if not rows:
        return
    await _settle_left_over(ctx, spender.run_id, call)
    money = cost(config, most)
    tokens = Decimal((most.input_tokens or 0) + (most.output_tokens or 0))
    for row in rows:
        if row.unit == "usd" and money is None:
            raise PriceUnknown(
                f"A money budget applies, and the price of {config.name} is not known.",
                hint="Enter its price under /settings/models, or remove the budget.",
                resource="model",
            )
        amount = tokens if money is None or row.unit == "tokens" else money
        await _set_aside(ctx, row, spender, call, amount)


async def count_message(ctx: Context, spender: Spender) -> None:
    """Count one question against the quotas of messages.

    Raises:
        BudgetExceeded: The quota of the day or month is used up.
    """
    call = f"message {spender.run_id}"
    for row in await _applying(ctx, spender, messages=True):
        await _set_aside(ctx, row, spender, call, Decimal(1))
    await settle(ctx, call, None, None)


async def settle(ctx: Context, call: str, usage: Usage | None, price: Decimal | None) -> None:
    """Turn what a call set aside into what it used; unknown counts as all that was set aside.

    Args:
        ctx: A context inside the transaction that writes the call into the ledger.
        call: The call's name.
        usage: What it used; None when nobody knows.
        price: Its cost in USD; None when nobody knows.
    """
    tokens = None
    if usage is not None and None not in {usage.input_tokens, usage.output_tokens}:
        tokens = Decimal((usage.input_tokens or 0) + (usage.output_tokens or 0))
    values = {"org": ctx.org_id, "call": call}
    for row in (await ctx.session.execute(_TAKE_BACK, values)).all():
        known = {"usd": price, "tokens": tokens}.get(row.unit)
        spent = row.amount if known is None else known
        count = {"org": ctx.org_id, "count": row.count_id}
        await ctx.session.execute(_SPEND, {**count, "spent": spent, "amount": row.amount})
        await _warn(ctx, count)


async def _applying(ctx: Context, spender: Spender, *, messages: bool) -> Sequence[Any]:
    values = {
        "org": ctx.org_id,
        "person": person_of(ctx),
        "agent": spender.agent_id,
        "messages": messages,
    }
    return (await ctx.session.execute(_APPLYING, values)).all()


async def _set_aside(ctx: Context, row: Any, spender: Spender, call: str, amount: Decimal) -> None:
    instant = now()
    windows = Windows.at(instant)
    values = {
        "id": uuid7(),
        "org": ctx.org_id,
        "budget": row.id,
        "bucket": _bucket(ctx, row, spender, windows),
    }
    await ctx.session.execute(_OPEN, values)
    del values["id"]
    found = await ctx.session.execute(
        _RESERVE, {**values, "amount": amount, "hard": row.hard_limit}
    )
    count_id = found.scalar()
    if count_id is None:
        raise BudgetExceeded(
            f"The {_UNITS[row.unit]} budget of {_WHO[row.subject]} per {row.period} is used up.",
            hint="Ask an admin to raise it under /settings/usage, or wait until it begins anew.",
            resource="budget",
            retry_after=windows.seconds_left(row.period, instant),
        )
    note = {"id": uuid7(), "run": spender.run_id, "call": call, "count": count_id}
    await ctx.session.execute(_NOTE, {**note, "org": ctx.org_id, "amount": amount})


def _bucket(ctx: Context, row: Any, spender: Spender, windows: Windows) -> str:
    if row.subject == "run":
        return str(spender.run_id)
    window = windows.of(row.period)
    subject = {"member": person_of(ctx), "agent": spender.agent_id}.get(row.subject)
    return window if subject is None else f"{window} {subject}"


async def _settle_left_over(ctx: Context, run_id: UUID | None, call: str) -> None:
    claim = call.rpartition(":")[0]
    values = {"org": ctx.org_id, "run": run_id, "call": call, "claim": f"{claim}:"}
    for left in (await ctx.session.execute(_LEFT_OVER, values)).scalars():
        await settle(ctx, left, None, None)


async def _warn(ctx: Context, count: dict[str, Any]) -> None:
    row = (await ctx.session.execute(_WARN, count)).one_or_none()
    if row is None:
        return
    detail = {"subject": row.subject, "unit": row.unit, "period": row.period}
    detail |= {"spent": format(row.spent, "f"), "soft_limit": format(row.soft_limit, "f")}
    log.warning("budget_soft_limit_reached", **detail)
    await record(ctx, action="budget.reached", target=("budget", row.id), detail=detail)
