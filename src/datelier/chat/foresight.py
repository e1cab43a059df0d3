"""Reading an answer's brief in the transaction that stores its question."""

from uuid import UUID

from datelier.kit.context import Context, Resources
from datelier.kit.errors import DatelierError
from datelier.kit.log import get_logger
from datelier.runs.local import has_free_slot

log = get_logger(__name__)


def keep_briefs(resources: Resources) -> None:
    """Make room for briefs in a process that executes runs; called once by the app."""
    # Lazy: LangChain costs half a second, and only processes that execute runs need it.
    from datelier.chat.turn import Briefs  # noqa: PLC0415

    resources.register(Briefs, Briefs())


async def brief_runner(
    ctx: Context, run_id: UUID, *, thread_id: UUID, message_id: UUID, model_id: UUID | None
) -> None:
    """Hand the runner of this process what it will need; elsewhere do nothing.

    What goes wrong here goes wrong again in the run, where it is said in the answer.
    """
    if not has_free_slot(ctx.resources):
        return
    from datelier.chat.turn import Briefs, Question, read_brief  # noqa: PLC0415  # lazy, as above

    try:
        brief = await read_brief(ctx, Question(thread_id, message_id, model_id))
    except DatelierError as error:
        log.info("brief_not_read", run_id=str(run_id), code=error.code)
    else:
        ctx.resources.get(Briefs).keep(run_id, brief)
