"""The migration to definitions, from a database that already has sources and queries."""

import psycopg
import pytest

from datelier.kit.ids import uuid7
from tests.support.cluster import Cluster
from tests.support.earlier import (
    assert_walled,
    bring_up_to_date,
    earlier_database,
    old_organization,
    old_source,
)

TABLES = ("definition", "definition_version", "definition_use")


def test_what_was_there_stays_and_nothing_is_defined(cluster: Cluster, template_url: str) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0015_effects")
    with psycopg.connect(url) as connection:
        org = old_organization(connection)
        source = old_source(connection, org)
        connection.execute(
            "insert into query (id, org_id, handle, source_id) values (%s, %s, 1, %s)",
            (uuid7(), org, source),
        )
    bring_up_to_date(url)
    with psycopg.connect(url) as connection:
        for table, count in (("source", 1), ("query", 1), *((name, 0) for name in TABLES)):
            found = connection.execute(f"select count(*) from {table}".encode()).fetchone()
            assert found == (count,), table
        assert_walled(connection, *TABLES)
    for role in ("datelier_app", "datelier_system"):
        for statement in (
            "update definition_version set note = 'x'",
            "delete from definition_version",
        ):
            with psycopg.connect(url) as connection:
                connection.execute(f"set role {role}")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
