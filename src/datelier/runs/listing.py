"""Many runs at once: lists and counts of what the caller may see."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.agents.models import Agent
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import get_owned, owned
from datelier.kit.errors import Invalid
from datelier.kit.ids import first_of
from datelier.kit.pagination import Page, decode_cursor, encode_cursor
from datelier.llms.usage import known_cost
from datelier.queries.access import SEEN_BY_REQUEST
from datelier.runs.list_schemas import (
    AgentOfRun,
    Histogram,
    HistogramBar,
    Named,
    RunDetail,
    RunKind,
    RunRow,
    Starter,
)
from datelier.runs.models import Run
from datelier.runs.schemas import ENDED, RunState
from datelier.runs.service import as_out, last_seqs, queue_positions
from datelier.runs.steps import step_count
from datelier.sources.models import Source

_LONGEST = 300
_EVER = timedelta(days=366)

# As `visible_run` says for one.
_SEEN = f"""
    r.org_id = :org
    and (r.thread_id is null or exists (
        select 1 from thread v where v.org_id = r.org_id and v.id = r.thread_id
        and v.deleted_at is null and (v.owner_id is not distinct from cast(:owner as uuid)
            or r.kind = 'background' and {SEEN_BY_REQUEST})))
    and (cast(:statuses as text[]) is null or r.status = any(:statuses))
    and (cast(:kind as text) is null or r.kind = :kind)
    and (cast(:agent as uuid) is null or r.agent_id = :agent)
    and (cast(:source as text) is null or exists (
        select 1 from thread v where v.org_id = r.org_id and v.id = r.thread_id
        and v.source_ids ? :source))
    and (cast(:words as text) is null or r.goal ilike :words or exists (
        select 1 from message v where v.org_id = r.org_id and v.id = r.user_message_id
        and v.text ilike :words) or exists (
        select 1 from thread v where v.org_id = r.org_id and v.id = r.thread_id
        and v.title ilike :words))
    and (cast(:first as uuid) is null or r.id >= :first)
    and (cast(:before as uuid) is null or r.id < :before)
"""  # noqa: S608  # only a constant is interpolated

_ROWS = f"""
    select r.id, left(q.text, {_LONGEST}) as question, t.title as thread_title, t.owner_id,
           a.name as agent_name, t.source_ids,
           case when r.finished_at is null then null else
               jsonb_path_query_array(m.parts, '$[*].type') end as types,
           case when r.finished_at is null then null else jsonb_array_length(
               jsonb_path_query_array(m.parts,
                   '$[*] ? (@.type == "dynamic-tool" && @.state == "output-error")')) end as errors
    from run r
    left join thread t on t.org_id = r.org_id and t.id = r.thread_id
    left join agent a on a.org_id = r.org_id and a.id = r.agent_id
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
    """Return the runs that the caller may see, the newest first.

    Raises:
        NotFound: There is no such agent or source.
    """
    await _check(ctx, wanted)
    values = wanted.values(ctx) | {"before": decode_cursor(cursor), "most": limit + 1}
    ids = list((await ctx.session.execute(text(_PAGE), values)).scalars())
    following = encode_cursor(ids[limit - 1]) if len(ids) > limit else None
    return Page(data=await rows_of(ctx, ids[:limit]), next=following)


async def _check(ctx: Context, wanted: RunFilter) -> None:
    if wanted.agent_id is not None:
        await get_owned(ctx, Agent, wanted.agent_id)
    if wanted.source_id is not None:
        await get_owned(ctx, Source, wanted.source_id)


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
    places = await queue_positions(ctx, runs.values())
    ends = await last_seqs(ctx, [run.id for run in runs.values() if run.status not in ENDED])
    made: list[RunRow] = []
    for run_id in ids:
        run, row = runs[run_id], facts[run_id]
        source_ids: list[str] = row.source_ids or []
        seen = as_out(run, places.get(run_id), ends.get(run_id, run.last_seq))
        cost = costs.get(run_id)
        made.append(
            RunRow(
                **seen.model_dump(),
                kind=run.kind,  # pyright: ignore[reportArgumentType]  # the table's check constraint
                graph=run.graph,
                title=row.question or run.goal or row.thread_title or "",
                thread_title=row.thread_title,
                agent=_agent(run, row.agent_name),
                correlation_id=run.correlation_id,
                parent_run_id=run.parent_run_id,
                waiting_since=run.waiting_since,
                sources=[names[i] for i in source_ids if i in names],
                started_by=Starter(kind=run.actor["kind"], name=run.actor["name"]),
                mine=run.thread_id is None or row.owner_id == ctx.actor.id,
                cost_at_least=None if cost is None else format(cost, "f"),
                step_count=None if row.types is None else step_count(row.types),
                error_count=row.errors,
                rerun_of=run.input.get("rerun_of"),
            )
        )
    return made


def _agent(run: Run, name: str | None) -> AgentOfRun | None:
    if run.agent_id is None:
        return None
    return AgentOfRun(id=run.agent_id, name=name or "", version=run.agent_version)


async def described(ctx: Context, run: Run) -> RunDetail:
    """Return everything about a run that the caller may see, but its log."""
    [row] = await rows_of(ctx, [run.id])
    more = {"payload": run.payload, "result": run.result}
    return RunDetail.model_validate(row.model_dump() | more)


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
        NotFound: There is no such agent or source.
    """
    await _check(ctx, wanted)
    until = now()
    since = wanted.since or until - timedelta(days=1)
    if not timedelta() < until - since <= _EVER:
        raise Invalid.field("since", "Give a moment within the last year.")
    width = (until - since) / buckets
    narrowed = replace(wanted, since=since).values(ctx)
    values = narrowed | {"since": since, "width": width.total_seconds()}
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
