"""Organizations for the isolation matrix, and how each noun's object is made.

A slice adds its nouns here: one function per noun, entered in MAKERS under the name that path
parameters and body fields use (`source_id`; a list field `source_ids` uses the same).
"""

import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from datelier.agents.provision import ensure_builtin
from datelier.artifacts.service import NewChart, create_chart
from datelier.channels.models import Delivery
from datelier.effects.requests import Outgoing
from datelier.effects.terms import request_terms
from datelier.effects.tools import HTTP_REQUEST
from datelier.inbox.rules import NewRule, add_rule
from datelier.inbox.schemas import Action, Allow
from datelier.inbox.service import NewRequest, open_request
from datelier.kit.clock import now
from datelier.kit.context import Actor, Context
from datelier.kit.db import add_owned
from datelier.llms.provision import ensure_demo
from datelier.queries.service import Author
from datelier.sources.workers import create_worker, verify_worker
from tests.api.wire import Impatient
from tests.conftest import ALL_SCOPES
from tests.support.api import ORIGIN, Account, Served

CSV = b"city,amount\nOslo,1\nRome,2\n"
SECRET_WORD = "zanzibar"  # in every title of the victim, and nowhere else


@dataclass
class Tenant:
    """An organization with its owner, a viewer and a personal token, all signed in."""

    served: Served
    owner: Account
    ctx: Context
    word: str
    callers: dict[str, httpx.AsyncClient]

    @classmethod
    async def make(cls, served: Served, word: str) -> "Tenant":
        owner = await served.account("owner")
        ctx = Context(
            Actor("user", owner.person.id, owner.person.name),
            owner.membership.org_id,
            ALL_SCOPES,
            served.resources,
        )
        async with ctx.begin() as tx:
            await ensure_demo(tx)
            await ensure_builtin(tx)
        signed_in = client(served, await access_token(served, owner))
        viewer = await served.account("viewer", org=owner)
        made = await signed_in.post("/api/v1/tokens", json={"name": "matrix"})
        callers = {
            "owner": signed_in,
            "viewer": client(served, await access_token(served, viewer)),
            "token": client(served, made.json()["token"]),
        }
        return cls(served, owner, ctx, word, callers)

    @property
    def client(self) -> httpx.AsyncClient:
        return self.callers["owner"]

    async def post(self, path: str, body: dict[str, Any] | None = None, **more: Any) -> Any:
        """Create something through the API and return the answer's body."""
        answer = await self.client.post(f"/api/v1{path}", json=body, **more)
        assert answer.is_success, answer.text
        return answer.json()

    async def close(self) -> None:
        for caller in self.callers.values():
            await caller.aclose()


def client(served: Served, token: str = "") -> httpx.AsyncClient:
    """A client at an address of its own, so that tests do not throttle each other."""
    address = "10." + ".".join(str(random.randrange(256)) for _ in range(3))
    return httpx.AsyncClient(
        transport=Impatient(served.app, address),
        base_url=ORIGIN,
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )


async def access_token(served: Served, account: Account) -> str:
    """An access token of an account."""
    async with await served.signed_in(account) as signed_in:
        return signed_in.headers["Authorization"].removeprefix("Bearer ")


@dataclass
class Family:
    """Objects of one tenant that belong together: the message is the thread's, and so on."""

    tenant: Tenant
    made: dict[str, str] = field(default_factory=dict[str, str])

    async def get(self, noun: str) -> str:
        """The id of this family's object of a kind, made when first asked for."""
        if noun not in self.made:
            self.made[noun] = await MAKERS[noun](self)
        return self.made[noun]


async def member(family: Family) -> str:
    account = await family.tenant.served.account("viewer", org=family.tenant.owner)
    return str(account.membership.id)


async def invite(family: Family) -> str:
    return str((await family.tenant.post("/invites", {"role": "viewer"}))["id"])


async def token(family: Family) -> str:
    return str((await family.tenant.post("/tokens", {"name": family.tenant.word}))["id"])


async def model(family: Family) -> str:
    body = {
        "name": family.tenant.word,
        "provider": "generic",
        "model_name": "none",
        "endpoint_url": "http://127.0.0.1:9/v1",
        "api_key": f"sk-{family.tenant.word}-0123456789",
    }
    return str((await family.tenant.post("/models", body))["id"])


async def budget(family: Family) -> str:
    whose = {"member_id": await member(family)}
    body = {**whose, "unit": "tokens", "period": "month", "soft_limit": 10**9}
    return str((await family.tenant.post("/budgets", body))["id"])


async def source(family: Family) -> str:
    files = {"files": (f"{family.tenant.word}.csv", CSV, "text/csv")}
    return str((await family.tenant.post("/sources/upload", files=files))["id"])


async def worker(family: Family) -> str:
    ctx = family.tenant.ctx
    secret = await create_worker(ctx.resources, family.tenant.word, ctx.org_id)
    return str((await verify_worker(ctx.resources, secret)).worker_id)


async def source_with_password(family: Family) -> str:
    body = {
        "name": f"{family.tenant.word} {uuid4()}",
        "engine": "postgresql",
        "config": NOWHERE,
        "password": f"{family.tenant.word}-password",
    }
    return str((await family.tenant.post("/sources", body))["id"])


async def query(family: Family) -> str:
    body = {
        "source_id": await family.get("source_id"),
        "thread_id": await family.get("thread_id"),
        "sql": f'select * from "{family.tenant.word}"',
        "title": family.tenant.word,
    }
    made = await family.tenant.post("/queries", body)
    assert made["status"] == "done", made
    family.made["result_id"] = str(made["result_id"])
    return str(made["query_id"])


async def result(family: Family) -> str:
    await family.get("query_id")
    return family.made["result_id"]


async def export(family: Family) -> str:
    """A finished file of all rows."""
    path = f"/api/v1/results/{await family.get('result_id')}/exports"
    answer = await family.tenant.client.post(path, json={"format": "csv"})
    last = json.loads(answer.text.splitlines()[-1])
    assert last["status"] == "done", last
    return str(last["id"])


async def chart(family: Family) -> str:
    spec = {
        "mark": "bar",
        "encoding": {
            "x": {"field": "city", "type": "nominal"},
            "y": {"field": "amount", "type": "quantitative"},
        },
    }
    new = NewChart(UUID(await family.get("result_id")), family.tenant.word, spec)
    return str((await create_chart(family.tenant.ctx, new, Author("user", "Ada"))).id)


async def document(family: Family) -> str:
    word = family.tenant.word
    body = {"kind": "text", "title": word, "content": f"A memo of {word}."}
    return str((await family.tenant.post("/documents", body))["id"])


async def agent(family: Family) -> str:
    """An agent with one version."""
    body = {"name": family.tenant.word, "definition": {"instructions": family.tenant.word}}
    made = await family.tenant.post("/agents", body)
    await family.tenant.post(f"/agents/{made['id']}/publish", {"note": family.tenant.word})
    return str(made["id"])


async def definition(family: Family) -> str:
    body = {
        "kind": "term",
        "name": f"{family.tenant.word} {uuid4()}",
        "note": family.tenant.word,
        "sql": f'select * from "{family.tenant.word}"',
        "source_id": await family.get("source_id"),
    }
    return str((await family.tenant.post("/definitions", body))["id"])


async def note(family: Family) -> str:
    path = f"/agents/{await family.get('agent_id')}/notes"
    return str((await family.tenant.post(path, {"content": family.tenant.word}))["id"])


async def thread(family: Family) -> str:
    return str((await family.tenant.post("/threads", {"title": family.tenant.word}))["id"])


async def message(family: Family) -> str:
    sent = await family.tenant.post(
        f"/threads/{await family.get('thread_id')}/messages", {"text": family.tenant.word}
    )
    family.made["asked_run_id"] = str(sent["run_id"])
    return str(sent["message_id"])


async def run(family: Family) -> str:
    """A run that ended before anybody executed it: its log has a start and an end."""
    body = {"text": family.tenant.word}
    sent = await family.tenant.post(f"/threads/{await thread(family)}/messages", body)
    await family.tenant.post(f"/runs/{sent['run_id']}/stop")
    return str(sent["run_id"])


NOWHERE: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 9,
    "database": "none",
    "user": "none",
    "sslmode": "disable",
}


async def person(family: Family) -> str:
    # One who may be given whatever the calls give: a viewer decides no request.
    account = await family.tenant.served.account("builder", org=family.tenant.owner)
    return str(account.person.id)


async def request(family: Family) -> str:
    allow = Allow(approve=True, edit=True, reject=True, respond=True)
    action = Action(id="1", name="clean", args={"word": family.tenant.word}, allow=allow)
    async with family.tenant.ctx.begin() as tx:
        new = NewRequest("approval", family.tenant.word, [action])
        return str((await open_request(tx, new)).id)


async def webhook(family: Family) -> str:
    # An address at which nobody listens, so that a test of it leaves nothing anywhere.
    family.tenant.served.resources.settings.http_hosts = ["127.0.0.1:9"]
    body = {"name": family.tenant.word, "url": f"http://127.0.0.1:9/{family.tenant.word}"}
    return str((await family.tenant.post("/webhooks", body))["id"])


async def delivery(family: Family) -> str:
    """A notice to a webhook that was given up."""
    webhook_id = UUID(await family.get("webhook_id"))
    async with family.tenant.ctx.begin() as tx:
        row = Delivery(
            event_key=f"evt_{family.tenant.word}",
            once=str(uuid4()),
            channel="webhook",
            change="opened",
            target=webhook_id,
            webhook_id=webhook_id,
            person_id=family.tenant.ctx.actor.id,
            status="failed",
            ended_at=now(),
        )
        return str((await add_owned(tx, row)).id)


async def rule(family: Family) -> str:
    """A standing approval of the family's agent, saved from the family's request."""
    url = f"https://{family.tenant.word}.example/"
    new = NewRule(
        agent_id=UUID(await family.get("agent_id")),
        tool=HTTP_REQUEST,
        terms=request_terms(Outgoing("POST", url, {}, None)),
        max_rows=None,
        after_reading=False,
        request_id=UUID(await family.get("request_id")),
    )
    async with family.tenant.ctx.begin() as tx:
        return str((await add_rule(tx, new)).id)


Maker = Callable[[Family], Awaitable[str]]
MAKERS: dict[str, Maker] = {
    "member_id": member,
    "invite_id": invite,
    "token_id": token,
    "model_id": model,
    "budget_id": budget,
    "source_id": source,
    "source_version_id": source,
    "secret_source_id": source_with_password,
    "worker_id": worker,
    "query_id": query,
    "result_id": result,
    "export_id": export,
    "chart_id": chart,
    "document_id": document,
    "agent_id": agent,
    "definition_id": definition,
    "note_id": note,
    "copy_of_agent_id": lambda family: family.get("agent_id"),
    "fallback_model_id": model,
    "routing_model_id": model,
    "thread_id": thread,
    "chat_id": lambda family: family.get("thread_id"),
    "message_id": message,
    "parent_id": lambda family: family.get("message_id"),
    "run_id": run,
    "person_id": person,
    "request_id": request,
    "webhook_id": webhook,
    "delivery_id": delivery,
    "rule_id": rule,
}

# Bodies and parameters that the document alone does not tell how to fill; ids are placed into
# them afterwards.
SAID: dict[str, Any] = {"role": "user", "parts": [{"type": "text", "text": "x"}]}
DEFINED: dict[str, Any] = {"name": "x", "sql": "select 1 as one", "source_id": ""}
BODIES: dict[str, dict[str, Any]] = {
    "decide_request": {
        "decision_id": str(uuid4()),
        "revision": 1,
        "decisions": [{"action_id": "1", "type": "reject"}],
    },
    "decide_requests": {"ids": [], "type": "reject"},
    "resume_request": {"decisions": [{"action_id": "1", "type": "reject"}]},
    "snooze_request": {"until": None},
    "chat": {"id": "", "messages": [SAID], "message": SAID},
    "create_budget": {"unit": "tokens", "period": "day", "soft_limit": 1},
    "update_budget": {"hard_limit": 5},
    "create_definition": DEFINED | {"query_id": "", "query_version": 1},
    "edit_definition": DEFINED,
    "create_query": {"source_id": "", "sql": "select 1 as one"},
    # An address that is never asked, so that nothing is tried on a network.
    "try_draft": {
        "name": "x",
        "provider": "generic",
        "model_name": "x",
        "endpoint_url": "http://169.254.169.254/v1",
    },
    "test_draft": {"engine": "postgresql", "config": NOWHERE},
    "update_chart": {"title": "x"},
    "create_document": {"kind": "sheet", "title": "x"},
    "edit_document": {"title": "x"},
    "start_profile": {"table": "mine"},
    "stop_profile": {"table": "mine"},
    "put_write_connection": {"user": "writer"},
    "preview_request": {"action_id": "1"},
    "save_request_rule": {"action_id": "1"},
}
PARAMS: dict[str, dict[str, str]] = {
    "preview_table": {"table": "mine"},
    "get_profile": {"table": "mine"},
    "show_profile": {"column": "city"},
    "diff_agent": {"from": "draft"},
    "diff_definition": {"from": "1", "to": "1"},
    "diff_document": {"from": "1", "to": "1"},
}

# Numbers in a path that name a part of the object before them.
NUMBERS: dict[str, dict[str, str]] = {
    "get_agent_version": {"version": "1"},
    "get_definition_version": {"version": "1"},
    "get_document_version": {"version": "1"},
    "get_step": {"step": "queue"},
}

# What a call cannot do without besides ids.
SENT: dict[str, dict[str, str]] = {
    "save_draft": {"If-Match": '"1"'},
    "edit_definition": {"If-Match": '"1"'},
    "edit_document": {"If-Match": '"1"'},
}

# Where another kind of object than the parameter's name says is the harder test.
NOUNS: dict[tuple[str, str], str] = {
    ("decide_requests", "ids.[]"): "request_id",
    ("test_draft", "source_id"): "secret_source_id",
    ("put_write_connection", "source_id"): "secret_source_id",
    ("delete_write_connection", "source_id"): "secret_source_id",
    ("list_related_threads", "but"): "thread_id",
}

# Ids that the caller chooses for a new object: a foreign one is free, like an unknown one.
CLIENT_CHOSEN: frozenset[tuple[str, str]] = frozenset(
    {
        ("create_thread", "id"),
        ("chat", "id"),
        ("chat", "messages.[].id"),
        ("chat", "message.id"),
        ("chat", "messageId"),
    }
)

# Accepted for the sake of old clients and never looked at.
INERT: frozenset[tuple[str, str]] = frozenset({("get_studio_preview", "source_version_id")})

# Headers that name no object of an organization, or have a test of their own among the doors.
HEADERS: frozenset[str] = frozenset({"idempotency-key", "if-match", "last-event-id"})

# Operations of one object that are answered for the caller alone, whoever asks.
WEB_SOCKETS: frozenset[str] = frozenset({"/api/v1/ws"})
