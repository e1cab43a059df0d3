"""The migration to the inbox, from a database that already has runs and an audit log."""

import psycopg

from datelier.kit.ids import uuid7
from tests.support.cluster import Cluster
from tests.support.earlier import (
    assert_walled,
    bring_up_to_date,
    earlier_database,
    old_organization,
)


def test_what_was_there_stays_and_the_inbox_is_empty(cluster: Cluster, template_url: str) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0011_agents")
    run = uuid7()
    with psycopg.connect(url) as connection:
        org = old_organization(connection)
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
    bring_up_to_date(url)
    with psycopg.connect(url) as connection:
        for table, count in (("run", 1), ("audit_entry", 1), ("request", 0), ("decision", 0)):
            found = connection.execute(f"select count(*) from {table}".encode()).fetchone()
            assert found == (count,), table
        assert_walled(connection, "request", "decision")
