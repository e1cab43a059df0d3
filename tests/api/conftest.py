"""A served application on the shared database, and the isolation matrix's worlds."""

from collections.abc import AsyncGenerator

import psycopg
import pytest

from datelier.kit.context import Resources
from datelier.kit.settings import Settings
from tests.api.world import MODES, World, opened_world
from tests.support.api import Served
from tests.support.cluster import Cluster


@pytest.fixture(scope="session")
async def served(resources: Resources) -> Served:
    """The application with identity's routes."""
    return Served(resources.db, resources.settings)


@pytest.fixture(scope="session")
def bare_url(cluster: Cluster, template_url: str) -> str:
    """An installation whose tables have no row-level security."""
    url = cluster.create("without_rls", template="template_datelier")
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "select relname from pg_class where relrowsecurity and relkind = 'r'"
        ).fetchall()
        assert tables
        for (name,) in tables:
            connection.execute(f'alter table "{name}" disable row level security'.encode())
    return url


@pytest.fixture(scope="module", params=MODES)
async def world(
    request: pytest.FixtureRequest,
    platform_url: str,
    bare_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[World]:
    """Two organizations behind both walls, then behind each wall alone."""
    url = bare_url if request.param == "only filters" else platform_url
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    async with opened_world(url, settings, request.param) as opened:
        yield opened
