"""The migration to notes of results, from a database that already has a query."""

import psycopg

from datelier.kit.ids import uuid7
from tests.support.cluster import Cluster
from tests.support.earlier import bring_up_to_date, earlier_database, old_organization


def test_queries_that_were_there_have_no_notes(cluster: Cluster, template_url: str) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0025_document_renewal")
    with psycopg.connect(url) as connection:
        org = old_organization(connection)
        # The query and its source are not what is tried here.
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "insert into query_version (id, org_id, query_id, version, sql, requested_sql, status, "
            "author_kind, author_name, row_limit) "
            "values (%s, %s, %s, 1, 'select 1', 'select 1', 'done', 'user', 'Ada', 10)",
            (uuid7(), org, uuid7()),
        )
    bring_up_to_date(url)
    with psycopg.connect(url) as connection:
        found = connection.execute("select sql, notes from query_version").fetchall()
    assert found == [("select 1", [])]
