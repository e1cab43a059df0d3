"""The migration to documents, from a database that already has a chart and its result."""

import psycopg
import pytest

from datelier.kit.ids import uuid7
from datelier.migrations.upgrade import HEAD, current_revision, upgrade
from tests.support.cluster import Cluster
from tests.support.earlier import bring_up_to_date, earlier_database, old_organization

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


def test_a_document_of_before_was_neither_renewed_nor_left_behind(
    cluster: Cluster, template_url: str
) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0024_lookups")
    with psycopg.connect(url) as connection:
        org, document = old_organization(connection), uuid7()
        connection.execute(
            "insert into document (id, org_id, handle, kind) values (%s, %s, 1, 'code')",
            (document, org),
        )
        connection.execute(
            "insert into document_version (id, org_id, document_id, version, title, content, "
            "author_kind, author_name) values (%s, %s, %s, 1, 'Old', 'x', 'agent', 'Analyst')",
            (uuid7(), org, document),
        )
    bring_up_to_date(url)
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select left_behind, renewed_from, content from document join document_version v "
            "on v.document_id = document.id"
        ).fetchone()
        assert row == (None, None, "x")
