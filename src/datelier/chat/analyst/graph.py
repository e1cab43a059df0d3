"""The analyst graph (contract D7-D10, with W11): which node comes after which.

    summarizer → router → quick_answer | research | explain → narrator → followups
                        → direct | clarifier | suggester

Nodes with tools go through `approval` and `tools` and come back; a search that found nothing goes
through `recovery` to the narrator, the clarifier or the suggester. Where nobody watches, the
clarifier asks a person in the inbox, research goes on with the answer, and there are no follow-ups.
"""

from collections.abc import Mapping
from typing import Any, Final

from langchain_core.messages import HumanMessage
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from datelier.agents.definition import Intent
from datelier.chat.analyst.calls import calls_made
from datelier.chat.analyst.data import explain, nothing_found, quick_answer, research
from datelier.chat.analyst.followups import followups
from datelier.chat.analyst.narrator import narrator
from datelier.chat.analyst.recovery import recovery
from datelier.chat.analyst.router import router
from datelier.chat.analyst.seats import asks_tools, at_cap, loop_seat
from datelier.chat.analyst.settings import SETTINGS, AnalystSettings
from datelier.chat.analyst.state import (
    ASKING,
    THINKING,
    AnalystState,
    Update,
    last_call,
    node_of,
    rounds,
    route_of,
)
from datelier.chat.analyst.summarizer import due, summarizer
from datelier.chat.analyst.unwatched import can_ask
from datelier.chat.analyst.words import clarifier, direct, suggester
from datelier.chat.approval import wait_for_people, waits
from datelier.chat.graph_name import ANALYST_NAME
from datelier.chat.limits import most_calls, within_time
from datelier.chat.titles import refine_title
from datelier.chat.tool_calls import execute_calls
from datelier.chat.turn import keep_briefs, turn_of
from datelier.chat.unknown import ask_what_became, unanswered
from datelier.runs.execution import ActiveRun, Graph

AFTER_ROUTER: Final[dict[Intent, str]] = {
    "quick_answer": "quick_answer",
    "research": "research",
    "explain": "explain",
    "clarify": "clarifier",
    "out_of_scope": "suggester",
    "direct": "direct",
}
_AFTER_RECOVERY: Final = {"answer": "narrator", "clarify": "clarifier", "refuse": "suggester"}

# All calls of a question back are for a person; a refusal makes none.
_AFTER_ANSWER: Final = {
    "quick_answer": ["approval", "tools", "recovery", "narrator"],
    "research": ["approval", "tools", "recovery", "narrator"],
    "explain": ["approval", "tools", "narrator"],
    "narrator": ["narrator", "approval", "tools", "followups", END],
    "direct": ["direct", "approval", "tools", END],
    "clarifier": ["clarifier", "approval", END],
    "suggester": ["suggester", END],
}


async def approval(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Wait until people have decided about the calls of the last answer."""
    run = runtime.context
    message = last_call(state["messages"])
    turn = loop_seat(await turn_of(run), node_of(message), state)
    await wait_for_people(run, turn, message)
    return {}


async def tools(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Execute the tool calls of the last answer, within the partition of its node."""
    run = runtime.context
    message = last_call(state["messages"])
    node = node_of(message)
    turn = loop_seat(await turn_of(run), node, state)
    if node in THINKING and rounds(state["messages"], node) == 1:
        run.stage("retrieving", "Getting the data")
    run.begin_step()
    async with within_time(run, turn):
        results = await execute_calls(run, turn, message)
    run.finish_step()
    return {"messages": results}


async def unknown(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Wait until people have said what became of calls that were cut off."""
    run = runtime.context
    message = last_call(state["messages"])
    turn = loop_seat(await turn_of(run), node_of(message), state)
    return {"messages": await ask_what_became(run, turn, message, state["messages"])}


async def _first(_state: AnalystState, runtime: Runtime[ActiveRun]) -> str:
    # The notes are looked at every time; where none are due, their node would cost a checkpoint.
    return "summarizer" if due((await turn_of(runtime.context)).facts.told) else "router"


async def _routed(state: AnalystState, runtime: Runtime[ActiveRun]) -> str:
    chosen = AFTER_ROUTER[route_of(state)["intent"]]
    if chosen == ASKING and not can_ask(await turn_of(runtime.context)):
        return "research"  # as far as it comes, and the answer says what was missing
    return chosen


async def _after_answer(state: AnalystState, runtime: Runtime[ActiveRun]) -> str:
    """Return what follows a node whose model was asked: its tools, itself again, or the next node."""
    messages = state["messages"]
    node = node_of(last_call(messages))
    if isinstance(messages[-1], HumanMessage):
        return node  # its figures could not be filled, and it may try once more
    asking = asks_tools(state)
    if asking:
        turn = loop_seat(await turn_of(runtime.context), asking, state)
        return "approval" if waits(turn, last_call(messages)) else "tools"
    if node in THINKING:
        return await _onward(state, runtime)
    if node != "narrator":
        return END
    run = runtime.context
    turn = await turn_of(run)
    # Nobody would click them where nobody watches.
    room = calls_made(messages) < most_calls(run, turn) and not turn.facts.background
    return "followups" if room else END


async def _after_tools(state: AnalystState, runtime: Runtime[ActiveRun]) -> str:
    call = last_call(state["messages"])
    if unanswered(call, state["messages"]):
        return "unknown"
    node = node_of(call)
    run = runtime.context
    # One call is left for the answer itself.
    most = most_calls(run, await turn_of(run)) - 1
    if node == ASKING:  # a person has answered, and the search begins or goes on
        done = at_cap(state, "research") or calls_made(state["messages"]) >= most
        return "narrator" if done else "research"
    if node not in THINKING:
        return node
    if at_cap(state, node) or calls_made(state["messages"]) >= most:
        return await _onward(state, runtime)
    return node


async def _onward(state: AnalystState, runtime: Runtime[ActiveRun]) -> str:
    run = runtime.context
    looks_again = run.ctx.resources.find(AnalystSettings, SETTINGS).recovery
    if not looks_again or route_of(state)["intent"] == "explain":
        return "narrator"
    turn = await turn_of(run)
    # It is a call of its own, and the last one belongs to the answer.
    room = calls_made(state["messages"]) + 1 < most_calls(run, turn)
    return "recovery" if room and nothing_found(turn, state) else "narrator"


async def _recovered(state: AnalystState, runtime: Runtime[ActiveRun]) -> str:
    finding = state.get("finding")
    chosen = _AFTER_RECOVERY[finding["action"] if finding is not None else "answer"]
    if chosen != ASKING:
        return chosen
    # Whoever has answered one question of a run in the background is not asked another.
    asked = rounds(state["messages"], ASKING) > 0
    return chosen if can_ask(await turn_of(runtime.context)) and not asked else "narrator"


NODES: Final[dict[str, Any]] = {
    "summarizer": summarizer,
    "router": router,
    "quick_answer": quick_answer,
    "research": research,
    "explain": explain,
    "recovery": recovery,
    "approval": approval,
    "tools": tools,
    "unknown": unknown,
    "narrator": narrator,
    "followups": followups,
    "direct": direct,
    "clarifier": clarifier,
    "suggester": suggester,
}


def build(nodes: Mapping[str, Any] = NODES) -> StateGraph[Any, ActiveRun, Any, Any]:
    """Return the graph, not compiled.

    Args:
        nodes: Each node by its name; tests hand in nodes that are watched.
    """
    graph: StateGraph[Any, ActiveRun, Any, Any] = StateGraph(AnalystState, context_schema=ActiveRun)
    for name, node in nodes.items():
        graph.add_node(name, node)
    graph.add_conditional_edges(START, _first, ["summarizer", "router"])
    graph.add_edge("summarizer", "router")
    graph.add_conditional_edges("router", _routed, list(AFTER_ROUTER.values()))
    for node, onward in _AFTER_ANSWER.items():
        graph.add_conditional_edges(node, _after_answer, onward)
    graph.add_edge("approval", "tools")
    back = ["unknown", "quick_answer", "research", "explain", "recovery", "narrator", "direct"]
    for node in ("tools", "unknown"):
        graph.add_conditional_edges(node, _after_tools, back)
    graph.add_conditional_edges("recovery", _recovered, list(_AFTER_RECOVERY.values()))
    graph.add_edge("followups", END)
    return graph


ANALYST = Graph(ANALYST_NAME, build, {"messages": []}, setup=keep_briefs, after=refine_title)
