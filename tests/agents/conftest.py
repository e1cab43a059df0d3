"""An organization whose agents are asked over HTTP, as an owner, a viewer and a stranger."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from datelier.agents.provision import ensure_builtin
from datelier.agents.routes import router
from datelier.identity.provision import Provisioning
from datelier.identity.routes import router as identity_router
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.tools import Effect, Tool, Toolbox, ToolContext, ToolResult
from datelier.llms.provision import ensure_demo
from datelier.llms.service import list_models
from tests.conftest import ALL_SCOPES
from tests.support.api import Account, Served


class Nothing(BaseModel):
    """No arguments."""


async def _done(_at: ToolContext, _given: Nothing) -> ToolResult:
    return ToolResult("done")


def tool(name: str, effect: Effect = "read") -> Tool:
    """A tool that does nothing."""
    return Tool(name, name.title(), f"What {name} does.", Nothing, "query:run", _done, effect)


TOOLS = (
    tool("look"),
    tool("change", "write"),
    tool("drop", "destructive"),
    tool("call", "external"),
)


@dataclass
class Office:
    """One organization; `http` is its owner's client.

    Attributes:
        ctx: The owner, without a transaction.
    """

    served: Served
    owner: Account
    ctx: Context
    http: httpx.AsyncClient

    async def agent(self, name: str = "Nora", **body: Any) -> dict[str, Any]:
        """A new agent, as the API returns it."""
        made = await self.http.post("/api/v1/agents", json={"name": name, **body})
        assert made.status_code == 201, made.text
        return made.json()

    async def save(self, agent: dict[str, Any], **fields: Any) -> httpx.Response:
        """Change fields of the draft as `agent` shows it."""
        return await self.http.put(
            f"/api/v1/agents/{agent['id']}/draft",
            json=agent["draft"] | fields,
            headers={"If-Match": f'"{agent["draft_revision"]}"'},
        )

    async def edit(self, agent_id: str, **fields: Any) -> dict[str, Any]:
        """Change fields of the draft as it is; return it."""
        saved = await self.save(await self.get(agent_id), **fields)
        assert saved.status_code == 200, saved.text
        return saved.json()

    async def publish(self, agent_id: str, note: str = "") -> dict[str, Any]:
        made = await self.http.post(f"/api/v1/agents/{agent_id}/publish", json={"note": note})
        assert made.status_code == 201, made.text
        return made.json()

    async def get(self, agent_id: str) -> dict[str, Any]:
        return (await self.http.get(f"/api/v1/agents/{agent_id}")).json()

    async def model(self) -> str:
        async with self.ctx.begin() as tx:
            await ensure_demo(tx)
            return str((await list_models(tx))[0][0].id)

    async def audited(self) -> list[str]:
        entries = (await self.http.get("/api/v1/audit")).json()["data"]
        return [e["action"] for e in entries if e["action"].startswith("agent.")][::-1]


@pytest.fixture(scope="session")
def served(resources: Resources) -> Served:
    """The application with the routes of agents."""
    made = Served(
        resources.db,
        resources.settings,
        (identity_router, router),
        Provisioning((ensure_builtin,)),
    )
    made.resources.register(Toolbox, Toolbox(TOOLS))
    return made


async def open_office(served: Served) -> Office:
    """A new organization with the built-in agents."""
    owner = await served.account("owner")
    ctx = Context(
        Actor("user", owner.person.id, owner.person.name),
        owner.membership.org_id,
        ALL_SCOPES,
        served.resources,
    )
    async with ctx.begin() as tx:
        await ensure_builtin(tx)
    return Office(served, owner, ctx, await served.signed_in(owner))


@pytest.fixture
async def office(served: Served) -> AsyncGenerator[Office]:
    """An organization of this test."""
    made = await open_office(served)
    yield made
    await made.http.aclose()
