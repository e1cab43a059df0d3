"""The migration to the channels, from a database that already has members and requests."""

import psycopg

from datelier.kit.ids import uuid7
from datelier.migrations.upgrade import HEAD, current_revision, upgrade
from tests.support.cluster import Cluster
from tests.support.earlier import earlier_database

TABLES = ("request_event", "notification_preference", "webhook", "delivery")


def test_what_was_there_stays_and_nobody_is_told_of_it(cluster: Cluster, template_url: str) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0020_rules")
    org, person = uuid7(), uuid7()
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into organization (id, name, slug) values (%s, 'Old', %s)", (org, org.hex)
        )
        connection.execute(
            "insert into person (id, email, name) values (%s, 'ada@example.com', 'Ada')", (person,)
        )
        connection.execute(
            "insert into membership (id, org_id, person_id, role) values (%s, %s, %s, 'owner')",
            (uuid7(), org, person),
        )
        connection.execute(
            "insert into request (id, org_id, number, kind, title, owner_id) "
            "values (%s, %s, 1, 'approval', 'Old', %s)",
            (uuid7(), org, person),
        )
    assert upgrade(url) is True
    assert current_revision(url) == HEAD
    with psycopg.connect(url) as connection:
        for table, count in (("request", 1), ("membership", 1), *((name, 0) for name in TABLES)):
            found = connection.execute(f"select count(*) from {table}".encode()).fetchone()
            assert found == (count,), table
        for table in TABLES:
            row = connection.execute(
                "select relrowsecurity, relforcerowsecurity from pg_class where relname = %s",
                (table,),
            ).fetchone()
            assert row == (True, True), table
