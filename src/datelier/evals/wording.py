"""What a report holds as people read it, the same on a terminal and on a page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from datelier.evals.against import Comparison
from datelier.evals.report import Summary

Lines = Sequence[tuple[str, str]]

# As the work log and the card of a refusal say them.
INTENTS: Final[Mapping[str, str]] = {
    "quick_answer": "a question with a quick answer",
    "research": "a question that takes research",
    "explain": "a question about what the data means",
    "clarify": "a question that can mean several things",
    "out_of_scope": "outside of what the data is about",
    "direct": "something to answer directly",
}
REFUSALS: Final[Mapping[str, str]] = {
    "unanswerable": "This data cannot answer that",
    "ambiguous": "This can mean several things",
    "out_of_scope": "Outside of what this chat can do",
    "not_permitted": "Not permitted here",
    "untraced": "Held back: not every number could be traced",
}


def quoted(ids: Iterable[str], words: Mapping[str, str]) -> str:
    """Return what ids stand for, in quotation marks; one without words stands for itself."""
    return " or ".join(f"“{words.get(one, one)}”" for one in ids)


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
