"""The actions of the protocol: each builds or takes one SELECT, guards it and streams its result."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from datelier.wire.arrow import encode_batch, encode_columns
from datelier.wire.columnar import to_columnar_json
from datelier.wire.types import Batch, ColumnType
from datelier.worker import statements
from datelier.worker.engines.base import (
    SAMPLE_CELL,
    SAMPLE_ROWS,
    Engine,
    Limits,
    Outcome,
    TableInfo,
)
from datelier.worker.engines.opening import Engines
from datelier.worker.errors import WorkerError
from datelier.worker.profile import Profile

ACTIONS: Final = (
    "execute", "describe", "sample", "count", "filter", "aggregate", "preview", "read", "profile",
    "test",
)  # fmt: skip
TIMEOUT_MAX_S: Final = 3600
_SAMPLES_S: Final = 10.0
_SAMPLED_TABLES: Final = 100
PROGRESS: Final = ("done", "total", "step")  # columns of a profile's batches
_PROGRESS_TYPES: Final[tuple[ColumnType, ...]] = ("int32", "int32", "string")
_GRACE_S: Final = 2.0  # the database stops by its own limit first and says so

Emit = Callable[[bytes, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Action:
    """One request, parsed. `limits` keys: row_limit, max_bytes, max_cell_bytes, batch_rows."""

    action_type: str
    source: Mapping[str, Any]
    parameters: Mapping[str, Any]
    limits: Mapping[str, Any] = field(default_factory=dict[str, Any])
    timeout_s: float = 60.0


async def perform(action: Action, engines: Engines, emit: Emit) -> dict[str, Any]:
    """Perform one action; `emit(arrow_ipc, rows)` is awaited for every batch, in order.

    Returns the body of `result_json`. Raises WorkerError for everything that went wrong, with
    code timeout when the deadline passed, and CancelledError when the task was cancelled.
    """
    handler = _HANDLERS.get(action.action_type)
    if handler is None:
        raise WorkerError("internal", f"Unknown action {action.action_type[:40]!r}.")
    seconds = min(max(0.1, action.timeout_s), TIMEOUT_MAX_S)
    engine = engines.engine(action.source)
    try:
        async with asyncio.timeout(seconds + _GRACE_S):
            return await handler(_Job(action, engine, emit, seconds))
    except TimeoutError:
        raise WorkerError(
            "timeout",
            f"The action took longer than {seconds:g} s.",
            hint="Narrow the query down or allow more time.",
        ) from None
    finally:
        # Also a cancelled task gives its session back, or stops what still runs there.
        await asyncio.shield(engine.close())


class _Job:
    """One action under way."""

    def __init__(self, action: Action, engine: Engine, emit: Emit, seconds: float) -> None:
        self.parameters = action.parameters
        self.engine = engine
        self.emit = emit
        self._given = action.limits
        self.seconds = seconds

    def limits(self, rows: object = None) -> Limits:
        """The limits of the request; `rows` may only lower them."""
        base = Limits()
        most = _positive(self._given.get("row_limit"), base.rows)
        return Limits(
            rows=min(_positive(rows, most), most),
            max_bytes=_positive(self._given.get("max_bytes"), base.max_bytes),
            max_cell_bytes=_positive(self._given.get("max_cell_bytes"), base.max_cell_bytes),
            batch_rows=_positive(self._given.get("batch_rows"), base.batch_rows),
            timeout_s=self.seconds,
        )

    async def guarded(self, sql: str) -> str:
        """The statement as it will run."""
        from datelier.worker.guard import check  # noqa: PLC0415 - sqlglot is much of a small worker's memory: it comes with the first query

        await self.engine.open()
        scope = await self.engine.scope()
        return await asyncio.to_thread(check, sql, self.engine.dialect, scope)

    async def run(self, sql: str, limits: Limits) -> dict[str, Any]:
        """Guard, run and stream one statement; the answer describes what came."""
        started = time.perf_counter()
        rendered = await self.guarded(sql)
        outcome = Outcome()
        async for batch in self.engine.stream(rendered, limits, outcome):
            await self.emit(encode_batch(batch), batch.length)
        return _answer(rendered, outcome, started)

    async def rows(self, sql: str, limits: Limits) -> tuple[Batch, Outcome, str]:
        """Run one small statement and keep its first batch."""
        rendered = await self.guarded(sql)
        outcome = Outcome()
        kept = [batch async for batch in self.engine.stream(rendered, limits, outcome)]
        return kept[0], outcome, rendered

    def table(self) -> str:
        """The table of the request, quoted; the only one when there is only one."""
        name = self.parameters.get("table")
        if not isinstance(name, str) or not name.strip():
            raise WorkerError("sql_failed", "This action needs the name of a table.")
        return statements.table(name, self.engine.dialect)


def _positive(value: object, default: int) -> int:
    return value if isinstance(value, int) and value > 0 else default


def _answer(sql: str, outcome: Outcome, started: float) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "sql": sql,
        "columns": [{"name": name, "type": kind} for name, kind in outcome.columns],
        "row_count": outcome.rows,
        "truncated": outcome.truncated,
        "total": None if outcome.truncated else outcome.rows,
        "elapsed_ms": round((time.perf_counter() - started) * 1000),
    }
    if outcome.database_user:
        answer["database_user"] = outcome.database_user
    if outcome.notes:
        answer["notes"] = list(dict.fromkeys(outcome.notes))
    return answer


async def _execute(job: _Job) -> dict[str, Any]:
    sql = str(job.parameters.get("sql") or "")
    return await job.run(sql, job.limits(job.parameters.get("row_limit")))


async def _sample(job: _Job) -> dict[str, Any]:
    count = min(_positive(job.parameters.get("n"), 10), 1000)
    order = statements.random(job.engine.dialect)
    sql = f"SELECT * FROM {job.table()} ORDER BY {order} LIMIT {count}"  # noqa: S608 - quoted, guarded
    return await job.run(sql, job.limits(count))


async def _count(job: _Job) -> dict[str, Any]:
    where = statements.where(job.parameters.get("condition"))
    sql = f"SELECT count(*) AS count FROM {job.table()}{where}"  # noqa: S608 - quoted, guarded
    return await job.run(sql, job.limits(1))


async def _filter(job: _Job) -> dict[str, Any]:
    where = statements.where(job.parameters.get("condition"))
    sql = f"SELECT * FROM {job.table()}{where}"  # noqa: S608 - quoted, guarded
    return await job.run(sql, job.limits(job.parameters.get("limit")))


async def _aggregate(job: _Job) -> dict[str, Any]:
    sql = statements.aggregate(
        job.table(),
        job.parameters.get("group_by"),
        job.parameters.get("agg_func"),
        job.engine.dialect,
    )
    return await job.run(sql, job.limits(job.parameters.get("limit")))


async def _read(job: _Job) -> dict[str, Any]:
    columns = statements.columns(job.parameters.get("columns"), job.engine.dialect)
    sql = f"SELECT {columns} FROM {job.table()}"  # noqa: S608 - quoted, guarded
    return await job.run(sql, job.limits(job.parameters.get("limit")))


async def _preview(job: _Job) -> dict[str, Any]:
    limits = job.limits(job.parameters.get("limit") or 1000)
    query = job.parameters.get("sql")
    if query:
        return await job.run(str(query), limits)
    offset = _positive(job.parameters.get("offset"), 0)
    # One row more than asked for, so that the engine sees whether more would come.
    sql = f"SELECT * FROM {job.table()} LIMIT {limits.rows + 1} OFFSET {offset}"  # noqa: S608 - quoted, guarded
    answer = await job.run(sql, limits)
    known = await job.engine.catalog(str(job.parameters["table"]))
    exact = known[0].rows if known and not known[0].rows_estimated else None
    ended = offset + answer["row_count"] if not answer["truncated"] else None
    return {**answer, "offset": offset, "total": exact if exact is not None else ended}


async def _describe(job: _Job) -> dict[str, Any]:
    table = job.parameters.get("table")
    tables = await job.engine.catalog(str(table) if table else None)
    if table and not tables:
        raise WorkerError("source_missing", f"There is no table {str(table)[:80]!r}.")
    described: list[dict[str, Any]] = []
    deadline = time.monotonic() + _SAMPLES_S
    for position, info in enumerate(tables):
        sample: dict[str, Any] | None = None
        if position < _SAMPLED_TABLES and time.monotonic() < deadline and not info.error:
            sample = await _sample_of(job, info)
        described.append({**asdict(info), "sample": sample})
    return {"tables": described}


async def _sample_of(job: _Job, info: TableInfo) -> dict[str, Any] | None:
    """Three rows as short texts; None when they cannot be read, which describes nothing wrong."""
    name = statements.table_of(info, job.engine.dialect)
    limits = Limits(rows=SAMPLE_ROWS, timeout_s=2.0)
    try:
        batch, _, _ = await job.rows(f"SELECT * FROM {name} LIMIT {SAMPLE_ROWS}", limits)  # noqa: S608 - quoted
    except WorkerError:
        return None
    rows = zip(
        *([short(cell) for cell in column] for column in to_columnar_json(batch)), strict=True
    )
    return {"columns": list(batch.names), "rows": [list(row) for row in rows]}


def short(value: object) -> str | None:
    """A cell as a short text for a catalog or a prompt; NULL stays None."""
    if value is None:
        return None
    text = f"({value['bytes']} bytes)" if isinstance(value, dict) else str(value)
    return text if len(text) <= SAMPLE_CELL else text[: SAMPLE_CELL - 1] + "…"


async def _profile(job: _Job) -> dict[str, Any]:
    started = time.perf_counter()
    table = job.parameters.get("table")
    found = await job.engine.catalog(str(table)) if isinstance(table, str) and table else []
    if not found:
        raise WorkerError("source_missing", f"There is no table {str(table)[:80]!r}.")
    if found[0].error:
        raise WorkerError("bad_file", found[0].error)

    async def tell(done: int, total: int, step: str) -> None:
        # The sender keeps the newest batch back, to mark the last one: an empty one frees this.
        await job.emit(encode_columns(PROGRESS, _PROGRESS_TYPES, ([done], [total], [step])), 1)
        await job.emit(encode_columns(PROGRESS, _PROGRESS_TYPES, ((), (), ())), 0)

    name = statements.table_of(found[0], job.engine.dialect)
    values_only = job.parameters.get("values_only") is True
    profile = Profile(job, found[0], name, job.seconds * 0.9, tell, values_only=values_only)
    answer = await profile.run()
    return {**answer, "elapsed_ms": round((time.perf_counter() - started) * 1000)}


async def _test(job: _Job) -> dict[str, Any]:
    probe = await job.engine.probe()
    answer: dict[str, Any] = {"ok": probe.ok, "steps": [asdict(step) for step in probe.steps]}
    if probe.weak_role:
        answer["weak_role"] = probe.weak_role
    return answer


_HANDLERS: Final[dict[str, Callable[[_Job], Awaitable[dict[str, Any]]]]] = {
    "execute": _execute,
    "describe": _describe,
    "sample": _sample,
    "count": _count,
    "filter": _filter,
    "aggregate": _aggregate,
    "preview": _preview,
    "read": _read,
    "profile": _profile,
    "test": _test,
}
