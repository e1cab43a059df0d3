"""A database as an earlier version of the schema left it."""

from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from alembic import command
from alembic.config import Config

from datelier import migrations
from datelier.kit.ids import uuid7
from datelier.migrations.upgrade import HEAD, current_revision, upgrade
from tests.support.cluster import Cluster

Connection = psycopg.Connection[Any]


def earlier_database(cluster: Cluster, revision: str) -> str:
    """Return the URL of a new database at `revision`; the cluster must have the roles already."""
    url = cluster.create(f"at_{revision}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["url"] = url
    command.upgrade(config, revision)
    return url


def old_organization(connection: Connection) -> UUID:
    """Insert an organization, as every version of the schema takes it."""
    org = uuid7()
    connection.execute(
        "insert into organization (id, name, slug) values (%s, 'Old', %s)", (org, org.hex)
    )
    return org


def old_source(connection: Connection, org: UUID, name: str = "Old") -> UUID:
    """Insert a source, as every version of the schema since 0003 takes it."""
    source = uuid7()
    connection.execute(
        "insert into source (id, org_id, number, name, engine, config) "
        "values (%s, %s, 1, %s, 'postgresql', '{\"host\": \"db\"}')",
        (source, org, name),
    )
    return source


def bring_up_to_date(url: str) -> None:
    """Run what is missing; there was something missing, and nothing is afterwards."""
    assert upgrade(url) is True
    assert current_revision(url) == HEAD


def assert_walled(connection: Connection, *tables: str) -> None:
    """Row-level security holds for each table, for its owner as well."""
    found = connection.execute(
        "select relname from pg_class where relname = any(%s) "
        "and relrowsecurity and relforcerowsecurity",
        (list(tables),),
    ).fetchall()
    assert {name for (name,) in found} == set(tables)
