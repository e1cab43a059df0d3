"""The ledger: a row is committed before a call has an effect, and says afterwards how it ended.

    intended ── begun ──► done | not_done | unknown

Until `begun` is committed nothing can have happened, and the call may be made anew. From then on
it is never made again: how it ended is found out, or a person is asked.
"""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import text

from datelier.identity.audit import record
from datelier.kit.errors import Conflict
from datelier.kit.fail_points import reach
from datelier.kit.ids import uuid7
from datelier.kit.tools import ToolContext

Kind = Literal["sql", "http"]
State = Literal["intended", "done", "not_done", "unknown"]

_INTEND = text(
    "insert into effect (id, org_id, key, run_id, tool_call_id, kind, source_id, detail) "
    "values (:id, :org, :key, :run, :call, :kind, :source, cast(:detail as jsonb)) "
    "on conflict (org_id, key) do update set attempt = effect.attempt + 1, updated_at = now() "
    "returning id, state, attempt, txid, begun_at is not null as begun, detail, outcome, note, "
    "source_id"
)
_BEGIN = text(
    "update effect set begun_at = now(), txid = :txid, updated_at = now(), "
    "detail = detail || cast(:detail as jsonb) "
    "where org_id = :org and id = :id and attempt = :attempt and state = 'intended' "
    "and begun_at is null returning id"
)
_SETTLE = text(
    "update effect set state = :state, outcome = cast(:outcome as jsonb), note = :note, "
    "settled_at = case when :state = 'unknown' then null else now() end, updated_at = now() "
    "where org_id = :org and id = :id and attempt = :attempt "
    "and state in ('intended', 'unknown') returning id"
)


class TakenOver(Conflict):
    """Another process has taken the call up; this one may do nothing more about it."""

    code, title = "call_taken_over", "Call taken over"


@dataclass(frozen=True, slots=True)
class Entry:
    """A call in the ledger, as the process that took it up last sees it."""

    id: UUID
    state: State
    attempt: int
    txid: str | None
    begun: bool
    detail: dict[str, Any]
    outcome: dict[str, Any] | None
    note: str
    source_id: UUID | None


@dataclass(frozen=True, slots=True)
class Intent:
    """What a call is about to do; `detail` is plain JSON for people."""

    kind: Kind
    detail: dict[str, Any]
    source_id: UUID | None = None


async def intend(at: ToolContext, intent: Intent) -> Entry:
    """Note that a call is about to be made, or return what is known of it since before.

    Raises:
        Exception: The run belongs to another process by now.
    """
    reach("effect.before_intended")
    async with at.ctx.begin() as tx:
        await at.fence(tx)
        values = {
            "id": uuid7(),
            "org": tx.org_id,
            "key": f"{at.run_id}:{at.tool_call_id}",
            "run": at.run_id,
            "call": at.tool_call_id,
            "kind": intent.kind,
            "source": intent.source_id,
            "detail": orjson.dumps(intent.detail).decode(),
        }
        row = (await tx.session.execute(_INTEND, values)).one()
    reach("effect.after_intended")
    return Entry(*row)


async def begin(at: ToolContext, entry: Entry, txid: str | None, detail: dict[str, Any]) -> None:
    """Note that the effect may happen from now on.

    Raises:
        TakenOver: Another process has the call.
    """
    reach("effect.before_begun")
    async with at.ctx.begin() as tx:
        await at.fence(tx)
        values = {
            "org": tx.org_id,
            "id": entry.id,
            "attempt": entry.attempt,
            "txid": txid,
            "detail": orjson.dumps(detail).decode(),
        }
        if (await tx.session.execute(_BEGIN, values)).scalar() is None:
            raise TakenOver("Another process is making this call.")
    reach("effect.after_begun")


async def settle(
    at: ToolContext, entry: Entry, state: State, outcome: dict[str, Any] | None, note: str = ""
) -> None:
    """Note how a call ended.

    Raises:
        TakenOver: Another process has the call.
    """
    reach("effect.before_settled")
    async with at.ctx.begin() as tx:
        values = {
            "org": tx.org_id,
            "id": entry.id,
            "attempt": entry.attempt,
            "state": state,
            "outcome": orjson.dumps(outcome).decode(),
            "note": note,
        }
        if (await tx.session.execute(_SETTLE, values)).scalar() is None:
            raise TakenOver("Another process is making this call.")
        await record(
            tx,
            action=f"effect.{state}",
            target=("effect", entry.id),
            detail={"run_id": str(at.run_id), "tool_call_id": at.tool_call_id},
        )
    reach("effect.after_settled")
