"""The narrator: writes the answer, with charts, from what was found."""

from typing import Any, Final

from langchain_core.messages import AnyMessage
from langgraph.runtime import Runtime

from datelier.chat.account import account_for
from datelier.chat.analyst import prompts
from datelier.chat.analyst.calls import Aloud, calls_made, converse, open_call
from datelier.chat.analyst.cards import put_card
from datelier.chat.analyst.data import known_to_demo, packet
from datelier.chat.analyst.seats import (
    at_cap,
    remembered,
    seat,
    summary_of,
    tools_of,
    unwatched,
)
from datelier.chat.analyst.settings import SETTINGS
from datelier.chat.analyst.state import AnalystState, Update, node_of, own, route_of
from datelier.chat.analyst.tokens import within
from datelier.chat.errors import EmptyAnswer
from datelier.chat.limits import most_calls
from datelier.chat.prompts import results_section, today
from datelier.chat.turn import Turn, turn_of
from datelier.runs.execution import ActiveRun

NODE: Final = "narrator"
_CARDED: Final = "carded"


async def narrator(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Write the answer; it reaches the reader as it is written.

    Raises:
        EmptyAnswer: The model said nothing.
    """
    run = runtime.context
    base = await turn_of(run)
    said = state["messages"]
    first = not any(node_of(message) == NODE for message in said)
    if first:
        run.stage("generating", "Writing the answer")
    await open_call(run, base, said)
    carded = await put_card(run, base, state) if first else _carded(said)
    turn = _seat(run, base, state, carded=carded)
    answer = Aloud(run, turn, said, NODE)
    mine: list[Any] = within(own(said, (NODE,)), SETTINGS.budgets[NODE] // 4)
    message = await converse(run, turn, answer, mine)
    if not (message.content or message.tool_calls or message.invalid_tool_calls):
        raise EmptyAnswer(
            f"{turn.config.name} gave an empty answer.", hint="Try again, or use another model."
        )
    message.response_metadata[_CARDED] = carded
    run.finish_reason = answer.finish_reason
    more = await account_for(run, turn, answer.figures, message)
    run.finish_step()
    return {"messages": [message, *more]}


def _carded(said: list[AnyMessage]) -> bool:
    return any(message.response_metadata.get(_CARDED) for message in said)


def _seat(run: ActiveRun, turn: Turn, state: AnalystState, *, carded: bool) -> Turn:
    facts, said, budget = turn.facts, state["messages"], SETTINGS.budgets[NODE]
    history, cut = remembered(turn, budget // 2)
    last = at_cap(state, NODE) or calls_made(said) + 1 >= most_calls(run, turn)
    tools = {} if last else tools_of(turn, NODE)
    documents = any(tool.partition == "documents" for tool in tools.values())
    sections = [prompts.narrator_prompt(route_of(state), carded=carded, documents=documents)]
    if turn.definition.instructions.strip():
        sections.append(prompts.instructions_section(turn.definition.instructions))
    sections += unwatched(turn, NODE)
    sections += [today(facts.at), prompts.digest_section(facts.sources)]
    if facts.told.results:
        sections.append(results_section(facts.told.results))
    sections += summary_of(state, turn, cut=cut)
    sections.append(prompts.packet_section(packet(said, budget // 2)))
    return seat(turn, NODE, sections, history, tools, **known_to_demo(said))
