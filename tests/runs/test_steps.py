"""The tree of a run, from logs as the chat graph writes them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from datelier.runs.step_schemas import StepOut
from datelier.runs.steps import Bill, Event, StepTree

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class Log:
    """A log under way: every part comes 100 ms after the one before."""

    def __init__(self, *bills: Bill) -> None:
        self.tree = StepTree(bills)
        self.seq = 0

    def put(self, kind: str, **more: Any) -> "Log":
        self.seq += 1
        self.tree.add(Event(self.seq, START + timedelta(milliseconds=100 * self.seq), kind, **more))
        return self

    def asks(self, *calls: str) -> "Log":
        self.put("start-step")
        for call in calls:
            self.put("tool-input-start", call=call, name="count_rows", title="Count rows")
        return self

    def rows(self) -> list[tuple[str, str, str, int]]:
        """Kind, name, status and attempt of each row, indented by its depth."""
        rows = self.tree.tree()
        depth: dict[str | None, int] = {None: -1}
        made: list[tuple[str, str, str, int]] = []
        for row in rows:
            depth[row.id] = depth[row.parent_id] + 1
            made.append(("  " * depth[row.id] + row.kind, row.name, row.status, row.attempt))
        return made

    def row(self, kind: str, position: int = 0) -> StepOut:
        return [row for row in self.tree.tree() if row.kind == kind][position]


def test_a_model_call_and_the_tools_it_asked_for_are_one_step() -> None:
    log = Log().asks("a", "b").put("finish-step").put("start-step")
    log.put("tool-output-available", call="b").put("tool-output-error", call="a", error="No table.")
    log.put("finish-step").put("start-step").put("text-start").put("finish-step").put("finish")
    assert log.rows() == [
        ("step", "1", "done", 1),
        ("  model", "model", "done", 1),
        ("  tool", "count_rows", "failed", 1),
        ("  tool", "count_rows", "done", 1),
        ("step", "2", "done", 1),
        ("  model", "model", "done", 1),
    ]
    assert log.row("tool").error == "No table."
    assert (log.row("tool", 1).duration_ms, log.row("tool", 1).title) == (100, "Count rows")
    assert log.row("step").duration_ms == 700


def test_what_a_dead_process_did_is_one_attempt_and_what_followed_another() -> None:
    log = Log().asks("a").put("finish-step").put("start-step").put("reset-step")
    log.put("tool-output-available", call="a").put("finish-step").put("finish")
    assert log.rows() == [
        ("step", "1", "done", 1),
        ("  attempt", "1", "withdrawn", 1),
        ("    model", "model", "done", 1),
        ("    tool", "count_rows", "withdrawn", 1),
        ("  attempt", "2", "done", 2),
        ("    tool", "count_rows", "done", 2),
    ]
    assert log.row("step").attempts == 2
    assert [note.kind for note in log.tree.notes] == ["reset"]


def test_a_model_call_that_died_asks_anew() -> None:
    log = Log().asks("a").put("reset-step").put("tool-input-start", call="b", name="describe")
    log.put("finish-step").put("start-step").put("tool-output-available", call="b")
    log.put("finish-step").put("finish")
    assert [row for row in log.rows() if "tool" in row[0]] == [("    tool", "describe", "done", 1)]


def test_tokens_and_cost_are_those_of_each_call_even_where_one_has_no_price() -> None:
    log = Log(Bill(10, 5, None), Bill(20, 2, Decimal("0.5")))
    log.put("start-step").put("text-start")
    log.put("data-usage", data={"input_tokens": 10, "output_tokens": 5, "cost": None})
    log.put("finish-step").put("start-step").put("text-start")
    log.put("data-usage", data={"input_tokens": 30, "output_tokens": 7, "cost": None})
    log.put("finish-step").put("finish")
    first, second = log.row("model"), log.row("model", 1)
    assert (first.input_tokens, first.output_tokens, first.cost) == (10, 5, None)
    assert (second.input_tokens, second.output_tokens, second.cost) == (20, 2, "0.5")


def test_tokens_that_nobody_counted_stay_unknown() -> None:
    log = Log().put("start-step").put("text-start").put("data-usage", data={"input_tokens": 3})
    assert (log.row("model").input_tokens, log.row("model").output_tokens) == (3, None)


def test_a_wait_for_a_person_is_a_row_with_its_own_time() -> None:
    request = {"id": str(uuid4()), "kind": "approval", "title": "Run UPDATE", "status": "pending"}
    log = Log().asks("a").put("finish-step").put("data-request", data=request)
    assert log.row("wait").status == "waiting"
    log.put("data-request", data=request | {"status": "approved"}).put("start-step")
    log.put("tool-output-available", call="a").put("finish-step").put("finish")
    assert log.rows() == [
        ("step", "1", "done", 1),
        ("  model", "model", "done", 1),
        ("  wait", "approval", "done", 1),
        ("  tool", "count_rows", "done", 1),
    ]
    wait = log.row("wait")
    assert (wait.title, str(wait.request_id), wait.duration_ms) == (
        "Run UPDATE",
        request["id"],
        100,
    )


def test_a_stopped_run_leaves_nothing_running() -> None:
    log = Log().asks("a").put("finish-step").put("start-step").put("abort")
    assert [row[2] for row in log.rows()] == ["cancelled", "done", "cancelled"]


def test_an_error_is_told_by_the_step_it_ended() -> None:
    log = Log().put("start-step").put("text-start").put("error", error="The key was refused.")
    assert (log.row("step").status, log.row("step").error) == ("failed", "The key was refused.")
    assert log.row("model").status == "failed"
    assert log.tree.notes[-1].text == "The key was refused."


def test_a_step_in_which_no_model_spoke_has_no_model_call() -> None:
    log = Log().put("start-step").put("finish-step").put("finish")
    assert log.rows() == [("step", "1", "done", 1)]


def test_no_row_is_held_against_others_to_be_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    # Comparing rows made the tree of 2,000 steps take ten seconds, in which nobody was answered.
    def compared(_row: StepOut, _other: object) -> bool:
        raise AssertionError

    monkeypatch.setattr(StepOut, "__eq__", compared)
    log = Log()
    for _ in range(3):
        log.put("start-step").put("finish-step")
    assert [row[0] for row in log.put("finish").rows()] == ["step"] * 3


def test_the_queue_is_a_row_of_its_own() -> None:
    log = Log()
    log.tree.queued(START, START + timedelta(seconds=3))
    assert (log.row("queue").duration_ms, log.row("queue").status) == (3000, "done")
    waiting = Log()
    waiting.tree.queued(START, None)
    assert waiting.row("queue").status == "waiting"
