"""The migration to private sources, from a database that already has data."""

import psycopg

from datelier.kit.ids import uuid7
from datelier.migrations.upgrade import HEAD, current_revision, upgrade
from tests.support.cluster import Cluster
from tests.support.earlier import earlier_database


def test_a_source_of_before_is_open_and_has_no_profile(cluster: Cluster, template_url: str) -> None:
    # The template has made the roles; this database starts one step before the migration.
    url = earlier_database(cluster, "0009_worker_join")
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
        row = connection.execute(
            "select private, private_columns, values_at from source where id = %s", (source,)
        ).fetchone()
        assert row == (False, [], None)
        for table in ("column_profile", "value_index"):
            found = connection.execute(
                "select relrowsecurity, relforcerowsecurity from pg_class where relname = %s",
                (table,),
            ).fetchone()
            assert found == (True, True)
    assert template_url
