"""What a graph's nodes see of the run they belong to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from langgraph.graph.state import StateGraph
from sqlalchemy import text

from datelier.kit.clock import now
from datelier.kit.context import Context, Resources
from datelier.kit.tools import Tool
from datelier.runs.claim import Claim
from datelier.runs.events import Fenced, RunLog
from datelier.runs.fold import Part
from datelier.runs.stamp import stamp

_STILL_OURS = text(
    "select 1 from run where org_id = :org and id = :run and epoch = :epoch "
    "and status = 'running' for share"
)


@dataclass(slots=True)
class Usage:
    """Tokens and money that a run has spent so far; None where nobody knows."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    priced: bool = True

    def add(self, tokens_in: int | None, tokens_out: int | None, cost: Decimal | None) -> None:
        """Count one model call; an unknown price makes the whole cost unknown."""
        if tokens_in is not None:
            self.input_tokens = (self.input_tokens or 0) + tokens_in
        if tokens_out is not None:
            self.output_tokens = (self.output_tokens or 0) + tokens_out
        if cost is None:
            self.priced = False
        else:
            self.cost = (self.cost or Decimal()) + cost

    def tokens(self) -> dict[str, int | None]:
        """Return the tokens as they stand in message metadata."""
        return {"input_tokens": self.input_tokens, "output_tokens": self.output_tokens}

    def money(self) -> str | None:
        """Return the cost in US dollars, or None when a price is unknown."""
        return format(self.cost, "f") if self.priced and self.cost is not None else None

    def restore(self, data: dict[str, Any]) -> None:
        """Take over what an earlier claim of the run had counted."""
        self.input_tokens = data.get("input_tokens")
        self.output_tokens = data.get("output_tokens")
        cost = data.get("cost")
        self.cost = Decimal(cost) if cost is not None else None
        self.priced = cost is not None


@dataclass(slots=True)
class ActiveRun:
    """One claim of a run, while it executes; LangGraph hands it to nodes as their context.

    Attributes:
        ctx: The rights of whoever started the run, without a transaction.
        tools: Everything registered; a graph offers what `ctx` has the scopes for.
        model: ``id`` and ``name`` of the model, once a node has resolved it.
        cache: What a graph wants to keep for the length of this claim.
    """

    ctx: Context
    claim: Claim
    log: RunLog
    tools: tuple[Tool, ...]
    usage: Usage = field(default_factory=Usage)
    model: dict[str, Any] | None = None
    finish_reason: str = "stop"
    cache: dict[str, Any] = field(default_factory=dict[str, Any])
    step_is_open: bool = False
    started: bool = False
    _stage: str = ""

    @property
    def id(self) -> UUID:
        """The run's id."""
        return self.claim.id

    async def fence(self, ctx: Context) -> None:
        """Assert in an open transaction that this claim still holds the run, until its end.

        Raises:
            Fenced: Another process holds the run.
        """
        claim = self.claim
        values = {"org": claim.org_id, "run": claim.id, "epoch": claim.epoch}
        if (await ctx.session.execute(_STILL_OURS, values)).scalar() is None:
            raise Fenced

    def start(self, model: dict[str, Any] | None) -> None:
        """Say, once per run, that the answer begins and which model gives it."""
        self.model = model or self.model
        if self.started:
            return
        self.started = True
        metadata = {
            "run_id": str(self.claim.id),
            "thread_id": str(self.claim.thread_id) if self.claim.thread_id else None,
            "model": self.model,
            "started_at": stamp(self.claim.started_at),
        }
        self.log.put(
            {
                "type": "start",
                "messageId": str(self.claim.message_id or self.claim.id),
                "messageMetadata": metadata,
            }
        )

    def begin_step(self) -> None:
        """Open a step; after a crash the withdrawn step stays open and is filled again."""
        self.start(self.model)
        if self.step_is_open:
            self.step_is_open = False
        else:
            self.log.put({"type": "start-step"})

    def finish_step(self) -> None:
        """Close the step."""
        self.log.put({"type": "finish-step"})

    def stage(self, stage: str, label: str) -> None:
        """Say what the run does now, in place of what it did before."""
        if self._stage != label:
            self._stage = label
            data = {"stage": stage, "label": label, "at": stamp(now())}
            self.log.put({"type": "data-stage", "id": "stage", "data": data})

    def say_usage(self) -> None:
        """Add what the run has spent so far to the log."""
        data = {**self.usage.tokens(), "cost": self.usage.money()}
        self.log.put({"type": "data-usage", "id": "usage", "data": data})

    def restore(self, parts: list[Part]) -> None:
        """Take over what earlier claims have said."""
        for part in parts:
            if part["type"] == "start":
                self.started = True
                self.model = (part.get("messageMetadata") or {}).get("model")
            elif part["type"] == "data-usage":
                self.usage.restore(part["data"])


def _no_setup(_resources: Resources) -> None:
    return


async def _nothing(_run: ActiveRun) -> None:
    return


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph that runs may ask for by name.

    Attributes:
        build: Returns the graph, not compiled; its context is :class:`ActiveRun`.
        initial: The state a new run starts from.
        setup: Called once in every process that executes runs, before the first.
        after: Called when a run has succeeded and its message is stored; failures are logged.
    """

    name: str
    build: Callable[[], StateGraph[Any, ActiveRun, Any, Any]]
    initial: dict[str, Any]
    setup: Callable[[Resources], None] = _no_setup
    after: Callable[[ActiveRun], Awaitable[None]] = _nothing
