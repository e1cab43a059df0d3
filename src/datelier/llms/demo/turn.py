"""One turn of the demo model: what to say, or which tool to call, given the conversation.

It keeps no state: the plan is made again from the messages each time, so a run that is resumed
on another machine continues exactly where it was.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from langchain_core.messages import BaseMessage, HumanMessage

from datelier.llms.demo import sql
from datelier.llms.demo.answer import EXAMPLES, out_of_range, tell, why_row
from datelier.llms.demo.charts import can_draw, chart_call
from datelier.llms.demo.defined import arguments_of, definition_of, tell_defined
from datelier.llms.demo.dialects import translated
from datelier.llms.demo.plan import Plan, make_plan
from datelier.llms.demo.question import Ask, Mark, read_question
from datelier.llms.demo.results import Outcome, earlier_results, number, outcomes
from datelier.llms.demo.schema import Source, read_sources
from datelier.llms.demo.steward import WRITE, corrects, propose, tell_corrected

_QUERY: Final = "execute_sql_query"
_CHART: Final = "create_chart"
_DESCRIBE: Final = "describe_source"
_FOLLOWS: Final = re.compile(
    r"^(now|and|instead|same|what about|how about|only|by|per|then)\b|\binstead\b"
)
_GREETING: Final = re.compile(
    r"^(hi|hello|hey|good (morning|evening|day)|help|who are you|what are you|what can you do|thanks?|thank you|reply with)\b"
)


@dataclass(frozen=True, slots=True)
class Say:
    """The final answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call."""

    name: str
    arguments: dict[str, Any]


_NO_SOURCE = "No source is attached to this chat. Attach a source and ask again."
_UNREAD = (
    "The tables of the attached source could not be read. Its page says why; "
    "mend it or attach another, and ask again."
)


def is_greeting(question: str) -> bool:
    """Whether a message is small talk."""
    return _GREETING.match(question.strip().lower()) is not None


def next_turn(messages: Sequence[BaseMessage], tools: frozenset[str]) -> Say | Call:
    """Return what comes next.

    Args:
        messages: The conversation so far.
        tools: Names of the tools that may be called.
    """
    asked = [index for index, message in enumerate(messages) if isinstance(message, HumanMessage)]
    if not asked:
        return Say(out_of_range(closest("")))
    question = messages[asked[-1]].text
    if is_greeting(question):
        return Say("This is the demo model: no key, no network. " + out_of_range(closest(question)))
    done = outcomes(messages[asked[-1] :])
    definition = definition_of(messages, question)
    if definition is not None and _QUERY in tools and not any(outcome.failed for outcome in done):
        told = tell_defined(definition, done)
        return Say(told) if told else Call(_QUERY, arguments_of(definition))
    sources = read_sources(messages)
    unknown = [source for source in sources if not source.tables]
    described = [outcome for outcome in done if outcome.tool == _DESCRIBE]
    if unknown and _DESCRIBE in tools and len(described) < len(unknown):
        return Call(_DESCRIBE, {"source_id": unknown[0].id})
    ask = understood([messages[index].text for index in asked])
    if ask.shape == "redraw":
        before = [*outcomes(messages[: asked[-1]]), *earlier_results(messages)]
        return _redraw(ask, before, done, tools)
    return _answer(ask, sources, done, tools)


def _answer(
    ask: Ask, sources: Sequence[Source], done: list[Outcome], tools: frozenset[str]
) -> Say | Call:
    if not any(source.tables for source in sources):
        return Say(_UNREAD if sources else _NO_SOURCE)
    if ask.shape == "schema":
        return Say(_schema(sources))
    plan = make_plan(ask, sources)
    if plan is None:
        return Say(out_of_range(closest(ask.text)))
    if _QUERY not in tools:
        return Say("Queries are not permitted here, so the demo model cannot answer this.")
    if WRITE in tools and corrects(ask):
        return _correct(ask, plan, sources, done)
    return _follow_plan(plan, done, tools)


def _correct(ask: Ask, plan: Plan, sources: Sequence[Source], done: list[Outcome]) -> Say | Call:
    """Count, propose one write, and count again once it was made."""
    queries = [outcome for outcome in done if outcome.tool == _QUERY]
    if not queries:
        return _query(plan, plan.sql, plan.title)
    if any(outcome.failed for outcome in queries):
        return Say(_failed(queries))
    proposal = propose(ask, plan, sources, queries[0])
    write = next((outcome for outcome in done if outcome.tool == WRITE), None)
    if proposal is not None and write is None:
        return Call(WRITE, {"source_id": proposal.source_id, "sql": proposal.sql})
    if write is not None and not write.failed and len(queries) == 1:
        return _query(plan, plan.sql, f"{plan.title}, counted again")
    return Say(tell_corrected(plan, queries, proposal, write))


def _follow_plan(plan: Plan, done: list[Outcome], tools: frozenset[str]) -> Say | Call:
    queries = [outcome for outcome in done if outcome.tool == _QUERY]
    if not queries:
        return _query(plan, plan.sql, plan.title)
    good = [outcome for outcome in queries if not outcome.failed]
    if not good:
        if len(queries) == 1 and plan.fallback is not None:
            return _query(plan, plan.fallback, f"{plan.title} (simpler)")
        return Say(_failed(queries))
    if good[0].sql == plan.fallback and plan.fallback != plan.sql:
        telling = plan.telling if plan.telling == "nulls" else "scalar"
        plan = replace(plan, telling=telling, mark=None, why=None)
    if plan.why is not None and len(queries) == 1:
        second = _second_query(plan, good[0])
        if second is not None:
            return second
    return _finish(plan, queries, [o for o in done if o.tool == _CHART], tools)


def _finish(
    plan: Plan, queries: list[Outcome], charts: list[Outcome], tools: frozenset[str]
) -> Say | Call:
    good = [outcome for outcome in queries if not outcome.failed]
    if plan.mark and not charts and _CHART in tools and can_draw(good[0]):
        return _draw(good[0], plan.asked, plan.subject, plan.title)
    chart = next((outcome for outcome in charts if not outcome.failed), None)
    text = tell(plan, good[0], good[1] if len(good) > 1 else None, chart)
    if queries[0].failed:
        text = f"A query failed ({_reason(queries)}), so this is a simpler one. {text}"
    return Say(text)


def _query(plan: Plan, statement: str, title: str) -> Call:
    return Call(_QUERY, {"source_id": plan.source_id, "sql": statement, "title": title})


def _draw(result: Outcome, mark: Mark | None, value: str, title: str) -> Call:
    return Call(_CHART, {**chart_call(result, mark, value), "title": title})


def _second_query(plan: Plan, result: Outcome) -> Call | None:
    """Return the query that splits the month in question and the one before by a dimension."""
    row, why = why_row(plan, result), plan.why
    if row is None or why is None:
        return None
    first = date.fromisoformat(str(row[0])[:10])
    after = _plus_months(first, 1)
    # The month before in the data, which need not be the one before in the calendar.
    earlier = [str(other[0])[:10] for other in result.rows if other[0] and other[0] < str(row[0])]
    before = date.fromisoformat(max(earlier)) if earlier else _plus_months(first, -1)
    column = why.scope.own(why.time)
    old = sql.aggregate(
        why.scope, why.measure, sql.between(column, before, _plus_months(before, 1))
    )
    new = sql.aggregate(why.scope, why.measure, sql.between(column, first, after))
    name = sql.alias(why.group.column.name)
    change = number(row[result.column("change")])
    direction = "DESC" if change is not None and change > 0 else "ASC"
    statement = (
        f"SELECT {name}, month_before, month_asked,\n"
        "  COALESCE(month_asked, 0) - COALESCE(month_before, 0) AS change\nFROM (\n"
        f"SELECT {why.scope.ref(why.group)} AS {name}, {old} AS month_before, {new} AS month_asked\n"
        f"{why.scope.source()}\nWHERE {sql.between(column, before, after)}\nGROUP BY 1\n"
        f") AS parts\nORDER BY 4 {direction} NULLS LAST, 1\nLIMIT 20"
    )
    statement = translated(statement, plan.dialect)
    return _query(plan, statement, f"Change by {name.replace('_', ' ')}")


def _plus_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _redraw(
    ask: Ask, before: list[Outcome], done: list[Outcome], tools: frozenset[str]
) -> Say | Call:
    results = [o for o in before if o.tool == _QUERY and not o.failed and can_draw(o)]
    if not results:
        return Say("There is no result to draw yet. " + out_of_range(closest("chart")))
    charts = [outcome for outcome in done if outcome.tool == _CHART]
    result = results[-1]
    if not charts and _CHART in tools:
        kind = ask.mark or "bar"
        value = next((c for c in result.columns[1:] if not c.startswith(("change", "share"))), "")
        return _draw(result, kind, value, f"{result.handle} as a {kind} chart")
    good = next((outcome for outcome in charts if not outcome.failed), None)
    if good is None:
        return Say(
            f"The chart could not be drawn. The result is here:\n\n{{{{card {result.handle}}}}}"
        )
    return Say(
        f"Here is the same result, {result.handle}, drawn anew. The numbers have not changed."
        f"\n\n{{{{card {good.handle}}}}}"
    )


def understood(questions: Sequence[str]) -> Ask:
    """Return the last question, completed from earlier ones when it is a follow-up."""
    current: Ask | None = None
    ask = read_question("")
    for text in questions:
        ask = read_question(text)
        if ask.shape == "redraw" and current is not None:
            continue
        if current is not None and _FOLLOWS.search(text.strip().lower()):
            ask = _merged(current, ask)
        if ask.shape not in {"unknown", "redraw"}:
            current = ask
    return ask


def _merged(before: Ask, ask: Ask) -> Ask:
    grouped = {word for group in (*before.groups, *ask.groups) for word in group}
    new = tuple(word for word in ask.words if word not in grouped)
    kept = tuple(word for word in before.words if word not in grouped)
    added = tuple(word for group in ask.groups or before.groups for word in group)
    regrouped = bool(ask.groups or ask.grain)
    return replace(
        before,
        text=ask.text,
        words=tuple(dict.fromkeys((*(new or kept), *added))),
        shape="measure" if regrouped and before.shape in {"why", "rank"} else before.shape,
        aggregate=ask.aggregate or (None if new else before.aggregate),
        groups=ask.groups if regrouped else before.groups,
        grain=ask.grain if regrouped else before.grain,
        periods=ask.periods or before.periods,
        filters=ask.filters or before.filters,
        limit=ask.limit or before.limit,
        chart=ask.chart or before.chart,
        mark=ask.mark or before.mark,
    )


def _schema(sources: Sequence[Source]) -> str:
    lines: list[str] = []
    for source in sources:
        for table in source.tables:
            names = ", ".join(column.name for column in table.columns[:12])
            more = ", …" if len(table.columns) > 12 else ""
            lines.append(f"- **{table.label}**: {names}{more}")
    return "These tables are attached to the chat:\n\n" + "\n".join(lines)


def _failed(queries: list[Outcome]) -> str:
    times = "twice" if len(queries) > 1 else "once"
    return (
        f"The query was tried {times} and failed: {_reason(queries)}. "
        "You can write SQL with /sql, or connect a model."
    )


def _reason(queries: list[Outcome]) -> str:
    text = next((outcome.text for outcome in queries if outcome.failed), "")
    lines = (line.strip() for line in text.splitlines() if not line.startswith("<"))
    first = next((line for line in lines if line), "no reason given")
    return first.rstrip(".")[:200]


def closest(question: str) -> str:
    """Return the examples that share most words with the question."""
    words = set(question.lower().split())
    ranked = sorted(EXAMPLES, key=lambda example: -len(words & set(example.split())))
    return "; ".join(f"“{example}”" for example in ranked[:3])
