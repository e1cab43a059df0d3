"""People of one organization on an installation of their own, with a mail server and a receiver."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from datelier.channels import endpoints, preferences
from datelier.channels.delivering import Deliverer
from datelier.channels.schemas import (
    KindPreferences,
    NotificationsIn,
    WebhookIn,
    WebhookMade,
)
from datelier.identity.scopes import ROLE_SCOPES, Role
from datelier.inbox import service as inbox
from datelier.inbox.service import NewRequest, Waiter
from datelier.kit.blobs import Blobs
from datelier.kit.context import Context, Resources
from datelier.kit.crypto import Cipher
from datelier.kit.db import Database
from datelier.kit.settings import Settings
from tests.channels.sinks import MailServer, Receiver, mail_server, receiving
from tests.conftest import make_org
from tests.inbox.conftest import action, make_person
from tests.runs.conftest import watching

SENDER = "datelier@example.com"


@dataclass
class Town:
    """An organization whose `ada` starts things; every test has a new one."""

    resources: Resources
    org_id: UUID
    ada: Context
    dana: Context
    mail: MailServer
    hook: Receiver
    deliverer: Deliverer = field(init=False)

    def __post_init__(self) -> None:
        self.deliverer = Deliverer(self.resources)

    async def person(self, name: str, role: Role = "builder") -> Context:
        made = await make_person(self.resources, self.org_id, name)
        await self.sql(
            "update membership set role = :role where person_id = :id", role=role, id=made.actor.id
        )
        return replace(made, scopes=ROLE_SCOPES[role])

    async def ask(self, by: Context | None = None, **change: Any) -> UUID:
        """Open a request as the product does."""
        owner = (by or self.ada).actor.id
        made: dict[str, Any] = {
            "kind": "approval",
            "title": "Steward wants to clean orders",
            "actions": [action(args={"table": "SECRET-ARGUMENT"})],
            "preview": {"rows": "SECRET-ROW"},
            "waiter": Waiter(owner_id=owner),
        }
        async with (by or self.ada).begin() as tx:
            return (await inbox.open_request(tx, NewRequest(**(made | change)))).id

    async def choose(self, who: Context, **kinds: dict[str, Any]) -> None:
        wanted = NotificationsIn(kinds=KindPreferences.model_validate(kinds))
        async with who.begin() as tx:
            await preferences.save_notifications(tx, wanted)

    async def add_hook(self, who: Context, *, organization: bool = False) -> WebhookMade:
        new = WebhookIn(name="Hook", url=self.hook.url, organization=organization)
        return await endpoints.create_webhook(who, new)

    async def go(self) -> None:
        """Do all that is due now, and wait for its end."""
        while await self.deliverer.look_once():
            await self.deliverer.settle_all()

    async def later(self) -> None:
        """Let the time of the next attempt come, and do it."""
        await self.sql("update delivery set next_at = now() where status = 'waiting'")
        await self.go()

    async def digest(self) -> None:
        """Let the time of the next digest come, as a process that has just started sees it."""
        await self.sql("update notification_preference set digest_at = now() - interval '1 hour'")
        self.deliverer = Deliverer(self.resources)
        await self.go()

    async def sql(self, statement: str, **values: Any) -> list[Any]:
        async with self.resources.db.system() as session:
            result: Any = await session.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    async def deliveries(self, columns: str = "status, attempts, last_error") -> list[Any]:
        return await self.sql(f"select {columns} from delivery order by id")


def email(ctx: Context) -> str:
    return f"{ctx.actor.id}@example.com"


@pytest.fixture
async def resources(fresh_url: str, tmp_path: Path) -> AsyncGenerator[Resources]:
    """An installation of its own: what is due in other organizations is due here, too."""
    db = Database(fresh_url, pool_size=6)
    settings = Settings(home=tmp_path, port=0, gateway_port=0)
    yield Resources(settings, db, Blobs(tmp_path / "blobs"), Cipher(bytes(range(32))))
    await db.close()


@pytest.fixture
async def town(resources: Resources) -> AsyncGenerator[Town]:
    async with watching(resources) as engine, mail_server() as mail, receiving() as hook:
        own = engine.resources
        settings = own.settings
        settings.smtp_host, settings.smtp_port = "127.0.0.1", mail.port
        settings.smtp_security, settings.smtp_from = "none", SENDER
        settings.http_hosts = [f"127.0.0.1:{hook.port}"]
        org_id = await make_org(own, "Works")
        people = [await make_person(own, org_id, name) for name in ("Ada", "Dana")]
        ada, dana = (replace(one, scopes=ROLE_SCOPES["admin"]) for one in people)
        yield Town(own, org_id, ada, dana, mail, hook)
