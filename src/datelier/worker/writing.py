"""The actions that may change data: plan a write, perform it, find out how it ended.

They use the source's write-enabled connection and nothing of the read path. A write is committed
in two steps: the worker executes it, tells what it changed and by what the transaction can be
found again, and commits only once it is told that this was kept.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Final

from datelier.wire.arrow import encode_columns
from datelier.wire.fail_points import reach_named
from datelier.worker.actions import TIMEOUT_MAX_S, Action, Emit
from datelier.worker.engines.opening import Engines, narrowed
from datelier.worker.engines.writers import ROWS_MAX, WriteLimits, Writer
from datelier.worker.errors import WorkerError
from datelier.worker.guard_write import Write, check_write

Confirmed = Callable[[], Awaitable[None]]
"""Returns once what a write told was kept."""

KEEP: Final = ("mark", "rows")
_CONFIRM_S: Final = 20.0
_GRACE_S: Final = 2.0


async def perform_write(
    action: Action, engines: Engines, emit: Emit, confirmed: Confirmed
) -> dict[str, Any]:
    """Perform one of the writing actions; see `actions.perform`."""
    seconds = min(max(0.1, action.timeout_s), TIMEOUT_MAX_S)
    source, only = action.source, action.source.get("only_schemas")
    if only is not None:
        source = narrowed(source, frozenset(map(str, only)))
    writer = engines.writer(source)
    job = _Writing(action, writer, emit, confirmed, seconds)
    try:
        async with asyncio.timeout(seconds + _GRACE_S):
            return await _HANDLERS[action.action_type](job)
    except TimeoutError:
        raise WorkerError("timeout", f"The action took longer than {seconds:g} s.") from None
    finally:
        await asyncio.shield(writer.close())


class _Writing:
    """One writing action under way."""

    def __init__(
        self, action: Action, writer: Writer, emit: Emit, confirmed: Confirmed, seconds: float
    ) -> None:
        self.parameters = action.parameters
        self.writer = writer
        self.emit = emit
        self.confirmed = confirmed
        self.seconds = seconds

    async def checked(self) -> Write:
        sql = str(self.parameters.get("sql") or "")
        scope = await self.writer.scope()
        write = await asyncio.to_thread(check_write, sql, self.writer.dialect, scope)
        await self.writer.admit(write.target)
        return write

    @property
    def limits(self) -> WriteLimits:
        given: Any = self.parameters.get("max_rows")
        rows = given if isinstance(given, int) and 0 < given <= ROWS_MAX else WriteLimits().rows
        return WriteLimits(rows, self.seconds)


async def _plan(job: _Writing) -> dict[str, Any]:
    write = await job.checked()
    estimated, rehearsed = write.rows, None
    problem: str | None = None
    try:
        planned = await job.writer.estimate(write.sql)
        estimated = planned if estimated is None else estimated
        if job.parameters.get("rehearse") is True:
            rehearsed = await _rehearsed(job, write)
    except WorkerError as error:
        if error.code != "sql_failed":
            raise
        problem = error.message
    return {
        **asdict(write),
        "estimated_rows": estimated,
        "rehearsed_rows": rehearsed,
        "problem": problem,
    }


async def _rehearsed(job: _Writing, write: Write) -> int:
    try:
        return await job.writer.execute(write.sql, job.limits)
    finally:
        await job.writer.undo()


async def _write(job: _Writing) -> dict[str, Any]:
    started = time.perf_counter()
    write = await job.checked()
    rows = await job.writer.execute(write.sql, job.limits)
    if rows > job.limits.rows:
        raise WorkerError(
            "limit_exceeded",
            f"The statement changes {rows} rows; no more than {job.limits.rows} are allowed."
            " Nothing was changed.",
            hint="Narrow the condition down, or let an admin raise the limit.",
        )
    mark = await job.writer.mark()
    await job.emit(encode_columns(KEEP, ("string", "int64"), ([mark], [rows])), 1)
    try:
        async with asyncio.timeout(_CONFIRM_S):
            await job.confirmed()
    except TimeoutError:
        raise WorkerError("not_written", "Nobody confirmed the write; it was undone.") from None
    reach_named("write.before_commit")
    await job.writer.commit()
    reach_named("write.after_commit")
    elapsed = round((time.perf_counter() - started) * 1000)
    return {
        "sql": write.sql,
        "verb": write.verb,
        "table": write.table,
        "rows": rows,
        "elapsed_ms": elapsed,
    }


async def _outcome(job: _Writing) -> dict[str, Any]:
    return {"ending": await job.writer.ending(str(job.parameters.get("mark") or ""))}


_HANDLERS: Final[dict[str, Callable[[_Writing], Awaitable[dict[str, Any]]]]] = {
    "plan_write": _plan,
    "write": _write,
    "outcome": _outcome,
}
