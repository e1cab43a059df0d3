"""Answering a question again, from its beginning or from one of its steps."""

from uuid import UUID

from datelier.chat.errors import NotRerunnable, RerunUnsafe
from datelier.chat.schemas import RegenerateIn, Sent
from datelier.chat.service import regenerate
from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.errors import Invalid
from datelier.kit.tools import Toolbox
from datelier.runs.models import Run
from datelier.runs.service import visible_run
from datelier.runs.step_log import steps_of
from datelier.threads.service import get_own_thread


async def rerun(ctx: Context, run_id: UUID, from_step: str | None) -> Sent:
    """Start a run that answers the same question beside the earlier answer.

    Args:
        ctx: The thread's owner, in a transaction.
        run_id: The run to do again.
        from_step: Id of a step of its tree: what came before is done again as it was, without
            asking the model; the model decides from there on.

    Raises:
        NotFound: No such run, or its thread is gone.
        NotRerunnable: The run does not answer a question.
        RerunUnsafe: A tool before the step did more than read.
        Invalid: The run has no such step.
    """
    run = await visible_run(ctx, run_id)
    if run.thread_id is None or run.message_id is None or run.kind == "background":
        raise NotRerunnable("Only answers can be run again.", hint="Start the agent again.")
    thread = await get_own_thread(ctx, run.thread_id, for_update=True)
    given: dict[str, object] = {"rerun_of": str(run.id)}
    if from_step is not None:
        given["until"] = await _start_of(ctx, run, from_step)
    sent = await regenerate(
        ctx, thread, run.message_id, RegenerateIn(model_id=run.model_id), given=given
    )
    await record(
        ctx, action="run.rerun", target=("run", sent.run_id), detail={**given, "step": from_step}
    )
    return sent


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
