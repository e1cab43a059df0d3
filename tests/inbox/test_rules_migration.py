"""The migration to standing approvals, from a database that already has an agent and a request."""

import psycopg

from datelier.kit.ids import uuid7
from datelier.migrations.upgrade import HEAD, current_revision, upgrade
from tests.support.cluster import Cluster
from tests.support.earlier import earlier_database


def test_what_was_there_stays_and_nothing_is_allowed_without_asking(
    cluster: Cluster, template_url: str
) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0018_chart_figures")
    org, agent, person = uuid7(), uuid7(), uuid7()
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into organization (id, name, slug) values (%s, 'Old', %s)", (org, org.hex)
        )
        connection.execute(
            "insert into person (id, email, name) values (%s, 'a@example.com', 'Ada')", (person,)
        )
        connection.execute(
            "insert into agent (id, org_id, number, name, slug, draft) "
            "values (%s, %s, 1, 'Old', 'old', '{}')",
            (agent, org),
        )
        connection.execute(
            "insert into request (id, org_id, number, kind, title, actions, agent_id) "
            "values (%s, %s, 1, 'approval', 'May I?', '[]', %s)",
            (uuid7(), org, agent),
        )
    assert upgrade(url) is True
    assert current_revision(url) == HEAD
    with psycopg.connect(url) as connection:
        assert connection.execute("select title, status from request").fetchall() == [
            ("May I?", "pending")
        ]
        rule = uuid7()
        connection.execute(
            "insert into approval_rule (id, org_id, number, agent_id, tool, definition_hash, "
            "terms, after_reading, saved_by_id, saved_by_name) "
            "values (%s, %s, 1, %s, 't', 'h', '{}', false, %s, 'Ada')",
            (rule, org, agent, person),
        )
        # A rule outlives its author's account, and then covers nothing.
        connection.execute("delete from person where id = %s", (person,))
        found = connection.execute("select saved_by_id, saved_by_name from approval_rule")
        assert found.fetchall() == [(None, "Ada")]
        for table in ("approval_rule", "approval_rule_use"):
            row = connection.execute(
                "select relrowsecurity, relforcerowsecurity from pg_class where relname = %s",
                (table,),
            ).fetchone()
            assert row == (True, True), table
