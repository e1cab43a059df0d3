"""Many runs at once: lists and counts of what the caller may see."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import Invalid
from datelier.kit.ids import first_of
from datelier.kit.pagination import Page, decode_cursor, encode_cursor
from datelier.llms.usage import known_cost
from datelier.runs.list_schemas import (
    AgentOfRun,
    Histogram,
    HistogramBar,
    Named,
    RunKind,
    RunRow,
    Starter,
)
from datelier.runs.models import Run
from datelier.runs.schemas import RunState
from datelier.runs.service import as_out, last_seq, queue_position

_LONGEST = 300
_EVER = timedelta(days=366)

# Whoever may see a thread may see its runs; a run without a thread is seen by its organization.
_SEEN = """
    r.org_id = :org
    and (r.thread_id is null or exists (
        select 1 from thread v where v.org_id = r.org_id and v.id = r.thread_id
        and v.deleted_at is null and v.owner_id is not distinct from cast(:owner as uuid)))
    and (cast(:statuses as text[]) is null or r.status = any(:statuses))
    and (cast(:kind as text) is null
        or case when r.thread_id is null then 'background' else 'chat' end = :kind)
    and (cast(:agent as uuid) is null or exists (
        select 1 from thread v where v.org_id = r.org_id and v.id = r.thread_id
        and v.agent_id = :agent))
    and (cast(:source as text) is null or exists (
        select 1 from thread v where v.org_id = r.org_id and v.id = r.thread_id
        and v.source_ids ? :source))
    and (cast(:words as text) is null or exists (
        select 1 from message v where v.org_id = r.org_id and v.id = r.user_message_id
        and v.text ilike :words) or exists (
        select 1 from thread v where v.org_id = r.org_id and v.id = r.thread_id
        and v.title ilike :words))
    and (cast(:first as uuid) is null or r.id >= :first)
    and (cast(:before as uuid) is null or r.id < :before)
"""

_ROWS = f"""
    select r.id, left(q.text, {_LONGEST}) as question, t.title as thread_title,
           a.id as agent_id, a.name as agent_name, t.source_ids,
           case when r.finished_at is null then null else jsonb_array_length(
               jsonb_path_query_array(m.parts, '$[*] ? (@.type == "step-start")')) end as steps,
           case when r.finished_at is null then null else jsonb_array_length(
               jsonb_path_query_array(m.parts,
                   '$[*] ? (@.type == "dynamic-tool" && @.state == "output-error")')) end as errors
    from run r
    left join thread t on t.org_id = r.org_id and t.id = r.thread_id
    left join agent a on a.org_id = t.org_id and a.id = t.agent_id
    left join message q on q.org_id = r.org_id and q.id = r.user_message_id
    left join message m on m.org_id = r.org_id and m.id = r.message_id
    where r.org_id = :org and r.id = any(:ids)
"""  # noqa: S608  # the length is a constant above

_PAGE = f"select r.id from run r where {_SEEN} order by r.id desc limit :most"  # noqa: S608  # a constant above

_COUNTED = f"""
    select floor(extract(epoch from r.created_at - :since) / :width)::int as place,
           case when r.status in ('succeeded', 'failed', 'cancelled') then r.status
                else 'active' end as state, count(*)
    from run r where {_SEEN} group by 1, 2
"""  # noqa: S608  # a constant above

_SOURCES = text(
    "select id, name from source where org_id = :org and id = any(cast(:ids as uuid[]))"
)


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are asked for; None does not narrow.

    Attributes:
        q: Words of the question or of the thread's title.
        since: Nothing that was started earlier.
    """

    statuses: tuple[RunState, ...] | None = None
    kind: RunKind | None = None
    agent_id: UUID | None = None
    source_id: UUID | None = None
    q: str | None = None
    since: datetime | None = None

    def values(self, ctx: Context) -> dict[str, Any]:
        """Return what the statements of this module want to know."""
        words = self.q.strip() if self.q else ""
        return {
            "org": ctx.org_id,
            "owner": ctx.actor.id,
            "statuses": list(self.statuses) if self.statuses else None,
            "kind": self.kind,
            "agent": self.agent_id,
            "source": str(self.source_id) if self.source_id else None,
            "words": f"%{_literal(words)}%" if words else None,
            "first": first_of(self.since) if self.since else None,
            "before": None,
        }


def _literal(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def list_runs(
    ctx: Context, wanted: RunFilter, *, cursor: str | None, limit: int
) -> Page[RunRow]:
    """Return the runs that the caller may see, the newest first."""
    values = wanted.values(ctx) | {"before": decode_cursor(cursor), "most": limit + 1}
    ids = list((await ctx.session.execute(text(_PAGE), values)).scalars())
    following = encode_cursor(ids[limit - 1]) if len(ids) > limit else None
    return Page(data=await rows_of(ctx, ids[:limit]), next=following)


async def rows_of(ctx: Context, ids: list[UUID]) -> list[RunRow]:
    """Return runs that the caller may see, in the order of `ids`."""
    if not ids:
        return []
    runs = {run.id: run for run in await _runs(ctx, ids)}
    found = await ctx.session.execute(text(_ROWS), {"org": ctx.org_id, "ids": ids})
    facts = {row.id: row for row in found}
    names = await _source_names(ctx, [row.source_ids or [] for row in facts.values()])
    threads = [run.thread_id for run in runs.values() if run.thread_id is not None]
    costs = await known_cost(ctx, ids, threads)
    made: list[RunRow] = []
    for run_id in ids:
        run, row = runs[run_id], facts[run_id]
        source_ids: list[str] = row.source_ids or []
        seen = as_out(run, await queue_position(ctx, run), run.last_seq)
        agent = AgentOfRun(id=row.agent_id, name=row.agent_name) if row.agent_id else None
        cost = costs.get(run_id)
        made.append(
            RunRow(
                **seen.model_dump(),
                kind="chat" if run.thread_id else "background",
                graph=run.graph,
                title=row.question or row.thread_title or "",
                thread_title=row.thread_title,
                agent=agent,
                sources=[names[i] for i in source_ids if i in names],
                started_by=Starter(kind=run.actor["kind"], name=run.actor["name"]),
                cost_at_least=None if cost is None else format(cost, "f"),
                step_count=row.steps,
                error_count=row.errors,
                rerun_of=run.input.get("rerun_of"),
            )
        )
    return made


async def described(ctx: Context, run: Run) -> RunRow:
    """Return a run that the caller may see, with the newest number of its log."""
    [row] = await rows_of(ctx, [run.id])
    row.last_seq = await last_seq(ctx, run.id)
    return row


async def _runs(ctx: Context, ids: list[UUID]) -> list[Run]:
    found = await ctx.session.execute(owned(ctx, Run).where(Run.id.in_(ids)))
    return list(found.scalars())


async def _source_names(ctx: Context, lists: list[list[str]]) -> dict[str, Named]:
    wanted = sorted({source_id for ids in lists for source_id in ids})
    if not wanted:
        return {}
    found = await ctx.session.execute(_SOURCES, {"org": ctx.org_id, "ids": wanted})
    return {str(row.id): Named(id=row.id, name=row.name) for row in found}


async def histogram(ctx: Context, wanted: RunFilter, *, buckets: int) -> Histogram:
    """Count the runs that the caller may see, over time.

    Args:
        ctx: The caller.
        wanted: Which runs; `since` says where the first bar begins.
        buckets: How many bars.

    Raises:
        Invalid: The time is more than a year, or not in the past.
    """
    until = now()
    since = wanted.since or until - timedelta(days=1)
    if not timedelta() < until - since <= _EVER:
        raise Invalid.field("since", "Give a moment within the last year.")
    width = (until - since) / buckets
    values = wanted.values(ctx) | {"since": since, "width": width.total_seconds()}
    bars = [HistogramBar(at=since + width * place) for place in range(buckets)]
    total = 0
    for place, state, count in await ctx.session.execute(text(_COUNTED), values):
        # The database's clock may be a little ahead of or behind ours.
        near = min(max(place, 0), buckets - 1)
        bars[near] = bars[near].plus(state, count)
        total += count
    return Histogram(
        since=since, until=until, bucket_seconds=width.total_seconds(), bars=bars, total=total
    )
