"""The migration to definitions, from a database that already has sources and queries."""

import psycopg
import pytest

from datelier.kit.ids import uuid7
from datelier.migrations.upgrade import HEAD, current_revision, upgrade
from tests.support.cluster import Cluster
from tests.support.earlier import earlier_database

TABLES = ("definition", "definition_version", "definition_use")


def test_what_was_there_stays_and_nothing_is_defined(cluster: Cluster, template_url: str) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0015_effects")
    org, source, query = uuid7(), uuid7(), uuid7()
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into organization (id, name, slug) values (%s, 'Old', %s)", (org, org.hex)
        )
        connection.execute(
            "insert into source (id, org_id, number, name, engine, config) "
            "values (%s, %s, 1, 'Shop', 'postgresql', '{}')",
            (source, org),
        )
        connection.execute(
            "insert into query (id, org_id, handle, source_id) values (%s, %s, 1, %s)",
            (query, org, source),
        )
    assert upgrade(url) is True
    assert current_revision(url) == HEAD
    with psycopg.connect(url) as connection:
        for table, count in (("source", 1), ("query", 1), *((name, 0) for name in TABLES)):
            found = connection.execute(f"select count(*) from {table}".encode()).fetchone()
            assert found == (count,), table
        for table in TABLES:
            row = connection.execute(
                "select relrowsecurity, relforcerowsecurity from pg_class where relname = %s",
                (table,),
            ).fetchone()
            assert row == (True, True), table
    for role in ("datelier_app", "datelier_system"):
        for statement in (
            "update definition_version set note = 'x'",
            "delete from definition_version",
        ):
            with psycopg.connect(url) as connection:
                connection.execute(f"set role {role}")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
