"""What an evaluation found: one entry per question, and what they add up to."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError

from datelier.evals.errors import ReportInvalid

Status = Literal["passed", "failed", "error"]


class CaseReport(BaseModel):
    """One question and what came of it.

    Attributes:
        status: ``error`` when there was no answer to judge.
        why: What is wrong, in words; empty when nothing is.
        expected: What is looked at first: result, value, intent or refusal.
        refusal: As in :class:`datelier.evals.judge.Verdict`.
        reason: Why the question was refused, ``abstained`` when none was told; None is an answer.
        intent_right: Whether it was understood as expected; None when that is not known.
        traced: Figures of the answer with a receipt, of `figures`.
        cost: US dollars; None when a price is unknown.
        seconds: From the question to the end of the answer; None without an answer.
    """

    suite: str
    id: str
    question: str
    tags: list[str] = []
    status: Status
    why: str = ""
    expected: str
    refusal: str | None = None
    reason: str | None = None
    intent: str | None = None
    intent_right: bool | None = None
    text: str = ""
    sql: list[str] = []
    figures: int = 0
    traced: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    first_text_seconds: float | None = None
    seconds: float | None = None
    thread_id: str | None = None

    @property
    def key(self) -> str:
        """What tells it from every other question."""
        return f"{self.suite}/{self.id}"


class Refusals(BaseModel):
    """How well an agent knows what it cannot answer."""

    right: int = 0
    other_reason: int = 0
    missed: int = 0
    wrong: int = 0


class Summary(BaseModel):
    """What the entries add up to; shares are from 0 to 1 and None where there is nothing to share.

    Attributes:
        accuracy: Questions whose answer is right, of all.
        intent_accuracy: Questions that were understood as expected, of those where that is known.
        untraced_share: Figures without a receipt, of all figures of all answers.
        cost: US dollars of the answers whose price is known; None when none is.
        unpriced: Answers whose price is unknown.
        latency_median: Seconds from the question to the end of the answer.
    """

    cases: int
    passed: int
    failed: int
    errors: int
    accuracy: float | None
    intent_accuracy: float | None
    refusals: Refusals
    figures: int
    untraced: int
    untraced_share: float | None
    input_tokens: int
    output_tokens: int
    cost: float | None
    unpriced: int
    latency_median: float | None
    latency_p95: float | None
    first_text_median: float | None


class Tag(BaseModel):
    """How the questions with one tag did."""

    tag: str
    cases: int
    passed: int


class Report(BaseModel):
    """An evaluation; `format` and `version` say how to read it."""

    format: Literal["datelier-evaluation"] = "datelier-evaluation"
    version: Literal[1] = 1
    suites: list[str]
    model: str
    server: Annotated[str, Field(description="The version of the server that was asked.")]
    started_at: datetime
    finished_at: datetime
    summary: Summary
    tags: list[Tag]
    cases: list[CaseReport]


def summarize(cases: Sequence[CaseReport]) -> Summary:
    """Return what the entries add up to."""
    seconds = sorted(case.seconds for case in cases if case.seconds is not None)
    firsts = [case.first_text_seconds for case in cases if case.first_text_seconds is not None]
    understood = [case.intent_right for case in cases if case.intent_right is not None]
    answered = [case for case in cases if case.status != "error"]
    prices = [case.cost for case in answered if case.cost is not None]
    figures = sum(case.figures for case in cases)
    untraced = figures - sum(case.traced for case in cases)
    passed = sum(case.status == "passed" for case in cases)
    return Summary(
        cases=len(cases),
        passed=passed,
        failed=sum(case.status == "failed" for case in cases),
        errors=len(cases) - len(answered),
        accuracy=_share(passed, len(cases)),
        intent_accuracy=_share(sum(understood), len(understood)),
        refusals=_refusals(cases),
        figures=figures,
        untraced=untraced,
        untraced_share=_share(untraced, figures),
        input_tokens=sum(case.input_tokens or 0 for case in cases),
        output_tokens=sum(case.output_tokens or 0 for case in cases),
        cost=sum(prices) if prices else None,
        unpriced=len(answered) - len(prices),
        latency_median=median(seconds) if seconds else None,
        latency_p95=percentile(seconds, 0.95),
        first_text_median=median(firsts) if firsts else None,
    )


def by_tag(cases: Sequence[CaseReport]) -> list[Tag]:
    """Return how the questions with each tag did, by name."""
    names = sorted({tag for case in cases for tag in case.tags})
    return [
        Tag(
            tag=name,
            cases=sum(name in case.tags for case in cases),
            passed=sum(name in case.tags and case.status == "passed" for case in cases),
        )
        for name in names
    ]


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of the values do not exceed."""
    if not ordered:
        return None
    rank = -(-len(ordered) * share // 1)
    return ordered[max(0, int(rank) - 1)]


def read_report(path: Path) -> Report:
    """Read a report that was saved as JSON.

    Raises:
        ReportInvalid: It is none.
    """
    try:
        return Report.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportInvalid(f"{path} cannot be read: {error.strerror}.") from None
    except (ValidationError, UnicodeDecodeError):
        hint = "Save one with `datelier eval SUITE --output report.json`."
        raise ReportInvalid(f"{path} is no report of this version.", hint) from None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _refusals(cases: Sequence[CaseReport]) -> Refusals:
    def count(kind: str) -> int:
        return sum(case.refusal == kind for case in cases)

    return Refusals(
        right=count("right"),
        other_reason=count("other"),
        missed=count("missed"),
        wrong=count("wrong"),
    )
