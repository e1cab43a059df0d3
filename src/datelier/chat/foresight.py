"""Reading an answer's brief in the transaction that stores its question."""

from dataclasses import dataclass
from uuid import UUID

from datelier.kit.context import Context
from datelier.kit.errors import DatelierError
from datelier.kit.log import get_logger
from datelier.runs.local import free_runner
from datelier.threads.models import Thread

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a question before it is read back.

    `first_words` is its text when nothing was said before it, so that there is no branch to read.
    """

    model_id: UUID | None
    first_words: str | None


async def brief_runner(
    ctx: Context, run_id: UUID, thread: Thread, message: UUID, asked: Asked
) -> None:
    """Hand the runner of this process what it will need; elsewhere do nothing.

    What goes wrong here goes wrong again in the run, where it is said in the answer.
    """
    if free_runner(ctx.resources) is None:
        return
    # Lazy: LangChain costs half a second, and only processes that execute runs need it.
    from datelier.chat.turn import Briefs, Question, read_brief  # noqa: PLC0415

    question = Question(thread.id, message, asked.model_id, asked.first_words)
    try:
        brief = await read_brief(ctx, question)
    except DatelierError as error:
        log.info("brief_not_read", run_id=str(run_id), code=error.code)
    else:
        ctx.resources.get(Briefs).keep(run_id, brief)
