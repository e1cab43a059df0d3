"""LangGraph's PostgreSQL saver, fenced by the run's epoch and tied to the run's log."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from psycopg.rows import DictRow
from typing_extensions import override

from datelier.runs.events import Fenced, RunLog
from datelier.runs.pool import EnginePool

_LOG_SEQ = "log_seq"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run that is taken over stands.

    Attributes:
        log_seq: The log was complete up to here when the checkpoint was written.
        step_done: The step after the checkpoint had finished, though its checkpoint is missing.
    """

    log_seq: int
    step_done: bool


class FencedSaver(AsyncPostgresSaver):
    """Checkpoints of one claim; one instance per claim.

    Every write asserts the claim's epoch in its own transaction. The log is flushed before a
    step is recorded as done, so what a checkpoint says is never missing from the log.

    Args:
        pool: Connections of the run engine.
        log: The log of the claim.
    """

    def __init__(self, pool: EnginePool, log: RunLog) -> None:
        # Without an allow-list of types, a planted checkpoint could instantiate any class.
        super().__init__(pool, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
        self._log = log

    @property
    def run_config(self) -> RunnableConfig:
        """The configuration under which this run's checkpoints are kept."""
        return {"configurable": {"thread_id": str(self._log.run_id), "checkpoint_ns": ""}}

    async def position(self) -> Position | None:
        """Return where an earlier claim got to; None when it left no checkpoint."""
        found = await self.aget_tuple(self.run_config)
        if found is None:
            return None
        metadata: dict[str, Any] = dict(found.metadata)
        writes = [w for w in found.pending_writes or () if not w[1].startswith("__")]
        return Position(int(metadata.get(_LOG_SEQ, 0)), bool(writes))

    @override
    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        if metadata.get("source") != "input":
            await self._log.flush()
        known: Any = {**metadata, _LOG_SEQ: self._log.committed}
        return await super().aput(config, checkpoint, known, new_versions)

    @override
    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        await self._log.flush()
        await super().aput_writes(config, writes, task_id, task_path)

    @asynccontextmanager
    @override
    async def _cursor(
        self, *, pipeline: bool = False
    ) -> AsyncGenerator[psycopg.AsyncCursor[DictRow]]:
        try:
            async with super()._cursor(pipeline=pipeline) as cursor:
                if pipeline:
                    await cursor.execute(
                        "select assert_run_epoch(%s, %s)", (self._log.run_id, self._log.epoch)
                    )
                yield cursor
        except psycopg.errors.ObjectInUse:
            self._log.fence()
            raise Fenced from None
