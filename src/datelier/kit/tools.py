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
        agent_id: The agent; None where the run has none.
        most_rows: The most rows that this call may change, where a rule allowed it; None for the
            limit of the connection.
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
    agent_id: UUID | None = None
    most_rows: int | None = None


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
        rows: How many rows it changes, as far as that is known.
    """

    title: str | None = None
    data: dict[str, Any] | None = None
    risk: Effect | None = None
    source_id: UUID | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a call a standing rule can be about; a rule covers calls within its own terms.

    Attributes:
        exact: What has to be equal: verb and table of a statement, method and host of a request.
        within: Names of which a covered call uses no others: columns set, other tables read.
        source_id: The source that it is about; has to be equal.
        pinned: Digest of what must not have changed since: where the source is, who writes.
        counted: The call changes rows, so a rule says how many at most.
        inward: It reaches nothing outside of the organization's own sources.
    """

    exact: Mapping[str, str]
    within: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    source_id: UUID | None = None
    pinned: str = ""
    counted: bool = False
    inward: bool = False

    def cover(self, other: "Terms") -> bool:
        """Whether a call of these other terms lies within them; what is not named is not covered."""
        same = (
            (self.source_id, self.pinned, self.counted, self.inward, dict(self.exact))
            == (other.source_id, other.pinned, other.counted, other.inward, dict(other.exact))
        )  # fmt: skip
        return (
            same
            and self.within.keys() == other.within.keys()
            and all(set(other.within[name]) <= set(known) for name, known in self.within.items())
        )


class NoTerms(Conflict):
    """A call of which no standing rule can be made: a person is asked each time."""

    code, title = "no_rule", "No rule possible"


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
        terms: ``(context, validated input) -> Terms`` of a standing rule that would allow calls
            like this one. Without it, or when it raises NoTerms, there can be no rule.
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
    terms: Callable[[ToolContext, Any], Awaitable[Terms]] | None = None
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
