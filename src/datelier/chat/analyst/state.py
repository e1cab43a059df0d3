"""What a run of the analyst graph knows, and who writes it."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, NotRequired, TypedDict

from langchain_core.messages import AIMessage, AnyMessage

from datelier.agents.definition import Intent
from datelier.kit.tools import Partition

By = Literal["model", "forced", "mention", "fallback"]
NODE_KEY: Final = "node"
THINKING: Final = ("quick_answer", "research", "explain")
ASKING: Final = "clarifier"


class Route(TypedDict):
    """How the question is answered, as the router decided.

    Attributes:
        language: Code of the question's language; None when nobody looked.
        partition: The only tools that the answer may use; None for those of its kind.
    """

    intent: Intent
    reasoning: str
    confidence: float | None
    language: str | None
    missing_slots: list[str]
    by: By
    partition: Partition | None


class Finding(TypedDict):
    """What was decided about a search that found nothing."""

    action: Literal["answer", "clarify", "refuse"]
    reason: Literal["unanswerable", "ambiguous", "not_permitted"]
    explanation: str
    nearest: str | None


def _append(old: list[AnyMessage], new: list[AnyMessage]) -> list[AnyMessage]:
    return old + new


class AnalystState(TypedDict):
    """The state of one run; earlier turns are read from the thread.

    Attributes:
        messages: The transcript: every model call and every tool result of the run, in order.
            Each step appends to it and none changes it.
        summary: What was said before the messages that nodes still read; the summarizer's.
        route: The router's.
        finding: The recovery's.
    """

    messages: Annotated[list[AnyMessage], _append]
    summary: NotRequired[str]
    route: NotRequired[Route]
    finding: NotRequired[Finding]


# Who writes what beside the transcript: one node for each key.
WRITERS: Final[dict[str, str]] = {
    "summary": "summarizer",
    "route": "router",
    "finding": "recovery",
}


def signed(message: AIMessage, node: str) -> AIMessage:
    """Return a model's answer with the name of the node that asked for it."""
    message.response_metadata[NODE_KEY] = node
    return message


def node_of(message: AnyMessage) -> str:
    """Return the node that asked for a model's answer; empty for other messages."""
    return str(message.response_metadata.get(NODE_KEY, ""))


def own(messages: Sequence[AnyMessage], nodes: Sequence[str]) -> list[AnyMessage]:
    """Return what some nodes said, what their tools gave, and what they were told."""
    found: list[AnyMessage] = []
    theirs = False
    for message in messages:
        if isinstance(message, AIMessage):
            theirs = node_of(message) in nodes
        if theirs:
            found.append(message)
    return found


def calls_tools(message: AnyMessage) -> bool:
    """Whether a message is a model's answer that calls tools, readable or not."""
    return isinstance(message, AIMessage) and bool(message.tool_calls or message.invalid_tool_calls)


def rounds(messages: Sequence[AnyMessage], node: str) -> int:
    """Return how often a node has used tools."""
    return sum(calls_tools(message) and node_of(message) == node for message in messages)


def last_call(messages: Sequence[AnyMessage]) -> AIMessage:
    """Return the newest answer of a model."""
    return next(message for message in reversed(messages) if isinstance(message, AIMessage))


def route_of(state: AnalystState) -> Route:
    """Return the router's decision, which every node after it has."""
    route = state.get("route")
    assert route is not None
    return route


Update = dict[str, Any]
