"""LangGraph's PostgreSQL saver, fenced by the run's epoch and tied to the run's log."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.serde.types import ERROR
from psycopg.rows import DictRow
from typing_extensions import override

from datelier.kit.fail_points import reach
from datelier.runs.events import Fenced, RunLog
from datelier.runs.pool import EnginePool

INTERRUPT = "__interrupt__"
_LOG_SEQ = "log_seq"
# Channels through which a step names the next one; a step that writes to none is the last.
_EDGES = ("branch:", "join:", "__")


_GOT_ON = "update run set attempt = 1 where id = %s and epoch = %s and status = 'running'"

# Without an allow-list of types, a planted checkpoint could instantiate any class.
_SERDE = JsonPlusSerializer(allowed_msgpack_modules=None)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run that is taken over stands.

    Attributes:
        log_seq: The log was complete up to here when the checkpoint was written.
        step_done: The step after the checkpoint had finished, though its checkpoint is missing.
        interrupts: Ids of the interrupts that the step after the checkpoint waits at.
    """

    log_seq: int
    step_done: bool
    interrupts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An ``interrupt()`` that a step came to: its value, and the name of the step."""

    id: str
    value: Any
    step: str | None


@dataclass(frozen=True, slots=True)
class _Held:
    """A checkpoint that was not written."""

    config: RunnableConfig
    checkpoint: Checkpoint
    metadata: Any


class FencedSaver(AsyncPostgresSaver):
    """Checkpoints of one claim; one instance per claim.

    Every write asserts the claim's epoch in its own transaction. The log is flushed before a
    step is recorded as done, so what a checkpoint says is never missing from the log.

    Two kinds of checkpoint are not written, because nobody would miss them: those before the
    first step hold what the run's row already says, and the one after the last step would be
    deleted by the run's end a moment later. A process that dies in that moment repeats the
    last step. Should the first step wait for a person, the checkpoint before it is written after
    all.

    Args:
        pool: Connections of the run engine.
        log: The log of the claim.
        fresh: No earlier claim exists, so there is no checkpoint to look for.
        again: Processes have ended in the step that is begun; once it is done, that is forgotten,
            because a run that gets on is not one that ends its process each time.
    """

    def __init__(self, pool: EnginePool, log: RunLog, *, fresh: bool, again: bool = False) -> None:
        super().__init__(pool, serde=_SERDE)
        self._platform = pool
        self._log = log
        self._fresh = fresh
        self._again = again
        self._found = False  # there was a checkpoint of an earlier claim
        self._saved = not fresh  # a checkpoint exists that writes can belong to
        self._edges = False  # a task of the present step named a next one
        self._unsaved: ChannelVersions = {}
        self._held: _Held | None = None
        self.interrupts: dict[str, Interrupted] = {}

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
        waits = {
            interrupt.id
            for _, channel, value in found.pending_writes or ()
            if channel == INTERRUPT
            for interrupt in value
        }
        return Position(int(metadata.get(_LOG_SEQ, 0)), bool(writes), frozenset(waits))

    @override
    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        if self._fresh:
            return None
        found = await super().aget_tuple(config)
        if found is None and self._found:
            # Only the end of a run removes them: another process has brought it there.
            self._log.fence()
            raise Fenced
        self._found = found is not None
        return found

    @override
    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        self._fresh = False
        ends = not self._edges
        self._edges = False
        if metadata.get("step", 0) <= 0 or ends:
            self._unsaved = {**self._unsaved, **new_versions}
            configurable = {**config.get("configurable", {}), "checkpoint_id": checkpoint["id"]}
            self._held = _Held(config, checkpoint, {**metadata, _LOG_SEQ: self._log.committed})
            return {**config, "configurable": configurable}
        new_versions = {**self._unsaved, **new_versions}
        self._unsaved, self._saved, self._held = {}, True, None
        await self._log.flush()
        known: Any = {**metadata, _LOG_SEQ: self._log.committed}
        reach("checkpoint.before_commit")
        saved = await super().aput(config, checkpoint, known, new_versions)
        reach("checkpoint.after_commit")
        if self._again:
            self._again = False
            async with self._platform.connection() as connection:
                await connection.execute(_GOT_ON, (self._log.run_id, self._log.epoch))
        return saved

    @override
    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        if any(channel == INTERRUPT for channel, _ in writes):
            await self._keep_interrupts(config, writes, task_id, task_path)
            return
        if any(channel == ERROR for channel, _ in writes):
            # The step failed or was stopped: the run ends now, or the step is done again. What
            # would be written here, beside the run's end, nobody reads.
            return
        edges = any(channel.startswith(_EDGES) for channel, _ in writes)
        self._edges = self._edges or edges
        if not (edges and self._saved):
            return
        await self._log.flush()
        await super().aput_writes(config, writes, task_id, task_path)

    async def _keep_interrupts(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str,
    ) -> None:
        held, self._held = self._held, None
        if held is not None:
            versions, self._unsaved, self._saved = self._unsaved, {}, True
            await super().aput(held.config, held.checkpoint, held.metadata, versions)
        await self._log.flush()
        await super().aput_writes(config, writes, task_id, task_path)
        step = task_path.rpartition(",")[2].strip() or None
        for interrupt in (i for channel, found in writes if channel == INTERRUPT for i in found):
            self.interrupts[interrupt.id] = Interrupted(interrupt.id, interrupt.value, step)

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
