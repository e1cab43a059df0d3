"""The summarizer: notes of a long conversation, kept with the answer before which they were made.

They are a part of that answer's message, so every branch of a thread has its own, and they come and
go with it.
"""

from typing import Final

from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime

from datelier.chat.analyst import prompts
from datelier.chat.analyst.calls import Inward, converse, open_call
from datelier.chat.analyst.seats import seat
from datelier.chat.analyst.settings import SETTINGS
from datelier.chat.analyst.state import AnalystState, Update
from datelier.chat.analyst.tokens import newest, shorten
from datelier.chat.history import Told
from datelier.chat.part_names import SUMMARY_PART
from datelier.chat.turn import Turn, turn_of
from datelier.kit.errors import DatelierError
from datelier.kit.log import get_logger
from datelier.runs.execution import ActiveRun

log = get_logger(__name__)

NODE: Final = "summarizer"
_LONGEST: Final = 800  # tokens


def due(told: Told) -> bool:
    """Whether a conversation has become long enough for notes, or for new ones."""
    before = len(told.messages) - 1
    if not told.summary:
        return before > SETTINGS.summarize_threshold
    return told.since - 1 >= SETTINGS.summarize_increment


async def summarizer(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Write the notes anew; an answer does not fail because they could not be written."""
    run = runtime.context
    turn = await turn_of(run)
    run.start({"id": str(turn.config.id), "name": turn.config.name})
    run.stage("routing", "Understanding your question")
    await open_call(run, turn, state["messages"])
    try:
        seated = _seat(turn)
        message = await converse(run, seated, Inward(run, seated, state["messages"], NODE))
    except DatelierError as error:
        log.info("not_summarized", run_id=str(run.id), code=error.code)
        run.finish_step()
        return {"summary": turn.facts.told.summary}
    text = shorten(message.text.strip(), _LONGEST)
    if text:
        run.log.put({"type": SUMMARY_PART, "id": "summary", "data": {"text": text}})
    run.finish_step()
    return {"summary": text or turn.facts.told.summary, "messages": [message]}


def _seat(turn: Turn) -> Turn:
    told = turn.facts.told
    before = told.messages[:-1][-SETTINGS.summarize_window :]
    sections = [prompts.summarizer_prompt()]
    if told.summary:
        sections.append(prompts.summary_section(told.summary))
    budget = SETTINGS.budgets[NODE]
    ask = HumanMessage("Write the notes now.")
    return seat(turn, NODE, sections, [*newest(before, budget), ask])
