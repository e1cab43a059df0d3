"""Answering a question again, from its beginning or from one of its steps."""

from uuid import UUID

from datelier.chat.errors import NotRerunnable, RerunUnsafe
from datelier.chat.run_schemas import RunIn
from datelier.chat.run_start import start_background
from datelier.chat.schemas import RegenerateIn, Sent
from datelier.chat.service import regenerate
from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import Invalid, NotFound
from datelier.kit.tools import Toolbox
from datelier.runs.models import Run
from datelier.runs.service import own_run
from datelier.runs.step_log import steps_of
from datelier.sources.models import Source
from datelier.threads.models import Thread
from datelier.threads.service import get_own_thread


async def rerun(ctx: Context, run_id: UUID, from_step: str | None) -> Sent:
    """Start a run with the same question beside the earlier answer, or with the same goal.

    Args:
        ctx: Whoever started the run, in a transaction.
        run_id: The run to do again.
        from_step: Id of a step of its tree: what came before is done again as it was, without
            asking the model; the model decides from there on.

    Raises:
        NotFound: No such run, or its thread or every source of it is gone.
        RunIsPersonal: Somebody else started it.
        Forbidden: It is in the background, and the caller may not start such runs.
        NotRerunnable: The run belongs to no agent.
        RerunUnsafe: A tool before the step did more than read.
        Invalid: The run has no such step.
    """
    run = await own_run(ctx, run_id)
    if run.thread_id is None or run.message_id is None:
        raise NotRerunnable("Only runs of an agent can be run again.")
    given: dict[str, object] = {"rerun_of": str(run.id)}
    if from_step is not None:
        given["until"] = await _start_of(ctx, run, from_step)
    thread = await get_own_thread(ctx, run.thread_id, for_update=True)
    if run.kind == "background":
        sent = await _in_background(ctx, run, thread, given)
    else:
        before = run.input or {}
        again = RegenerateIn(
            model_id=run.model_id, locale=before.get("locale"), intent=before.get("intent")
        )
        sent = await regenerate(ctx, thread, run.message_id, again, given=given)
    await record(
        ctx, action="run.rerun", target=("run", sent.run_id), detail={**given, "step": from_step}
    )
    return sent


async def _in_background(ctx: Context, run: Run, thread: Thread, given: dict[str, object]) -> Sent:
    ctx.require("run:create")
    # What was stored is not held to the limits of a request.
    body = RunIn.model_construct(
        agent_id=run.agent_id,
        goal=run.goal or "",
        payload=run.payload,
        source_ids=await _sources_left(ctx, thread),
        correlation_id=run.correlation_id,
        model_id=run.model_id,
        report=run.input.get("report"),
    )
    made = await start_background(ctx, body, given=given)
    assert made.thread_id is not None
    assert made.message_id is not None
    return Sent(
        message_id=made.message_id,
        run_id=made.id,
        thread_id=made.thread_id,
        queued=made.status == "queued",
        ahead=0,
    )


async def _sources_left(ctx: Context, thread: Thread) -> list[UUID]:
    """Return what is left of a thread's sources; with none of them, every source would be meant."""
    wanted = [UUID(str(source_id)) for source_id in thread.source_ids]
    there = owned(ctx, Source).where(Source.id.in_(wanted), Source.deleted_at.is_(None))
    found = set((await ctx.session.execute(there.with_only_columns(Source.id))).scalars())
    left = [source_id for source_id in wanted if source_id in found]
    if wanted and not left:
        raise NotFound("source")
    return left


async def _start_of(ctx: Context, run: Run, from_step: str) -> int:
    steps = (await steps_of(ctx, run)).steps
    start = next((s.first_seq for s in steps if s.id == from_step and s.kind == "step"), None)
    if start is None:
        raise Invalid.field("from_step", "The run has no step with this id.")
    known = {tool.name: tool for tool in ctx.resources.get(Toolbox).tools}
    for step in steps:
        if step.kind != "tool" or step.first_seq >= start:
            continue
        tool = known.get(step.name)
        if tool is not None and tool.effect != "read":
            raise RerunUnsafe(
                f"{tool.title} changed something before this step, and would do so again.",
                hint="Run the whole question again instead.",
            )
    return start
