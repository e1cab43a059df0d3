"""The migration to conventions and notes, from a database that already has a source."""

import psycopg

from tests.support.cluster import Cluster
from tests.support.earlier import (
    assert_walled,
    bring_up_to_date,
    earlier_database,
    old_organization,
    old_source,
)


def test_a_source_of_before_has_no_conventions_and_no_agent_remembers(
    cluster: Cluster, template_url: str
) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0016_definitions")
    with psycopg.connect(url) as connection:
        old_source(connection, old_organization(connection))
    bring_up_to_date(url)
    with psycopg.connect(url) as connection:
        assert connection.execute("select name, conventions from source").fetchall() == [
            ("Old", {})
        ]
        assert connection.execute("select count(*) from agent_note").fetchone() == (0,)
        assert_walled(connection, "agent_note")
