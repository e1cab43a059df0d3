"""The migration to the inbox, from a database that already has runs and an audit log."""

import psycopg

from datelier.kit.ids import uuid7
from datelier.migrations.upgrade import HEAD, current_revision, upgrade
from tests.support.cluster import Cluster
from tests.support.earlier import earlier_database


def test_what_was_there_stays_and_the_inbox_is_empty(cluster: Cluster, template_url: str) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0011_agents")
    org, run = uuid7(), uuid7()
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into organization (id, name, slug) values (%s, 'Old', %s)", (org, org.hex)
        )
        connection.execute(
            "insert into run (id, org_id, graph, actor, kind, status, finished_at) "
            "values (%s, %s, 'plain', '{}', 'background', 'succeeded', now())",
            (run, org),
        )
        connection.execute(
            "insert into audit_entry (id, org_id, actor_kind, actor_name, action, target_kind, "
            "target_id, correlation_id) values (%s, %s, 'user', 'Ada', 'run.started', 'run', %s, 'c')",
            (uuid7(), org, run),
        )
    assert upgrade(url) is True
    assert current_revision(url) == HEAD
    with psycopg.connect(url) as connection:
        for table, count in (("run", 1), ("audit_entry", 1), ("request", 0), ("decision", 0)):
            found = connection.execute(f"select count(*) from {table}".encode()).fetchone()
            assert found == (count,), table
        for table in ("request", "decision"):
            row = connection.execute(
                "select relrowsecurity, relforcerowsecurity from pg_class where relname = %s",
                (table,),
            ).fetchone()
            assert row == (True, True), table
