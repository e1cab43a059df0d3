"""People of one organization with an inbox, and requests that no run waits for."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from datelier.inbox import service as inbox
from datelier.inbox.schemas import Action, ActionDecision, Allow, DecideIn, RequestDetail
from datelier.inbox.service import NewRequest, Waiter
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.ids import uuid7
from datelier.runs import decide as deciding
from tests.conftest import ALL_SCOPES, add_person, make_org
from tests.runs.conftest import watching

EVERYTHING = Allow(approve=True, edit=True, reject=True, respond=True)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"table": {"type": "string"}, "limit": {"type": "integer", "minimum": 1}},
    "required": ["table"],
    "additionalProperties": False,
}


def action(**change: Any) -> Action:
    made = {
        "id": "1",
        "name": "clean_table",
        "args": {"table": "orders", "limit": 10},
        "args_schema": SCHEMA,
        "allow": EVERYTHING,
    }
    return Action.model_validate(made | change)


@dataclass(frozen=True)
class Desk:
    """An organization's people; `ada` starts things."""

    ctx: Context
    ada: Context
    dana: Context
    emil: Context

    async def ask(self, **change: Any) -> RequestDetail:
        """Open a request as the product does."""
        made: dict[str, Any] = {
            "kind": "approval",
            "title": "Steward wants to clean orders",
            "actions": [action()],
            "waiter": Waiter(owner_id=self.ada.actor.id),
        }
        async with self.ctx.begin() as tx:
            row = await inbox.open_request(tx, NewRequest(**(made | change)))
            return await inbox.detail(tx, row)

    async def get(self, request_id: UUID, ctx: Context | None = None) -> RequestDetail:
        async with (ctx or self.ctx).begin() as tx:
            return await inbox.get_request(tx, request_id)


def decision(request: RequestDetail, kind: str = "approve", **more: Any) -> DecideIn:
    return DecideIn(
        decision_id=uuid7(),
        revision=request.revision,
        decisions=[
            ActionDecision.model_validate({"action_id": a.id, "type": kind, **more})
            for a in request.actions
        ],
    )


async def decide(ctx: Context, request: RequestDetail, *args: Any, **more: Any) -> RequestDetail:
    return await deciding.decide(ctx, request.id, decision(request, *args, **more))


async def make_person(resources: Resources, org_id: UUID, name: str) -> Context:
    """A member of an organization, with every scope."""
    person_id = await add_person(resources, org_id, name, "builder")
    return Context(Actor("user", person_id, name), org_id, ALL_SCOPES, resources)


@pytest.fixture
async def desk(resources: Resources) -> AsyncGenerator[Desk]:
    """An organization on a process that executes no runs."""
    async with watching(resources) as engine:
        own = engine.resources
        org_id = await make_org(own)
        people = [await make_person(own, org_id, name) for name in ("Ada", "Dana", "Emil")]
        ctx = replace(people[0], actor=Actor("system", None, "Datelier"))
        yield Desk(ctx, *people)
