"""Fixtures every test may use: a migrated platform database and contexts on it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from xdist.remote import Producer
from xdist.scheduler import Scheduling

from datelier.kit.blobs import Blobs
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.crypto import Cipher
from datelier.kit.db import Database
from datelier.kit.ids import uuid7
from datelier.kit.log import setup_logging
from datelier.kit.settings import Settings
from datelier.migrations import upgrade
from tests.support.cluster import Cluster
from tests.support.distribution import ByUnit, turn
from tests.support.installation import remove_databases

NewDatabase = Callable[[], str]

# As the product's processes do. Unconfigured, structlog draws each traceback with the values of
# all variables in it, which takes seconds.
setup_logging(Settings(log_format="json"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what takes longest first, and the browser journeys last.

    The driver of the browser keeps an event loop in this thread.
    """
    items.sort(key=lambda item: turn(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Share the tests among processes by :func:`unit_of`."""
    return ByUnit(config, log)


def pytest_sessionfinish() -> None:
    """As root, the database of an installation is not in its home, which is temporary."""
    remove_databases()


@pytest.fixture(scope="session")
def cluster() -> Generator[Cluster]:
    """One throw-away PostgreSQL server for the whole session."""
    server = Cluster()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def template_url(cluster: Cluster) -> str:
    """A migrated database; copy it for a test that needs an empty installation."""
    url = cluster.create("template_datelier")
    upgrade(url)
    return url


@pytest.fixture(scope="session")
def platform_url(cluster: Cluster, template_url: str) -> str:
    """The database most tests share: each makes an organization of its own."""
    return cluster.create("platform", template="template_datelier")


@pytest.fixture(scope="session")
def new_database(cluster: Cluster, template_url: str) -> NewDatabase:
    """Make an empty, migrated database for an installation and return its URL."""
    return lambda: cluster.create(f"t_{uuid7().hex}", template="template_datelier")


@pytest.fixture
def fresh_url(new_database: NewDatabase) -> str:
    """An empty, migrated installation for one test."""
    return new_database()


@pytest.fixture(scope="session")
async def resources(
    platform_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Resources]:
    """The process-wide resources on the shared database."""
    home: Path = tmp_path_factory.mktemp("home")
    db = Database(platform_url)
    yield Resources(
        settings=Settings(home=home, port=0, gateway_port=0),
        db=db,
        blobs=Blobs(home / "blobs"),
        cipher=Cipher(bytes(range(32))),
    )
    await db.close()


async def add_person(resources: Resources, org_id: UUID, name: str, role: str) -> UUID:
    """Insert a person and their membership of `org_id`; return the person's id."""
    person_id = uuid7()
    async with resources.db.system() as session:
        await session.execute(
            text("insert into person (id, email, name) values (:id, :email, :name)"),
            {"id": person_id, "email": f"{person_id}@example.com", "name": name},
        )
        await session.execute(
            text(
                "insert into membership (id, org_id, person_id, role) "
                "values (:id, :org, :person, :role)"
            ),
            {"id": uuid7(), "org": org_id, "person": person_id, "role": role},
        )
    return person_id


async def make_org(resources: Resources, name: str = "Test") -> UUID:
    """Insert an organization and return its id."""
    org_id = uuid7()
    async with resources.db.system() as session:
        await session.execute(
            text("insert into organization (id, name, slug) values (:id, :name, :slug)"),
            {"id": org_id, "name": name, "slug": org_id.hex},
        )
    return org_id


ALL_SCOPES = frozenset(
    f"{noun}:{verb}"
    for noun in (
        "source",
        "query",
        "chart",
        "thread",
        "run",
        "issue",
        "model",
        "member",
        "token",
        "audit",
        "worker",
        "org",
        "agent",
        "request",
        "write_connection",
        "http",
        "webhook",
        "definition",
        "document",
    )
    for verb in (
        *("get", "create", "update", "delete", "run", "stop", "manage", "decide", "write"),
        *("certify", "send"),
    )
)


@pytest.fixture
async def ctx(resources: Resources) -> Context:
    """A context of a new organization with every scope and no open transaction."""
    return Context(
        actor=Actor("user", None, "Test"),
        org_id=await make_org(resources),
        scopes=ALL_SCOPES,
        resources=resources,
    )


def wait_for(event: asyncio.Event, seconds: float = 10) -> asyncio.Task[bool]:
    """Return a task that ends when `event` is set, and fails after `seconds`."""
    return asyncio.create_task(asyncio.wait_for(event.wait(), seconds))
