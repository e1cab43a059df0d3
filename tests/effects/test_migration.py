"""The migration to effects, from a database that already has sources."""

import psycopg

from datelier.kit.ids import uuid7
from datelier.migrations.upgrade import HEAD, current_revision, upgrade
from tests.support.cluster import Cluster
from tests.support.earlier import earlier_database


def test_what_was_there_stays_and_no_source_can_be_written_to(
    cluster: Cluster, template_url: str
) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0014_indexes")
    org, source = uuid7(), uuid7()
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into organization (id, name, slug) values (%s, 'Old', %s)", (org, org.hex)
        )
        connection.execute(
            "insert into source (id, org_id, number, name, engine, config, secret) "
            "values (%s, %s, 1, 'Shop', 'postgresql', '{\"host\": \"db\"}', 'sealed')",
            (source, org),
        )
    assert upgrade(url) is True
    assert current_revision(url) == HEAD
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "select name, secret, write_config, write_secret from source"
        ).fetchall()
        assert found == [("Shop", b"sealed", None, None)]
        assert connection.execute("select count(*) from effect").fetchone() == (0,)
        row = connection.execute(
            "select relrowsecurity, relforcerowsecurity from pg_class where relname = 'effect'"
        ).fetchone()
        assert row == (True, True)
