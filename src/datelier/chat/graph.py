"""The plain graph: assistant → ((approval →) tools → assistant)* → end (contract A16-A28)."""

import asyncio
from typing import Annotated, Any, TypedDict, cast

from langchain_core.messages import AIMessage, AnyMessage
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from datelier.chat.approval import approval, waits
from datelier.chat.assistant import Answer
from datelier.chat.errors import EmptyAnswer
from datelier.chat.fallback import fall_back
from datelier.chat.graph_name import PLAIN_NAME
from datelier.chat.limits import admit_call, within_time
from datelier.chat.titles import refine_title
from datelier.chat.tool_calls import execute_calls
from datelier.chat.turn import Turn, keep_briefs, turn_of
from datelier.kit.errors import BadGateway, DatelierError, UpstreamTimeout
from datelier.llms.errors import ContextTooLong, provider_error
from datelier.llms.usage import record_usage
from datelier.runs.drive import LOST_DATABASE
from datelier.runs.events import Fenced
from datelier.runs.execution import ActiveRun, Graph

_BREATH = 0.002


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
    used = {call["id"] or "" for m in said if isinstance(m, AIMessage) for call in m.tool_calls}
    answer = Answer(run, turn, number, used)
    async with within_time(run, turn):
        turn = await _say(run, turn, [*turn.before, *said], answer)
    message = answer.message()
    if not (message.content or message.tool_calls or message.invalid_tool_calls):
        raise EmptyAnswer(
            f"{turn.config.name} gave an empty answer.", hint="Try again, or use another model."
        )
    run.finish_reason = answer.finish_reason
    run.finish_step()
    return {"messages": [message]}


async def _say(run: ActiveRun, turn: Turn, messages: list[Any], answer: Answer) -> Turn:
    """Stream the answer; when the model fails before its first word, from the fallback model."""
    try:
        await _stream(run, turn, messages, answer)
    except (BadGateway, UpstreamTimeout, ContextTooLong) as error:
        failed = error
    else:
        return turn
    # Out of the handler: a second failure is not to be taken for a consequence of the first.
    instead = None if answer.begun else await fall_back(run, turn, failed)
    if instead is None:
        raise failed
    await _stream(run, instead, messages, answer)
    return instead


async def _stream(
    run: ActiveRun, turn: Turn, messages: list[AnyMessage | Any], answer: Answer
) -> None:
    writing = False
    clock = asyncio.get_running_loop().time
    breath = clock()
    try:
        async for chunk in turn.caller(messages):
            # Chunks that arrived together come without a pause; others want their turn too.
            if clock() - breath > _BREATH:
                await asyncio.sleep(0)
                breath = clock()
            if not writing and chunk.content:
                writing = True
                run.stage("writing", "Writing the answer")
            answer.feed(chunk)
    except (*LOST_DATABASE, DatelierError, Fenced):
        raise
    except Exception as error:
        raise provider_error(error, turn.config) from error
    finally:
        answer.close()
        await _account(run, turn, answer)


async def _account(run: ActiveRun, turn: Turn, answer: Answer) -> None:
    usage = answer.usage
    if usage.input_tokens is None and usage.output_tokens is None:
        return
    async with run.ctx.begin() as ctx:
        spent = await record_usage(
            ctx,
            turn.config,
            usage,
            node="assistant",
            run_id=run.id,
            thread_id=run.claim.thread_id,
        )
    run.usage.add(spent.input_tokens, spent.output_tokens, spent.cost)
    run.say_usage()


async def tools(state: ChatState, runtime: Runtime[ActiveRun]) -> dict[str, Any]:
    """Execute the tool calls of the last answer."""
    run = runtime.context
    turn = await turn_of(run)
    run.begin_step()
    answer = cast("AIMessage", state["messages"][-1])
    async with within_time(run, turn):
        results = await execute_calls(run, turn, answer)
    run.finish_step()
    return {"messages": results}


async def _next(state: ChatState, runtime: Runtime[ActiveRun]) -> str:
    last = cast("AIMessage", state["messages"][-1])
    if last.tool_calls and waits(await turn_of(runtime.context), last):
        return "approval"
    return "tools" if last.tool_calls or last.invalid_tool_calls else END


def build() -> StateGraph[Any, ActiveRun, Any, Any]:
    """Return the graph, not compiled."""
    graph: StateGraph[Any, ActiveRun, Any, Any] = StateGraph(ChatState, context_schema=ActiveRun)
    graph.add_node("assistant", assistant)
    graph.add_node("approval", approval)
    graph.add_node("tools", tools)
    graph.add_edge(START, "assistant")
    graph.add_conditional_edges("assistant", _next, ["approval", "tools", END])
    graph.add_edge("approval", "tools")
    graph.add_edge("tools", "assistant")
    return graph


PLAIN = Graph(PLAIN_NAME, build, {"messages": []}, setup=keep_briefs, after=refine_title)
