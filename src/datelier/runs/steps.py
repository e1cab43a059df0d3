"""The pure function from a run's log to its tree of steps.

A log says when steps open and close, which tools were asked for and what they gave, but not who
belongs to whom; this is where that is worked out, once, for pages, command line and export.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from datelier.runs.step_schemas import NoteOut, StepKind, StepOut, StepQuery, StepStatus

QUEUE_ID = "queue"
_SPEAKS = ("text-start", "reasoning-start", "tool-input-start", "tool-input-available")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Event:
    """One part of a log with its time, without what may be large.

    Attributes:
        call: Id of the tool call it is about.
        name: The tool's name.
        title: What people call the tool.
        error: Why it failed.
        data: The payload of small ``data-*`` parts.
    """

    seq: int
    at: datetime
    type: str
    call: str | None = None
    name: str | None = None
    title: str | None = None
    error: str | None = None
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """One row of the usage ledger; None is unknown."""

    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None


@dataclass(slots=True)
class _Window:
    """What is between the start of a step in the log and its end, once per attempt."""

    group: StepOut
    attempt: int
    tools: bool
    model: StepOut | None = None
    rows: list[StepOut] = field(default_factory=list[StepOut])
    asked: dict[str, Event] = field(default_factory=dict[str, Event])
    spoke: bool = False


class StepTree:
    """Builds the rows of one run.

    Args:
        bills: What the run's model calls cost, oldest first.
    """

    def __init__(self, bills: Iterable[Bill] = ()) -> None:
        self.rows: list[StepOut] = []
        self.notes: list[NoteOut] = []
        self._bills = list(bills)
        self._spent: tuple[int | None, int | None] = (None, None)
        self._window: _Window | None = None
        self._group: StepOut | None = None
        self._asked: dict[str, Event] = {}
        self._calls: dict[str, StepOut] = {}
        self._waits: dict[str, StepOut] = {}
        self._before: Event | None = None
        self._steps = 0

    def queued(self, created_at: datetime, started_at: datetime | None) -> None:
        """Add the time before a process took the run."""
        status: StepStatus = "waiting" if started_at is None else "done"
        row = _row(QUEUE_ID, None, "queue", "queue", created_at, status=status)
        if started_at is not None:
            _end(row, started_at, 0, "done")
        self.rows.append(row)

    def add(self, event: Event) -> None:
        """Take one part of the log, in order; types that say nothing about steps are passed by."""
        handler = _HANDLERS.get(event.type)
        if handler is not None:
            handler(self, event)
        if event.type in _SPEAKS and self._window is not None:
            self._window.spoke = True
        self._before = event

    # -- windows

    def open_window(self, event: Event) -> None:
        """A step begins: the tools that the last answer asked for, or a call of the model."""
        self._close_window(self._before or event, "done")
        tools = bool(self._asked)
        if not tools or self._group is None:
            self._steps += 1
            self._group = _row(str(event.seq), None, "step", str(self._steps), event.at)
            self._group.first_seq = event.seq
            self.rows.append(self._group)
        self._group.status, self._group.finished_at = "running", None
        self._begin(_Window(self._group, 1, tools), event)

    def _begin(self, window: _Window, event: Event) -> None:
        self._window = window
        window.asked = dict(self._asked)
        if window.tools:
            for asked in window.asked.values():
                self._start_call(asked, event)
        else:
            window.model = self._child("model", "model", event)

    def _child(self, kind: StepKind, name: str, event: Event, *, mark: str = "m") -> StepOut:
        window = self._window
        group = window.group if window else self._group
        row = _row(f"{event.seq}{mark}", group.id if group else None, kind, name, event.at)
        row.first_seq = row.last_seq = event.seq
        if window is not None:
            row.attempt = window.attempt
            window.rows.append(row)
        self.rows.append(row)
        return row

    def _start_call(self, asked: Event, event: Event) -> None:
        call = asked.call or ""
        row, window = self._calls.get(call), self._window
        if row is not None and row.status == "running" and window is not None:
            window.rows.append(row)  # it waited for a person in between
            return
        row = self._child("tool", asked.name or "tool", event, mark=f"t{len(self._calls)}")
        row.title, row.first_seq, row.tool_call_id = asked.title, asked.seq, call
        self._calls[call] = row

    def _close_window(self, event: Event, status: StepStatus) -> None:
        window, self._window = self._window, None
        if window is None:
            return
        for row in window.rows:
            unanswered = row.status == "waiting" or row.tool_call_id in self._asked
            if row.status in ("running", "waiting") and not (unanswered and status == "done"):
                _end(row, event.at, event.seq, status)
        if window.model is not None and not window.spoke and not window.model.calls:
            self._remove(window.model)
        if not self._asked or status != "done":
            _end(window.group, event.at, event.seq, status)

    def _remove(self, row: StepOut) -> None:
        # From the end, where it is, and by identity: to compare rows takes long.
        place = next(at for at in reversed(range(len(self.rows))) if self.rows[at] is row)
        del self.rows[place]

    def close_step(self, event: Event) -> None:
        """The step is over."""
        self._close_window(event, "done")

    def reset_step(self, event: Event) -> None:
        """A process died in the step: what it did is withdrawn, and the step is done again."""
        self._note(event, "reset", "The process that ran this step went away; it is done again.")
        window = self._window
        if window is None:
            return
        died = self._before or event
        for row in window.rows:
            if row.status in ("running", "waiting"):
                _end(row, died.at, died.seq, "withdrawn")
            row.status = "withdrawn"
        self._asked = window.asked
        window.group.attempts += 1
        self._begin(_Window(window.group, window.attempt + 1, window.tools), event)

    # -- tools

    def ask_tool(self, event: Event) -> None:
        """The model asked for a tool."""
        call = event.call or ""
        known = self._asked.get(call)
        self._asked[call] = known if known is not None and event.name is None else event

    def answer_tool(self, event: Event) -> None:
        """A tool gave its result, or failed."""
        self._asked.pop(event.call or "", None)
        row = self._calls.get(event.call or "")
        if row is None:
            return
        failed = event.type != "tool-output-available"
        _end(row, event.at, event.seq, "failed" if failed else "done")
        row.error = _short(event.error)

    # -- what data parts say

    def show_query(self, event: Event) -> None:
        """A query ran for the tool that is at work."""
        data = event.data or {}
        for row in reversed(self._calls.values()):
            if row.status == "running" and (row.query is None or _same(row.query, data)):
                row.query = StepQuery.model_validate(data)
                return

    def show_usage(self, event: Event) -> None:
        """The run's totals grew by one call of the model."""
        data = event.data or {}
        total = (data.get("input_tokens"), data.get("output_tokens"))
        tokens = tuple(
            None if now is None else now - (before or 0)
            for now, before in zip(total, self._spent, strict=True)
        )
        self._spent = total
        model = self._window.model if self._window else None
        if model is not None:
            model.calls += 1
            model.input_tokens, model.output_tokens = tokens
            model.cost = self._price(tokens)

    def _price(self, tokens: tuple[int | None, ...]) -> str | None:
        # The log says totals only, and one unknown price hides all later ones; the ledger does not.
        for position, bill in enumerate(self._bills):
            if ((bill.input_tokens or 0), (bill.output_tokens or 0)) == tuple(
                n or 0 for n in tokens
            ):
                del self._bills[: position + 1]
                return None if bill.cost is None else format(bill.cost, "f")
        return None

    def show_request(self, event: Event) -> None:
        """A person is asked, or has answered."""
        data = event.data or {}
        request = str(data.get("id", ""))
        pending = data.get("status") == "pending"
        row = self._waits.get(request)
        if row is None:
            row = self._waits[request] = self._child(
                "wait", str(data.get("kind") or "approval"), event, mark="w"
            )
            row.title, row.status = _short(data.get("title")), "waiting"
            row.request_id = _uuid(request)
        if not pending:
            _end(row, event.at, event.seq, "done")

    def show_stage(self, event: Event) -> None:
        """The run says what it does now."""
        self._note(event, "stage", str((event.data or {}).get("label", "")))

    def show_note(self, event: Event) -> None:
        """The run says what it noticed."""
        self._note(event, "note", str((event.data or {}).get("text", "")))

    def _note(self, event: Event, kind: Any, text: str) -> None:
        step = self._window.group.id if self._window else self._group.id if self._group else None
        self.notes.append(NoteOut(seq=event.seq, at=event.at, step_id=step, kind=kind, text=text))

    # -- the end

    def finish(self, event: Event) -> None:
        """The run ended."""
        status: StepStatus = "done"
        if event.type == "error":
            status = "failed"
            self._note(event, "error", event.error or "")
        elif event.type == "abort":
            status = "cancelled"
            self._note(event, "end", "Stopped.")
        open_window = self._window is not None
        self._close_window(event, status)
        group = self._group
        if group is not None and (group.status == "running" or (status != "done" and open_window)):
            _end(group, event.at, event.seq, status)
            group.error = _short(event.error)
        for row in self._waits.values():
            if row.status == "waiting":
                _end(row, event.at, event.seq, "cancelled")

    def tree(self) -> list[StepOut]:
        """Return the rows, with what several attempts of a step did under one row for each."""
        grouped: dict[str, list[StepOut]] = {}
        for row in self.rows:
            if row.parent_id is not None:
                grouped.setdefault(row.parent_id, []).append(row)
        made: list[StepOut] = []
        for row in self.rows:
            if row.parent_id is None:
                made.append(row)
                made.extend(_attempts(row, grouped.get(row.id, [])))
        return made


def step_count(types: Iterable[str]) -> int:
    """Return how many steps a message shows, given the types of its parts, in order.

    The tools that a model call asked for belong to its step, though the log opens another.
    """
    count, asked = 0, False
    for kind in types:
        if kind == "step-start":
            count += not asked
            asked = False
        elif kind == "dynamic-tool":
            asked = True
    return count


def _attempts(group: StepOut, rows: list[StepOut]) -> list[StepOut]:
    if group.attempts == 1:
        return rows
    made: list[StepOut] = []
    for attempt in range(1, group.attempts + 1):
        own = [row for row in rows if row.attempt == attempt]
        if not own:
            continue
        first, last = own[0], own[-1]
        parent = _row(f"{group.id}a{attempt}", group.id, "attempt", str(attempt), first.started_at)
        parent.attempt, parent.first_seq = attempt, first.first_seq
        if all(row.finished_at is not None for row in own):
            until = max(row.finished_at for row in own if row.finished_at is not None)
            _end(parent, until, last.last_seq, last.status)
        for row in own:
            row.parent_id = parent.id
        made += [parent, *own]
    return made


def _row(  # one per fact of a row
    row_id: str,
    parent_id: str | None,
    kind: StepKind,
    name: str,
    at: datetime,
    *,
    status: StepStatus = "running",
) -> StepOut:
    return StepOut(
        id=row_id,
        parent_id=parent_id,
        kind=kind,
        name=name,
        status=status,
        attempt=1,
        started_at=at,
        finished_at=None,
        duration_ms=None,
    )


def _end(row: StepOut, at: datetime, seq: int, status: StepStatus) -> None:
    row.finished_at, row.status = at, status
    row.last_seq = max(row.last_seq, seq)
    row.duration_ms = max(0, round((at - row.started_at).total_seconds() * 1000))


def _same(query: StepQuery, data: dict[str, Any]) -> bool:
    return str(query.query_id) == str(data.get("query_id"))


def _short(value: object) -> str | None:
    return str(value)[:_LONGEST] if value else None


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


_HANDLERS: dict[str, Callable[[StepTree, Event], None]] = {
    "start-step": StepTree.open_window,
    "finish-step": StepTree.close_step,
    "reset-step": StepTree.reset_step,
    "tool-input-start": StepTree.ask_tool,
    "tool-input-available": StepTree.ask_tool,
    "tool-output-available": StepTree.answer_tool,
    "tool-output-error": StepTree.answer_tool,
    "tool-output-denied": StepTree.answer_tool,
    "data-query": StepTree.show_query,
    "data-usage": StepTree.show_usage,
    "data-request": StepTree.show_request,
    "data-stage": StepTree.show_stage,
    "data-step-note": StepTree.show_note,
    "finish": StepTree.finish,
    "error": StepTree.finish,
    "abort": StepTree.finish,
}
