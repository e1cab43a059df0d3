"""The nodes that answer in words alone: small talk, a question back, a kind no."""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage
from langgraph.runtime import Runtime

from datelier.chat.account import account_for
from datelier.chat.analyst import prompts
from datelier.chat.analyst.calls import Aloud, calls_made, converse, open_call
from datelier.chat.analyst.lines import items, one_line, without_items, without_new_figures
from datelier.chat.analyst.seats import (
    at_cap,
    remembered,
    seat,
    summary_of,
    tools_of,
    unwatched,
)
from datelier.chat.analyst.settings import SETTINGS
from datelier.chat.analyst.state import ASKING, AnalystState, Update, own, route_of
from datelier.chat.analyst.tokens import within
from datelier.chat.analyst.unwatched import ask_a_person
from datelier.chat.errors import EmptyAnswer
from datelier.chat.limits import most_calls
from datelier.chat.prompts import results_section
from datelier.chat.turn import Turn, turn_of
from datelier.kit.tools import Tool
from datelier.runs.execution import ActiveRun


async def direct(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Answer small talk."""
    run = runtime.context
    turn = await turn_of(run)
    language, documents = route_of(state)["language"], bool(_tools(run, turn, state, "direct"))
    head = [prompts.direct_prompt(turn.agent, language, documents=documents)]
    if turn.definition.instructions.strip():
        head.append(prompts.instructions_section(turn.definition.instructions))
    if turn.facts.told.results:
        head.append(results_section(turn.facts.told.results))
    answer, message, more = await _speak(run, turn, state, "direct", head)
    del answer
    run.finish_step()
    return {"messages": [message, *more]}


async def clarifier(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Ask back: one question, and answers to choose from; where nobody watches, in the inbox."""
    run = runtime.context
    turn = await turn_of(run)
    route, finding = route_of(state), state.get("finding")
    least, most = SETTINGS.options_least, SETTINGS.options_most
    missing = finding["explanation"] if finding is not None else route["reasoning"]
    head = [
        prompts.clarifier_prompt(route["language"], least=least, most=most),
        prompts.missing_section(route["missing_slots"], missing),
    ]
    if turn.facts.background:
        slots = ", ".join(route["missing_slots"])
        told = f"{missing} Missing: {slots}." if slots else missing
        return await ask_a_person(run, turn, state["messages"], head, told)
    answer, message, more = await _speak(
        run, turn, state, ASKING, head, slots=route["missing_slots"]
    )
    text = "" if answer.figures.refused else answer.figures.text
    options = items(text, most)
    if not more and len(options) >= least:
        data = {"question": one_line(without_items(text)), "options": options}
        run.log.put({"type": "data-options", "id": "options", "data": data})
    run.finish_step()
    return {"messages": [message, *more]}


async def suggester(state: AnalystState, runtime: Runtime[ActiveRun]) -> Update:
    """Say that the question is not answered here, why, and which near ones are."""
    run = runtime.context
    turn = await turn_of(run)
    finding = state.get("finding")
    language, most = route_of(state)["language"], SETTINGS.followups_most
    head = [prompts.suggester_prompt(language, most=most)]
    if finding is not None:
        head.append(prompts.refusal_section(finding))
    reason = finding["reason"] if finding is not None else "out_of_scope"
    answer, message, more = await _speak(run, turn, state, "suggester", head, reason=reason)
    if not more and not answer.figures.refused:
        _refuse(run, turn, state, answer.figures.text)
    run.finish_step()
    return {"messages": [message, *more]}


def _refuse(run: ActiveRun, turn: Turn, state: AnalystState, text: str) -> None:
    finding = state.get("finding")
    suggested = without_new_figures(items(text, SETTINGS.followups_most), turn.question)
    data: dict[str, Any] = {
        "reason": finding["reason"] if finding is not None else "out_of_scope",
        "explanation": one_line(without_items(text) or text),
    }
    nearest = suggested[0] if suggested else finding["nearest"] if finding is not None else None
    if nearest is not None:
        data["nearest"] = nearest
    run.log.put({"type": "data-refusal", "id": "refusal", "data": data})


def _tools(run: ActiveRun, turn: Turn, state: AnalystState, node: str) -> dict[str, Tool]:
    """Return what a node may call; the words at its cap, or in the run's last call, come without."""
    last = at_cap(state, node) or calls_made(state["messages"]) + 1 >= most_calls(run, turn)
    return {} if last else tools_of(turn, node)


async def _speak(
    run: ActiveRun,
    turn: Turn,
    state: AnalystState,
    node: str,
    head: Sequence[str],
    **known: Any,
) -> tuple[Aloud, AIMessage, list[AnyMessage]]:
    """Write the answer of a node, its figures accounted for; its step stays open.

    Raises:
        EmptyAnswer: The model said nothing.
    """
    said = state["messages"]
    run.stage("generating", "Writing the answer")
    await open_call(run, turn, said)
    budget = SETTINGS.budgets[node]
    mine = within(own(said, (node,)), budget // 2)
    history, cut = remembered(turn, budget if mine else 2 * budget)
    sections = [*head, *unwatched(turn, node), prompts.digest_section(turn.facts.sources)]
    sections += summary_of(state, turn, cut=cut)
    seated = seat(turn, node, sections, history, _tools(run, turn, state, node), **known)
    answer = Aloud(run, seated, said, node)
    message = await converse(run, seated, answer, mine)
    if not (message.content or message.tool_calls or message.invalid_tool_calls):
        raise EmptyAnswer(
            f"{turn.config.name} gave an empty answer.", hint="Try again, or use another model."
        )
    run.finish_reason = answer.finish_reason
    return answer, message, await account_for(run, seated, answer.figures, message)
