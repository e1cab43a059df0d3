"""The migration to private sources, from a database that already has data."""

import psycopg

from tests.support.cluster import Cluster
from tests.support.earlier import (
    assert_walled,
    bring_up_to_date,
    earlier_database,
    old_organization,
    old_source,
)


def test_a_source_of_before_is_open_and_has_no_profile(cluster: Cluster, template_url: str) -> None:
    # The template has made the roles; this database starts one step before the migration.
    url = earlier_database(cluster, "0009_worker_join")
    with psycopg.connect(url) as connection:
        source = old_source(connection, old_organization(connection))
    bring_up_to_date(url)
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select private, private_columns, values_at from source where id = %s", (source,)
        ).fetchone()
        assert row == (False, [], None)
        assert_walled(connection, "column_profile", "value_index")
    assert template_url
