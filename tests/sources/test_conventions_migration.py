"""The migration to conventions and notes, from a database that already has a source."""

import psycopg

from datelier.kit.ids import uuid7
from datelier.migrations.upgrade import HEAD, current_revision, upgrade
from tests.support.cluster import Cluster
from tests.support.earlier import earlier_database


def test_a_source_of_before_has_no_conventions_and_no_agent_remembers(
    cluster: Cluster, template_url: str
) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0016_definitions")
    org, source = uuid7(), uuid7()
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into organization (id, name, slug) values (%s, 'Old', %s)", (org, org.hex)
        )
        connection.execute(
            "insert into source (id, org_id, number, name, engine, config) "
            "values (%s, %s, 1, 'Old', 'files', '{}')",
            (source, org),
        )
    assert upgrade(url) is True
    assert current_revision(url) == HEAD
    with psycopg.connect(url) as connection:
        assert connection.execute("select name, conventions from source").fetchall() == [
            ("Old", {})
        ]
        assert connection.execute("select count(*) from agent_note").fetchone() == (0,)
        walls = connection.execute(
            "select relrowsecurity, relforcerowsecurity from pg_class where relname = 'agent_note'"
        ).fetchone()
        assert walls == (True, True)
