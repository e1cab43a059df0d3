"""What has become better and worse since an earlier report."""

from pydantic import BaseModel

from datelier.evals.report import CaseReport, Report


class Change(BaseModel):
    """A question that was right and no longer is, or the other way round."""

    key: str
    question: str
    before: str
    now: str
    why: str = ""


class Comparison(BaseModel):
    """A report beside an earlier one; the changes of numbers are now minus then.

    Attributes:
        regressions: Were right, are not.
        fixed: Were not right, are.
        added: Questions that the earlier report does not have.
        removed: Questions that only the earlier report has.
        accuracy: Of the questions that both have.
    """

    model: str
    finished_at: str
    regressions: list[Change]
    fixed: list[Change]
    added: list[str]
    removed: list[str]
    accuracy: float | None = None
    untraced_share: float | None = None
    cost: float | None = None
    latency_median: float | None = None
    latency_p95: float | None = None


def compare(now: Report, before: Report) -> Comparison:
    """Return what changed from `before` to `now`; questions are the same by suite and id."""
    old = {case.key: case for case in before.cases}
    new = {case.key: case for case in now.cases}
    both = [(old[key], case) for key, case in new.items() if key in old]
    was = sum(case.status == "passed" for case, _ in both)
    is_ = sum(case.status == "passed" for _, case in both)
    then, today = before.summary, now.summary
    return Comparison(
        model=before.model,
        finished_at=before.finished_at.isoformat(),
        regressions=[
            _change(a, b) for a, b in both if a.status == "passed" and b.status != "passed"
        ],
        fixed=[_change(a, b) for a, b in both if a.status != "passed" and b.status == "passed"],
        added=[key for key in new if key not in old],
        removed=[key for key in old if key not in new],
        accuracy=(is_ - was) / len(both) if both else None,
        untraced_share=_minus(today.untraced_share, then.untraced_share),
        cost=_minus(today.cost, then.cost),
        latency_median=_minus(today.latency_median, then.latency_median),
        latency_p95=_minus(today.latency_p95, then.latency_p95),
    )


def _change(before: CaseReport, now: CaseReport) -> Change:
    return Change(
        key=now.key,
        question=now.question,
        before=before.status,
        now=now.status,
        why=now.why or before.why,
    )


def _minus(now: float | None, then: float | None) -> float | None:
    return None if now is None or then is None else now - then
