"""Reading the tree of a run, and what went into one of its steps, from the log."""

from typing import Any

import orjson
from sqlalchemy import text

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.errors import NotFound
from datelier.runs.fold import Fold, Part
from datelier.runs.models import Run
from datelier.runs.step_schemas import StepDetail, StepOut, StepsOut, ValueOut
from datelier.runs.steps import QUEUE_ID, Bill, Event, StepTree

MOST_STEPS = 5_000
MOST_BYTES = 100_000
_MOST_VALUE = 20_000_000
_LAST_SEQ = 2**31 - 1

# Deltas and the values of tools stay in the table: a tree must be cheap however much was said.
_EVENTS = text(
    """
    select e.seq, e.at, p.type, e.part->>'toolCallId' as call, e.part->>'toolName' as name,
           e.part->>'title' as title, left(e.part->>'errorText', 300) as error,
           case when p.type in ('data-stage', 'data-usage', 'data-step-note') then e.part->'data'
                when p.type = 'data-query' then json_build_object(
                    'query_id', e.part#>>'{data,query_id}', 'handle', e.part#>>'{data,handle}',
                    'version', e.part#>'{data,version}', 'source_id', e.part#>>'{data,source_id}')
                when p.type = 'data-request' then json_build_object(
                    'id', e.part#>>'{data,id}', 'status', e.part#>>'{data,status}',
                    'kind', e.part#>>'{data,kind}', 'title', e.part#>>'{data,title}')
           end as data
    from run_event e cross join lateral (select e.part->>'type' as type) p
    where e.org_id = :org and e.run_id = :run
      and p.type not in ('text-delta', 'reasoning-delta', 'tool-input-delta', 'text-end',
                         'reasoning-end', 'data-chart', 'data-title')
    order by e.seq
    """
)
_BILLS = text(
    "select input_tokens, output_tokens, cost from llm_usage "
    "where org_id = :org and thread_id is not distinct from :thread and run_id = :run order by id"
)
_PARTS = text(
    "select seq, part from run_event where org_id = :org and run_id = :run "
    "and seq between :first and :last order by seq"
)
_QUESTION = text("select text from message where org_id = :org and id = :id")


async def steps_of(ctx: Context, run: Run, *, most: int | None = MOST_STEPS) -> StepsOut:
    """Return a run's tree, read from its log.

    Args:
        ctx: A context inside a transaction, of somebody who may see the run.
        run: The run.
        most: Most steps and most notes; None for all.
    """
    tree = await _tree(ctx, run)
    rows = tree.tree()
    last = max((row.last_seq for row in rows), default=0)
    return StepsOut(
        run_id=run.id,
        steps=rows[:most],
        notes=tree.notes[:most],
        total=len(rows),
        truncated=most is not None and len(rows) > most,
        last_seq=max(last, run.last_seq),
        now=now(),
    )


async def _tree(ctx: Context, run: Run) -> StepTree:
    values = {"org": ctx.org_id, "run": run.id}
    bills = await ctx.session.execute(_BILLS, {**values, "thread": run.thread_id})
    tree = StepTree(Bill(*row) for row in bills)
    tree.queued(run.created_at, run.started_at)
    for row in await ctx.session.execute(_EVENTS, values):
        tree.add(Event(*row))
    return tree


async def step_of(ctx: Context, run: Run, step_id: str, *, full: bool = False) -> StepDetail:
    """Return what went into one step of a run and what came out of it.

    Args:
        ctx: A context inside a transaction, of somebody who may see the run.
        run: The run.
        step_id: Id of a row of the tree.
        full: Give values up to 20 MB, in place of 100 kB.

    Raises:
        NotFound: The run has no such step.
    """
    tree = await _tree(ctx, run)
    row = next((row for row in tree.tree() if row.id == step_id), None)
    if row is None:
        raise NotFound("step")
    until = _end_of(row)
    notes = [n for n in tree.notes if n.step_id == row.id or row.first_seq <= n.seq <= until]
    given, made = await _values(ctx, run, row)
    most = _MOST_VALUE if full else MOST_BYTES
    return StepDetail(step=row, input=_cut(given, most), output=_cut(made, most), notes=notes)


def _end_of(row: StepOut) -> int:
    """Return the last part that belongs to a step; one that goes on has whatever is yet to come."""
    return _LAST_SEQ if row.finished_at is None else row.last_seq


async def _values(ctx: Context, run: Run, row: StepOut) -> tuple[Any, Any]:
    if row.kind == "tool":
        return await _tool_values(ctx, run, row)
    if row.kind == "model":
        said = await _folded(ctx, run, row.first_seq, _end_of(row))
        return await _conversation(ctx, run, row.first_seq), said
    if row.id == QUEUE_ID:
        return run.input or None, None
    return None, None


async def _tool_values(ctx: Context, run: Run, row: StepOut) -> tuple[Any, Any]:
    given = made = None
    for _, part in await _parts(ctx, run, row.first_seq, row.last_seq):
        if part.get("toolCallId") == row.tool_call_id:
            if part["type"] == "tool-input-available":
                given = part.get("input")
            elif part["type"] == "tool-output-available":
                made = part.get("output")
            elif part["type"] in ("tool-output-error", "tool-output-denied"):
                made = {"error": part.get("errorText", "denied")}
    return given, made


async def _conversation(ctx: Context, run: Run, until: int) -> dict[str, Any]:
    asked = await ctx.session.execute(_QUESTION, {"org": ctx.org_id, "id": run.user_message_id})
    question = asked.scalar_one_or_none()
    before = await _folded(ctx, run, 1, until - 1)
    return {"question": question, "so_far": before}


async def _folded(ctx: Context, run: Run, first: int, last: int) -> list[Part]:
    view = Fold()
    for seq, part in await _parts(ctx, run, first, last):
        if not part["type"].startswith("data-"):
            view.add(seq, part)
    return [part for part in view.parts if part["type"] != "step-start"]


async def _parts(ctx: Context, run: Run, first: int, last: int) -> list[tuple[int, Part]]:
    values = {"org": ctx.org_id, "run": run.id, "first": first, "last": last}
    found = await ctx.session.execute(_PARTS, values)
    return [(row.seq, row.part) for row in found]


def _cut(value: Any, most: int) -> ValueOut | None:
    if value is None:
        return None
    encoded = orjson.dumps(value, default=str)
    if len(encoded) <= most:
        return ValueOut(value=value, bytes=len(encoded))
    return ValueOut(text=encoded[:most].decode("utf-8", "ignore"), bytes=len(encoded), cut=True)
