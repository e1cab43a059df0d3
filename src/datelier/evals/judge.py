"""Is an answer right? What a suite expects against what a run has told."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from datelier.evals.answer import Answer
from datelier.evals.api import Json
from datelier.evals.compare import ResultSet, Rules, difference, stored_set, written_set
from datelier.evals.suite import Case, Compare
from datelier.evals.values import Tolerance, expected_cell, stored_cell
from datelier.evals.wording import INTENTS, REFUSALS, quoted

Rows = Callable[[str], Json]
"""Returns all rows of a result by its id."""
Run = Callable[[str], Json]
"""Runs a statement on the case's source and returns all its rows."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an answer was judged.

    Attributes:
        why: What is wrong, in words; empty when nothing is.
        refusal: For a question that can be answered ``wrong`` when it was refused; for one that
            cannot ``right``, ``other`` (with another reason than expected) or ``missed``.
        intent: Whether the question was understood as expected; None when that is not known.
    """

    why: str = ""
    refusal: str | None = None
    intent: bool | None = None

    @property
    def passed(self) -> bool:
        """Whether everything that was expected came."""
        return not self.why


def rules_of(given: Compare) -> Rules:
    """Return the rules of comparing that a suite gives."""
    tolerance = Tolerance(
        Decimal(str(given.tolerance.absolute)), Decimal(str(given.tolerance.relative))
    )
    return Rules(given.ordered, given.extra_columns, tolerance, given.types == "loose")


def judge(case: Case, answer: Answer, rows: Rows, run: Run) -> Verdict:
    """Return the verdict on an answer that came to its end.

    Args:
        case: The question and what is expected.
        answer: What the run told.
        rows: Reads stored results.
        run: Runs the statement whose rows are the right ones.
    """
    intent = _intent(case, answer)
    if not case.expect.is_answer:
        verdict = _refusal(case, answer)
        return Verdict(
            verdict.why or _intent_problem(case, answer, intent), verdict.refusal, intent
        )
    wants_data = case.expect.kind in {"result", "value"}
    if answer.refused is not None and wants_data:
        told = answer.refusal["explanation"] if answer.refusal else answer.prose
        reason = REFUSALS.get(answer.refused)
        how = "Refused" if reason is None else f"Refused as “{reason}”"
        return Verdict(f"{how}: {told[:200]}", "wrong", intent)
    why = _result(case, answer, rows, run) or _value(case, answer, rows)
    return Verdict(why or _intent_problem(case, answer, intent), None, intent)


def _intent(case: Case, answer: Answer) -> bool | None:
    if not case.expect.intents or answer.intent is None:
        return None
    return answer.intent.get("intent") in case.expect.intents


def _intent_problem(case: Case, answer: Answer, intent: bool | None) -> str:
    wanted = quoted(case.expect.intents, INTENTS)
    if intent is False and answer.intent is not None:
        understood = quoted([str(answer.intent.get("intent"))], INTENTS)
        return f"Understood as {understood}, expected {wanted}."
    if intent is None and case.expect.kind == "intent":
        return f"The run does not tell how it understood the question; expected {wanted}."
    return ""


def _refusal(case: Case, answer: Answer) -> Verdict:
    reason = answer.refused
    if reason is None:
        return Verdict("Answered, but the question had to be refused.", "missed")
    wanted = case.expect.reasons
    # A workflow without reasons has refused all the same.
    if wanted and reason not in wanted and reason != "abstained":
        said, right = quoted([reason], REFUSALS), quoted(wanted, REFUSALS)
        return Verdict(f"Refused as {said}, expected {right}.", "other")
    return Verdict(refusal="right")


def _result(case: Case, answer: Answer, rows: Rows, run: Run) -> str:
    wanted = case.expect
    if wanted.result is None and wanted.sql is None:
        return ""
    if not answer.grounds:
        return "The answer rests on no query."
    rules = rules_of(case.compare)
    right = stored_set(run(wanted.sql), loose=rules.loose) if wanted.sql is not None else None
    problems: list[str] = []
    for query in answer.grounds:
        found = stored_set(rows(query["result_id"]), loose=rules.loose)
        problem = difference(right or _written(case, found, rules), found, rules)
        if problem is None:
            return ""
        problems.append(f"{query['handle']}: {problem}")
    return problems[-1]


def _written(case: Case, found: ResultSet, rules: Rules) -> ResultSet:
    given = case.expect.result
    assert given is not None
    return written_set(given.rows, given.columns, like=found, loose=rules.loose)


def _value(case: Case, answer: Answer, rows: Rows) -> str:
    wanted = case.expect.value
    if wanted is None:
        return ""
    tolerance = rules_of(case.compare).tolerance
    figures = [figure for figure in answer.figures.values() if figure["kind"] != "asked"]
    right = [one for one in figures if _is(wanted, one["value"], one["type"], tolerance)]
    if any(figure["kind"] != "untraced" for figure in right):
        return ""
    if isinstance(wanted, str) and _says(answer.prose, wanted):
        return ""
    if right:
        return f"{wanted} is stated without a receipt."
    if not figures and any(
        _is_all(wanted, rows(q["result_id"]), tolerance) for q in answer.grounds
    ):
        return ""  # said by the card of the query alone
    shown = ", ".join(figure["shown"] for figure in figures)
    return f"{wanted} is not in the answer, which states {shown or 'no figure'}."


def _says(prose: str, wanted: str) -> bool:
    """Whether a text holds words, and not as part of others: `East` is not in `Northeast`."""
    words = re.escape(wanted.strip())
    return bool(words) and re.search(rf"(?<!\w){words}(?!\w)", prose, re.IGNORECASE) is not None


def _is_all(wanted: Any, page: Json, tolerance: Tolerance) -> bool:
    """Whether a result is one row of one column, and that value."""
    if len(page["data"]) != 1 or len(page["data"][0]) != 1:
        return False
    return _is(wanted, page["data"][0][0], page["columns"][0]["type"], tolerance)


def _is(wanted: Any, value: Any, kind: str | None, tolerance: Tolerance) -> bool:
    like = kind or ("decimal" if isinstance(wanted, int | float) else "string")
    return expected_cell(wanted, like=like).equals(stored_cell(value, like), tolerance)
