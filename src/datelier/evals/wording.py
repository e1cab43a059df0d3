"""The numbers of a report as people read them, the same on a terminal and on a page."""

from collections.abc import Sequence

from datelier.evals.against import Comparison
from datelier.evals.report import Summary

Lines = Sequence[tuple[str, str]]


def summary_lines(summary: Summary) -> Lines:
    """Return what a report adds up to, as names and values."""
    refusals = summary.refusals
    known = f"{refusals.right} right, {refusals.other_reason} for another reason"
    missing = f"{refusals.missed} missed, {refusals.wrong} wrong"
    middle, late = seconds(summary.latency_median), seconds(summary.latency_p95)
    first = seconds(summary.first_text_median)
    lines = [
        ("accuracy", f"{share(summary.accuracy)} ({summary.passed} of {summary.cases} right)"),
        ("refusals", f"{known}, {missing}"),
        ("untraced", f"{share(summary.untraced_share)} ({summary.untraced} of {summary.figures})"),
        ("cost", money(summary)),
        ("tokens", f"{summary.input_tokens:,} in, {summary.output_tokens:,} out"),
        ("latency", f"median {middle}, p95 {late}, first words {first}"),
    ]
    if summary.intent_accuracy is not None:
        lines.insert(1, ("intents", f"{share(summary.intent_accuracy)} understood as expected"))
    if summary.errors:
        lines.insert(1, ("errors", f"{summary.errors} without an answer to judge"))
    return lines


def change_lines(changes: Comparison) -> Lines:
    """Return how the numbers of two reports differ, as names and values."""
    points = [("accuracy", changes.accuracy), ("untraced", changes.untraced_share)]
    times = [("latency median", changes.latency_median), ("latency p95", changes.latency_p95)]
    lines = [(name, f"{value * 100:+.1f} points") for name, value in points if value is not None]
    lines += [(name, f"{value:+.2f} s") for name, value in times if value is not None]
    lines += [("cost", f"{changes.cost:+.4f} $")] if changes.cost is not None else []
    if changes.added or changes.removed:
        lines.append(("questions", f"{len(changes.added)} new, {len(changes.removed)} gone"))
    return lines


def seconds(value: float | None) -> str:
    """Return a duration."""
    return "-" if value is None else f"{value:.2f} s"


def share(value: float | None) -> str:
    """Return a share in per cent."""
    return "-" if value is None else f"{value:.1%}"


def money(summary: Summary) -> str:
    """Return what an evaluation has cost, and for how many answers that is not known."""
    shown = "unknown" if summary.cost is None else f"${summary.cost:.4f}"
    return f"{shown}, unknown for {summary.unpriced} answers" if summary.unpriced else shown
