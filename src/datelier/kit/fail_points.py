"""The places of the platform where a test can make a process die; see `wire.fail_points`."""

from typing import Literal

from datelier.wire.fail_points import HIT, reach_named

__all__ = ["HIT", "Point", "reach"]

Point = Literal[
    "run.before_commit",
    "run.after_commit",
    "claim.before_commit",
    "run.claimed",
    "interrupt.before_commit",
    "interrupt.after_commit",
    "decision.before_commit",
    "decision.after_commit",
    "resume.before",
    "approval.before_commit",
    "approval.after_commit",
    "report.before_commit",
    "report.after_commit",
    "drain.begun",
    "release.before_commit",
    "run.released",
    "model.before_request",
    "model.first_chunk",
    "events.before_commit",
    "events.after_commit",
    "notify.before",
    "tool.before",
    "tool.after",
    "checkpoint.before_commit",
    "checkpoint.after_commit",
    "finish.before_commit",
    "finish.after_commit",
    "effect.before_intended",
    "effect.after_intended",
    "effect.before_begun",
    "effect.after_begun",
    "effect.before_settled",
    "effect.after_settled",
    "stop.requested",
    "stop.reached",
    "stop.after_commit",
    "stop.waiting",
    "spread.before_commit",
    "spread.after_commit",
    "delivery.held",
    "delivery.sent",
    "delivery.settled",
]


def reach(point: Point) -> None:
    """Die here if the point is armed."""
    reach_named(point)
