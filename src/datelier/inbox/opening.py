"""Opening a request, inside the transaction of whatever waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datelier.identity.audit import record
from datelier.inbox.hashing import args_hash
from datelier.inbox.models import Request
from datelier.inbox.notices import notify
from datelier.inbox.outbox import put_event
from datelier.inbox.schemas import Action, Dialect, Kind, OnExpiry, Risk
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.hidden import hidden_texts, revealed, revealed_deep
from datelier.kit.markdown import code_block
from datelier.kit.numbers import next_number

_TITLE_MAX = 500
_HIDDEN_SHOWN = 10
_PERSON = text("select name from person where id = :id")


@dataclass(frozen=True, slots=True)
class Waiter:
    """What waits for the decision, and where it belongs.

    Attributes:
        interrupt_id: The interrupt of the run; None where no run waits.
        owner_id: The person who started it.
    """

    run_id: UUID | None = None
    interrupt_id: str | None = None
    step_id: str | None = None
    thread_id: UUID | None = None
    agent_id: UUID | None = None
    source_id: UUID | None = None
    owner_id: UUID | None = None
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request to open.

    Attributes:
        title: A sentence that says what is wanted, without raw arguments.
        reason: The agent's own words.
        rule: Why a person is asked: ``writes need approval``.
        personal: Only the owner and the assignee see it.
        requires: How many people must approve.
        excludes_owner: The owner is not one of them.
        seconds: How long there is to decide; None for ever.
        envelope: The value of a foreign dialect, to be answered in kind.
    """

    kind: Kind
    title: str
    actions: Sequence[Action] = ()
    description: str = ""
    reason: str = ""
    rule: str = ""
    risk: Risk = "read"
    preview: dict[str, Any] | None = None
    dialect: Dialect = "native"
    envelope: Any = None
    personal: bool = False
    assignee_id: UUID | None = None
    requires: int = 1
    excludes_owner: bool = False
    seconds: float | None = None
    on_expiry: OnExpiry = "reject"
    waiter: Waiter = field(default_factory=Waiter)


async def open_request(ctx: Context, new: NewRequest) -> Request:
    """Store a request; for an interrupt that has one already, return that.

    Everything that is approved later is what is stored here. Whoever decides sees every sign of it:
    what would not be seen is shown by its number, and the arguments, which stay exact, are told of.
    """
    at = new.waiter
    if at.run_id is not None and at.interrupt_id is not None:
        known = owned(ctx, Request).where(
            Request.run_id == at.run_id, Request.interrupt_id == at.interrupt_id
        )
        found = (await ctx.session.execute(known)).scalar_one_or_none()
        if found is not None:
            return found
    row = Request(
        number=await next_number(ctx, "request"),
        kind=new.kind,
        title=_on_one_line(new.title) or "A decision is needed",
        description=_described(new),
        reason=revealed(new.reason),
        rule=revealed(new.rule),
        risk=new.risk,
        dialect=new.dialect,
        envelope=new.envelope,
        actions=[_stored(action) for action in new.actions],
        preview=revealed_deep(new.preview),
        interrupt_id=at.interrupt_id,
        run_id=at.run_id,
        step_id=at.step_id,
        thread_id=at.thread_id,
        agent_id=at.agent_id,
        source_id=at.source_id,
        correlation_id=at.correlation_id,
        audience="owner" if new.personal and at.owner_id is not None else "organization",
        owner_id=at.owner_id,
        owner_name=await _name(ctx, at.owner_id),
        assignee_id=new.assignee_id,
        requires=new.requires,
        excludes_owner=new.excludes_owner,
        on_expiry=new.on_expiry,
    )
    if new.seconds is not None:
        moment = await ctx.session.execute(text("select now()"))
        row.expires_at = moment.scalar_one() + timedelta(seconds=new.seconds)
    await add_owned(ctx, row)
    await record(
        ctx, action="request.opened", target=("request", row.id), detail={"kind": row.kind}
    )
    await put_event(ctx, row, "opened")
    notify(ctx, row.id, "created")
    return row


def _on_one_line(title: str) -> str:
    return revealed(" ".join(title.split()))[:_TITLE_MAX]


def _described(new: NewRequest) -> str:
    """Return what a request says of itself, with the arguments that are not what they look like."""
    found = [one for action in new.actions for one in hidden_texts(action.args)]
    # The arguments of a question are what the request says already.
    if not found or new.kind == "question":
        return revealed(new.description)
    shown = [code_block(one) for one in found[:_HIDDEN_SHOWN]]
    more = len(found) - len(shown)
    told = "**The arguments hold signs that cannot be seen:**"
    rest = [f"and {more} more."] if more else []
    parts = [told, *shown, *rest, revealed(new.description)]
    return "\n\n".join(part for part in parts if part)


def _stored(action: Action) -> dict[str, Any]:
    seen = {
        "title": None if action.title is None else revealed(action.title),
        "description": None if action.description is None else revealed(action.description),
        "args_hash": args_hash(action.name, action.args),
    }
    hashed = action.model_copy(update=seen)
    return hashed.model_dump(mode="json", exclude_none=True) | {"args": action.args}


async def _name(ctx: Context, person_id: UUID | None) -> str:
    if person_id is None:
        return ""
    return (await ctx.session.execute(_PERSON, {"id": person_id})).scalar() or ""
