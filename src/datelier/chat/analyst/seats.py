"""What each node is given: its prompt, what was said before, and its partition of the tools."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from langchain_core.messages import AnyMessage, SystemMessage

from datelier.chat.analyst import prompts
from datelier.chat.analyst.settings import SETTINGS
from datelier.chat.analyst.state import (
    ASKING,
    THINKING,
    AnalystState,
    calls_tools,
    node_of,
    own,
    rounds,
    route_of,
)
from datelier.chat.analyst.tokens import newest
from datelier.chat.human import REQUEST_HUMAN
from datelier.chat.prompts import results_section, sources_section, today
from datelier.chat.turn import Turn, bound, having_heard
from datelier.kit.tools import Partition, Tool, in_partitions

# A node is offered these and nothing else; a call of any other tool is one of a tool that is not
# there. Explanations may only look, so of theirs only those that read.
PARTITIONS: Final[Mapping[str, frozenset[Partition]]] = {
    "quick_answer": frozenset({"data", "metadata"}),
    "research": frozenset({"data", "metadata"}),
    "explain": frozenset({"metadata"}),
    "narrator": frozenset({"viz", "documents"}),
    "direct": frozenset({"documents"}),
}

_NONE: Final[frozenset[Partition]] = frozenset()


def tools_of(turn: Turn, node: str, partition: Partition | None = None) -> dict[str, Tool]:
    """Return the tools of a node, by name.

    Args:
        turn: The run's turn, with all that its agent may use.
        node: The node.
        partition: Chosen for the nodes that look for data, in place of their own.
    """
    if partition is not None and node in THINKING:
        found = in_partitions(turn.tools, [partition])
    elif node == ASKING:
        # In chats there is no such tool, and the question is the answer.
        found = {name: tool for name, tool in turn.tools.items() if name == REQUEST_HUMAN.name}
    else:
        found = in_partitions(turn.tools, PARTITIONS.get(node, _NONE))
    if node != "explain":
        return found
    return {name: tool for name, tool in found.items() if tool.effect == "read"}


def seat(
    turn: Turn,
    node: str,
    sections: Sequence[str],
    history: Sequence[Any],
    tools: Mapping[str, Tool] | None = None,
    **known: Any,
) -> Turn:
    """Return the run's turn as a node takes it.

    Args:
        turn: The run's.
        node: The node.
        sections: Of its prompt.
        history: What was said before, as far as it reads it.
        tools: What it may call.
        known: What the demo model reads in place of the prompt.
    """
    facts = {**turn.facts.sources, "node": node, **known}
    system = SystemMessage("\n\n".join(sections), additional_kwargs={"datelier": facts})
    offered = dict(tools or {})
    caller = bound(turn.config, turn.model, offered)
    return replace(turn, before=(system, *history), tools=offered, caller=caller)


def data_seat(turn: Turn, node: str, state: AnalystState) -> Turn:
    """Return the seat of a node that looks for data."""
    facts, settings = turn.facts, SETTINGS
    history, cut = remembered(turn, settings.budgets[node])
    sections = [prompts.data_prompt(node, rounds=settings.rounds(node))]
    sections += _instructions(turn)
    sections += unwatched(turn, node)
    sections += [today(facts.at), sources_section(facts.grounding)]
    if facts.told.results:
        sections.append(results_section(facts.told.results))
    sections += summary_of(state, turn, cut=cut)
    tools = tools_of(turn, node, route_of(state)["partition"])
    return seat(turn, node, sections, history, tools)


def loop_seat(turn: Turn, node: str, state: AnalystState) -> Turn:
    """Return what matters of a node's seat once its model has answered: which tools it has."""
    route = state.get("route")
    turn = having_heard(turn, state["messages"])
    return replace(turn, tools=tools_of(turn, node, route["partition"] if route else None))


def remembered(turn: Turn, budget: int, most: int | None = None) -> tuple[list[AnyMessage], bool]:
    """Return what of the conversation fits, and whether anything was left out."""
    said = turn.facts.told.messages
    kept = newest(said, budget // 2, most)
    return kept, len(kept) < len(said)


def summary_of(state: AnalystState, turn: Turn, *, cut: bool) -> list[str]:
    """Return the notes of what was said before, for a node that does not read all of it."""
    summary = state.get("summary") or turn.facts.told.summary
    return [prompts.summary_section(summary)] if cut and summary else []


def _instructions(turn: Turn) -> list[str]:
    said = turn.definition.instructions
    return [prompts.instructions_section(said)] if said.strip() else []


def unwatched(turn: Turn, node: str) -> list[str]:
    """Return what a node is told where nobody watches the run."""
    return [prompts.unwatched_section(node)] if turn.facts.background else []


def found(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """Return what the nodes that look for data have said and found."""
    return own(messages, (*THINKING, ASKING))


def at_cap(state: AnalystState, node: str) -> bool:
    """Whether a node has used tools as often as it may."""
    return rounds(state["messages"], node) >= SETTINGS.rounds(node)


def asks_tools(state: AnalystState) -> str:
    """Return the node whose model asked for tools with the newest message; empty for none."""
    last = state["messages"][-1]
    return node_of(last) if calls_tools(last) else ""
