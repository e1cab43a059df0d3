"""The plain graph: assistant → ((approval →) tools (→ unknown)* → assistant)* → end.

It is the loop of contract A16-A28. `unknown` asks about calls of which nobody knows how they ended.

A refusal ends it after its tool: it is the whole answer.
"""

from typing import Annotated, Any, TypedDict, cast

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from datelier.chat.account import account_for
from datelier.chat.approval import approval, waits
from datelier.chat.assistant import Answer
from datelier.chat.calling import call_model
from datelier.chat.errors import EmptyAnswer
from datelier.chat.graph_name import PLAIN_NAME
from datelier.chat.limits import admit_call, within_time
from datelier.chat.refusal import decline, declined
from datelier.chat.replay import planned
from datelier.chat.titles import refine_title
from datelier.chat.tool_calls import execute_calls
from datelier.chat.turn import having_heard, keep_briefs, turn_of
from datelier.chat.unknown import ask_what_became, unanswered
from datelier.runs.execution import ActiveRun, Graph


def _append(old: list[AnyMessage], new: list[AnyMessage]) -> list[AnyMessage]:
    return old + new


class ChatState(TypedDict):
    """What the run itself has said so far; earlier turns are read from the thread."""

    messages: Annotated[list[AnyMessage], _append]


async def assistant(state: ChatState, runtime: Runtime[ActiveRun]) -> dict[str, Any]:
    """Call the model once, streaming into the log.

    Raises:
        StepLimit, TimeLimit, CostLimit: The run has used up what it may.
        EmptyAnswer: The model said nothing.
    """
    run = runtime.context
    turn = await turn_of(run)
    run.start({"id": str(turn.config.id), "name": turn.config.name})
    said = state["messages"]
    number = sum(isinstance(message, AIMessage) for message in said)
    await admit_call(run, turn, number)
    run.stage("thinking", "Thinking")
    run.begin_step()
    answer = Answer(run, turn, said)
    again = await planned(run, number)
    if again is not None:
        answer.feed(again)
        await answer.catch_up()
        answer.close()
    else:
        async with within_time(run, turn):
            turn = await call_model(run, turn, [*turn.before, *said], answer)
    message = answer.message()
    if not (message.content or message.tool_calls or message.invalid_tool_calls):
        raise EmptyAnswer(
            f"{turn.config.name} gave an empty answer.", hint="Try again, or use another model."
        )
    run.finish_reason = answer.finish_reason
    more = await account_for(run, turn, answer.figures, message)
    run.finish_step()
    return {"messages": [message, *more]}


async def tools(state: ChatState, runtime: Runtime[ActiveRun]) -> dict[str, Any]:
    """Execute the tool calls of the last answer."""
    run = runtime.context
    turn = having_heard(await turn_of(run), state["messages"])
    run.begin_step()
    answer = cast("AIMessage", state["messages"][-1])
    async with within_time(run, turn):
        results = await execute_calls(run, turn, answer)
    refusal = declined(answer, results)
    if refusal is not None:
        await decline(run, turn, state["messages"], refusal)
    run.finish_step()
    return {"messages": results}


def _last_answer(said: list[AnyMessage]) -> tuple[AIMessage, list[AnyMessage]]:
    at = max(i for i, message in enumerate(said) if isinstance(message, AIMessage))
    return cast("AIMessage", said[at]), said[at:]


async def unknown(state: ChatState, runtime: Runtime[ActiveRun]) -> dict[str, Any]:
    """Wait until people have said what became of calls that were cut off."""
    run = runtime.context
    said = state["messages"]
    answer, _ = _last_answer(said)
    return {"messages": await ask_what_became(run, await turn_of(run), answer, said)}


def _after_tools(state: ChatState) -> str:
    """A refusal is the whole answer; anything else is looked at."""
    answer, since = _last_answer(state["messages"])
    if unanswered(answer, since):
        return "unknown"
    results = [message for message in since if isinstance(message, ToolMessage)]
    return "assistant" if declined(answer, results) is None else END


async def _next(state: ChatState, runtime: Runtime[ActiveRun]) -> str:
    last = state["messages"][-1]
    if isinstance(last, HumanMessage):
        return "assistant"  # its figures could not be filled, and it may try once more
    answer = cast("AIMessage", last)
    turn = having_heard(await turn_of(runtime.context), state["messages"])
    if answer.tool_calls and waits(turn, answer):
        return "approval"
    return "tools" if answer.tool_calls or answer.invalid_tool_calls else END


def build() -> StateGraph[Any, ActiveRun, Any, Any]:
    """Return the graph, not compiled."""
    graph: StateGraph[Any, ActiveRun, Any, Any] = StateGraph(ChatState, context_schema=ActiveRun)
    graph.add_node("assistant", assistant)
    graph.add_node("approval", approval)
    graph.add_node("tools", tools)
    graph.add_node("unknown", unknown)
    graph.add_edge(START, "assistant")
    graph.add_conditional_edges("assistant", _next, ["approval", "tools", "assistant", END])
    graph.add_edge("approval", "tools")
    for node in ("tools", "unknown"):
        graph.add_conditional_edges(node, _after_tools, ["unknown", "assistant", END])
    return graph


PLAIN = Graph(PLAIN_NAME, build, {"messages": []}, setup=keep_briefs, after=refine_title)
