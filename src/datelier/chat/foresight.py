"""Reading an answer's brief in the transaction that stores its question."""

from dataclasses import dataclass
from uuid import UUID

from datelier.kit.context import Context
from datelier.kit.errors import DatelierError
from datelier.kit.log import get_logger
from datelier.runs.local import free_runner
from datelier.threads.desk import Desk

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a question before it is read back.

    `first_words` is its text when nothing was said before it, so that there is no branch to
    read; `desk` what a thread that is yet to be stored will be answered with.
    """

    thread_id: UUID
    message_id: UUID
    model_id: UUID | None
    first_words: str | None
    desk: Desk | None = None


async def brief_runner(ctx: Context, run_id: UUID, asked: Asked) -> None:
    """Hand the runner of this process what it will need; elsewhere do nothing.

    What goes wrong here goes wrong again in the run, where it is said in the answer.
    """
    if free_runner(ctx.resources) is None:
        return
    # Lazy: LangChain costs half a second, and only processes that execute runs need it.
    from datelier.chat.turn import Briefs, Question, read_brief  # noqa: PLC0415

    question = Question(asked.thread_id, asked.message_id, asked.model_id, asked.first_words)
    try:
        brief = await read_brief(ctx, question, asked.desk)
    except DatelierError as error:
        log.info("brief_not_read", run_id=str(run_id), code=error.code)
    else:
        ctx.resources.get(Briefs).keep(run_id, brief)


def forget_brief(ctx: Context, run_id: UUID) -> None:
    """Take back what was handed over for a run that was not stored."""
    if free_runner(ctx.resources) is not None:
        from datelier.chat.turn import Briefs  # noqa: PLC0415  # lazy: as above

        ctx.resources.get(Briefs).take(run_id)
