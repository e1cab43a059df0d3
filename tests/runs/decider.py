"""Decides a request in a process of its own and dies: `python -m tests.runs.decider URL ORG REQUEST`.

It ends the moment the decision has committed, before it can tell anybody.
"""

import asyncio
import os
import sys
from uuid import UUID

from datelier.identity.models import Organization
from datelier.inbox.schemas import ActionDecision, DecideIn
from datelier.kit.context import Actor, Context
from datelier.kit.ids import uuid7
from datelier.kit.tools import Toolbox
from datelier.runs import decide as deciding
from datelier.runs.engine import open_engine
from tests.chat.app import resources_for
from tests.conftest import ALL_SCOPES


async def main(url: str, org_id: UUID, request_id: UUID) -> None:
    assert Organization.__tablename__
    resources = resources_for(url, database_pool=4)
    resources.register(Toolbox, Toolbox(()))
    ctx = Context(Actor("user", None, "Dana"), org_id, ALL_SCOPES, resources)
    async with open_engine(resources):
        print("ready", flush=True)  # noqa: T201  # the test waits for it
        said = ActionDecision(action_id="1", type="respond", message="yes")
        given = DecideIn(decision_id=uuid7(), revision=1, decisions=[said])
        await deciding.decide(ctx, request_id, given)
        os._exit(137)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], UUID(sys.argv[2]), UUID(sys.argv[3])))
