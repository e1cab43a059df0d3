"""One descriptor for everything an agent can call.

The agent loop, the documentation and later the MCP server and the inbox read the same
:class:`Tool`; none of them knows what it does.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from datelier.kit.context import Context
from datelier.kit.errors import Conflict

Effect = Literal["read", "write", "external", "destructive", "spend"]
Partition = Literal["data", "metadata", "viz", "documents", "answer"]
Where = Literal["chat", "background"]
EVERYWHERE: frozenset[Where] = frozenset({"chat", "background"})
Emit = Callable[[dict[str, Any]], Awaitable[None]]


async def _unfenced(_ctx: Context) -> None:
    return


@dataclass(frozen=True, slots=True)
class ToolContext:
    """Where a tool call happens.

    Attributes:
        ctx: The caller, without a transaction; open one with ``ctx.begin()``.
        source_ids: Sources attached to the thread; a tool may touch no other.
        emit: Adds a ``data-*`` part to the run's log.
        agent: The agent's name, as people see it beside what it made.
        schemas: The schemas of a source that may be used, where not all of them may.
        max_rows: The most rows of one result; None for the installation's own limit.
        fence: Asserts in an open transaction that the run is still this process's.
        question: What was asked; its figures need no receipt.
        locale: How the reader writes numbers and dates.
        numbers: What becomes of figures that no result bears out.
    """

    ctx: Context
    run_id: UUID
    thread_id: UUID
    message_id: UUID
    tool_call_id: str
    source_ids: tuple[UUID, ...]
    emit: Emit
    agent: str
    schemas: Mapping[UUID, Sequence[str]] = field(default_factory=dict[UUID, Sequence[str]])
    max_rows: int | None = None
    fence: Callable[[Context], Awaitable[None]] = _unfenced
    question: str = ""
    locale: str | None = None
    numbers: Literal["allow", "warn", "block"] = "warn"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a call gave: `text` for the model, `output` (JSON) for people."""

    text: str
    output: Any = None
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person sees of a call before approving it; everything is optional.

    Attributes:
        title: A sentence for the inbox, such as ``wants to run UPDATE on orders (about 12 rows)``.
        data: JSON for the page: statement, estimated rows, rows before and after, a diff.
        risk: What this very call may do, where that is worse than the tool's `effect`.
        source_id: The source that the call is about.
    """

    title: str | None = None
    data: dict[str, Any] | None = None
    risk: Effect | None = None
    source_id: UUID | None = None


class OutcomeUnknown(Conflict):
    """A call was made, and whether it had its effect cannot be found out; a person is asked."""

    code, title = "outcome_unknown", "Outcome unknown"


class PreviewRefused(Conflict):
    """The call can never be made as it is, so nobody is asked about it and the model is told."""

    code, title = "call_refused", "Call refused"


@dataclass(frozen=True, slots=True)
class Tool:
    """Something an agent can call.

    Attributes:
        scope: The right that the caller must hold; without it the tool is not offered at all.
        effect: What the call may do; anything but ``read`` needs a policy.
        partition: Which nodes of a graph may be offered the tool.
        contexts: In which kinds of run the tool is offered.
        run: ``(context, validated input) -> ToolResult``. Expected failures come back as a
            result with ``is_error``, so that the model can try again.
        preview: ``(context, validated input) -> Preview`` for the person who is asked. It changes
            nothing, and may be called more than once.
        repeatable: A call that was begun by a process that died may be made again with the same
            id, because the tool keeps a ledger. Without it an approved call is begun once.
        definition_hash: Of what the model and a person were told the tool is: an approval given
            for another definition is void.
    """

    name: str
    title: str
    description: str
    input_model: type[BaseModel]
    scope: str
    run: Callable[[ToolContext, Any], Awaitable[ToolResult]]
    effect: Effect = "read"
    partition: Partition = "data"
    contexts: frozenset[Where] = EVERYWHERE
    preview: Callable[[ToolContext, Any], Awaitable[Preview]] | None = None
    repeatable: bool = False
    schema: dict[str, Any] = field(init=False)
    definition_hash: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", self.input_model.model_json_schema())
        told = [self.name, self.description, self.schema, self.effect]
        canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        object.__setattr__(self, "definition_hash", hashlib.sha256(canonical.encode()).hexdigest())


def in_partitions(tools: Mapping[str, Tool], wanted: Iterable[Partition]) -> dict[str, Tool]:
    """Return the tools of some partitions, by name: all that a part of a graph can call."""
    partitions = frozenset(wanted)
    return {name: tool for name, tool in tools.items() if tool.partition in partitions}


@dataclass(frozen=True, slots=True)
class Toolbox:
    """Every tool of the product, as a service of the process; the app lists them."""

    tools: tuple[Tool, ...]
