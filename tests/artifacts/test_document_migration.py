"""The migration to documents, from a database that already has a chart and its result."""

import psycopg
import pytest

from datelier.kit.ids import uuid7
from datelier.migrations.upgrade import HEAD, current_revision, upgrade
from tests.support.cluster import Cluster
from tests.support.earlier import earlier_database

TABLES = ("document", "document_version")


def test_what_was_there_stays_and_versions_cannot_be_changed(
    cluster: Cluster, template_url: str
) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0021_channels")
    org = uuid7()
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into organization (id, name, slug) values (%s, 'Old', %s)", (org, org.hex)
        )
    assert upgrade(url) is True
    assert current_revision(url) == HEAD
    with psycopg.connect(url) as connection:
        assert connection.execute("select name from organization").fetchall() == [("Old",)]
        for table in TABLES:
            row = connection.execute(
                "select relrowsecurity, relforcerowsecurity from pg_class where relname = %s",
                (table,),
            ).fetchone()
            assert row == (True, True), table
    for role in ("datelier_app", "datelier_system"):
        for statement in (
            "update document_version set content = 'x'",
            "delete from document_version",
        ):
            with psycopg.connect(url) as connection:
                connection.execute(f"set role {role}")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
