"""What models were used for, by day and by model, agent or member."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, LiteralString

from sqlalchemy import text

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.errors import Invalid
from datelier.llms.budget_schemas import GroupBy, UsageReport, UsageRow

_MOST_DAYS: Final = 366
_GROUPS: Final[dict[GroupBy, tuple[LiteralString, LiteralString]]] = {
    "day": ("cast(null as uuid)", "cast(null as text)"),
    "model": ("u.model_id", "(select name from model where org_id = :org and id = u.key)"),
    "agent": ("u.agent_id", "cast(null as text)"),  # agents are a slice above this one
    "member": ("u.person_id", "(select name from person where id = u.key)"),
}


async def usage_report(
    ctx: Context, *, since: date | None, until: date | None, group_by: GroupBy
) -> UsageReport:
    """Add up the usage ledger.

    Args:
        ctx: A context inside a transaction.
        since: First day, UTC; 29 days before the last when None.
        until: Last day, UTC; today when None.
        group_by: What is told apart besides days.

    Raises:
        Invalid: The days are in the wrong order or more than a year.
    """
    last = until or now().astimezone(UTC).date()
    first = since or last - timedelta(days=29)
    if not timedelta() <= last - first < timedelta(days=_MOST_DAYS):
        raise Invalid.field("since", f"Ask for 1 to {_MOST_DAYS} days, the first one first.")
    key, name = _GROUPS[group_by]
    statement = text(
        "select day, key, calls, input_tokens, output_tokens, cost, unpriced_calls, "  # noqa: S608  # constants
        f"uncounted_calls, {name} as name from ("
        f"select (u.created_at at time zone 'UTC')::date as day, {key} as key, count(*) as calls, "
        "sum(u.input_tokens) as input_tokens, sum(u.output_tokens) as output_tokens, "
        "sum(u.cost) as cost, count(*) filter (where u.cost is null) as unpriced_calls, "
        "count(*) filter (where u.input_tokens is null or u.output_tokens is null) "
        "as uncounted_calls from llm_usage u where u.org_id = :org "
        "and u.created_at >= :first and u.created_at < :end group by 1, 2) u order by day, name, key"
    )
    values = {
        "org": ctx.org_id,
        "first": datetime.combine(first, time(), UTC),
        "end": datetime.combine(last + timedelta(days=1), time(), UTC),
    }
    rows = (await ctx.session.execute(statement, values)).mappings()
    return UsageReport(
        since=first,
        until=last,
        group_by=group_by,
        rows=[UsageRow.model_validate(dict(row)) for row in rows],
    )
