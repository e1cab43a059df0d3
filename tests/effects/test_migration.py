"""The migration to effects, from a database that already has sources."""

import psycopg

from tests.support.cluster import Cluster
from tests.support.earlier import (
    assert_walled,
    bring_up_to_date,
    earlier_database,
    old_organization,
    old_source,
)


def test_what_was_there_stays_and_no_source_can_be_written_to(
    cluster: Cluster, template_url: str
) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0014_indexes")
    with psycopg.connect(url) as connection:
        source = old_source(connection, old_organization(connection), "Shop")
        connection.execute("update source set secret = 'sealed' where id = %s", (source,))
    bring_up_to_date(url)
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "select name, secret, write_config, write_secret from source"
        ).fetchall()
        assert found == [("Shop", b"sealed", None, None)]
        assert connection.execute("select count(*) from effect").fetchone() == (0,)
        assert_walled(connection, "effect")
