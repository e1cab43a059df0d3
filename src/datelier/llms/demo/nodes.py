"""The demo model in a graph of several nodes: it is told which one asks, and does that one's part.

It plans as it does in one loop, from the same messages; who looks for data stops where the answer
begins, and who writes the answer begins there.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from datelier.llms.demo.answer import EXAMPLES, out_of_range
from datelier.llms.demo.plan import Plan, make_plan
from datelier.llms.demo.question import Ask, read_question
from datelier.llms.demo.schema import Source, read_sources
from datelier.llms.demo.turn import Call, Say, closest, is_greeting, next_turn, understood

Known = Mapping[str, Any]
_QUERY: Final = "execute_sql_query"
_DESCRIBE: Final = "describe_source"
_MOST: Final = 3
_LOOKED: Final = "What the answer needs has been looked up."


def node_of(messages: Sequence[BaseMessage]) -> tuple[str, Known]:
    """Return which node asks, and what else is known; an empty name for the one loop."""
    for message in messages:
        if isinstance(message, SystemMessage):
            known: Known = message.additional_kwargs.get("datelier") or {}
            return str(known.get("node", "")), known
    return "", {}


def turn_at(messages: Sequence[BaseMessage], tools: frozenset[str]) -> Say | Call:
    """Return what comes next, whichever node asks."""
    node, known = node_of(messages)
    handler = _NODES.get(node)
    return next_turn(messages, tools) if handler is None else handler(messages, tools, known)


def _questions(messages: Sequence[BaseMessage]) -> list[str]:
    return [message.text for message in messages if isinstance(message, HumanMessage)]


def _planned(messages: Sequence[BaseMessage]) -> tuple[Ask, list[Source], Plan | None]:
    ask = understood(_questions(messages))
    sources = read_sources(messages)
    return ask, sources, make_plan(ask, sources)


def _router(messages: Sequence[BaseMessage], _tools: frozenset[str], _known: Known) -> Say:
    intent, reasoning = _sorted(messages)
    return Say(json.dumps({"intent": intent, "reasoning": reasoning, "language": "en"}))


def _sorted(messages: Sequence[BaseMessage]) -> tuple[str, str]:
    asked = _questions(messages)
    if not asked or is_greeting(asked[-1]):
        return "direct", "This is a greeting, or a question about the demo model itself."
    ask, sources, plan = _planned(messages)
    if not sources:
        return "direct", "No source is attached, so there is nothing to look up."
    if any(not source.tables for source in sources):
        return "research", "What the source holds has to be looked up first."
    return _by_shape(ask, plan)


def _by_shape(ask: Ask, plan: Plan | None) -> tuple[str, str]:
    if ask.shape == "schema":
        return "explain", "The question is about what the sources hold."
    if ask.shape == "redraw":
        return "research", "The question is about how to draw an earlier result."
    if plan is None:
        return "out_of_scope", "The demo model knows no query for this question."
    if plan.telling == "scalar" and plan.mark is None:
        return "quick_answer", "One value answers the question."
    return "research", "The question needs a result with several rows."


def _look(messages: Sequence[BaseMessage], tools: frozenset[str], _known: Known) -> Say | Call:
    turn = next_turn(messages, tools)
    return turn if isinstance(turn, Call) else Say(_LOOKED)


def _narrator(messages: Sequence[BaseMessage], tools: frozenset[str], known: Known) -> Say | Call:
    last = max(i for i, message in enumerate(messages) if isinstance(message, HumanMessage))
    found: Sequence[BaseMessage] = known.get("found") or ()
    whole = [*messages[: last + 1], *found, *messages[last + 1 :]]
    turn = next_turn(whole, tools | {_QUERY, _DESCRIBE})
    if isinstance(turn, Call) and turn.name in (_QUERY, _DESCRIBE):
        return Say("The data could not be looked up here. You can write SQL with /sql.")
    return turn


def _direct(messages: Sequence[BaseMessage], _tools: frozenset[str], _known: Known) -> Say:
    turn = next_turn(messages, frozenset())
    return turn if isinstance(turn, Say) else Say(out_of_range(closest("")))


def _possible(messages: Sequence[BaseMessage], wanted: Sequence[str]) -> list[str]:
    """Return the questions that the demo model can answer here and that were not asked."""
    asked = {question.strip().lower() for question in _questions(messages)}
    sources = read_sources(messages)
    fresh = [question for question in dict.fromkeys(wanted) if question.lower() not in asked]
    return [question for question in fresh if make_plan(read_question(question), sources)][:_MOST]


def _numbered(questions: Sequence[str]) -> str:
    return "\n".join(f"{place}. {question}" for place, question in enumerate(questions, 1))


def _starters(messages: Sequence[BaseMessage]) -> list[str]:
    """Return questions about the sources that are there, the largest table first."""
    tables = [table for source in read_sources(messages) for table in source.tables]
    asked: list[str] = []
    for table in tables[:_MOST]:
        name = table.label.replace("_", " ")
        asked += [f"How many {name} are there?", f"Which columns of {name} have missing values?"]
    return asked


def _clarifier(messages: Sequence[BaseMessage], _tools: frozenset[str], _known: Known) -> Say:
    options = _possible(messages, _starters(messages)) or list(EXAMPLES[:_MOST])
    return Say(f"Which of these do you mean?\n\n{_numbered(options)}")


def _suggester(messages: Sequence[BaseMessage], _tools: frozenset[str], _known: Known) -> Say:
    asked = _questions(messages)
    text = out_of_range(closest(asked[-1] if asked else ""))
    options = _possible(messages, _starters(messages))
    return Say(f"{text}\n\n{_numbered(options)}" if options else text)


def _followups(messages: Sequence[BaseMessage], _tools: frozenset[str], _known: Known) -> Say:
    conversation = messages[:-1]  # without the request for questions
    _, _, plan = _planned(conversation)
    wanted: list[str] = []
    if plan is not None and plan.telling not in ("nulls", "duplicates", "rows"):
        noun = plan.subject.removesuffix("_count").replace("_", " ")
        wanted = [f"{noun.capitalize()} by month as a line chart", f"Why did {noun} drop?"]
    questions = _possible(conversation, [*wanted, *_starters(conversation)])
    return Say(_numbered(questions) or "None.")


def _summarizer(messages: Sequence[BaseMessage], _tools: frozenset[str], _known: Known) -> Say:
    asked = "; ".join(" ".join(question.split())[:100] for question in _questions(messages)[:-1])
    return Say(f"Asked so far: {asked or 'nothing'}.")


def _recovery(_messages: Sequence[BaseMessage], _tools: frozenset[str], _known: Known) -> Say:
    return Say(json.dumps({"action": "answer", "explanation": "", "nearest": None}))


_Handler = Callable[[Sequence[BaseMessage], frozenset[str], Known], Say | Call]
_NODES: Final[dict[str, _Handler]] = {
    "router": _router,
    "quick_answer": _look,
    "research": _look,
    "explain": _look,
    "recovery": _recovery,
    "narrator": _narrator,
    "followups": _followups,
    "direct": _direct,
    "clarifier": _clarifier,
    "suggester": _suggester,
    "summarizer": _summarizer,
}
