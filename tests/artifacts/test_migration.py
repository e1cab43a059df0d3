"""The migration to figures of charts, from a database that already has a chart."""

import psycopg
from psycopg.types.json import Jsonb

from datelier.kit.ids import uuid7
from tests.support.cluster import Cluster
from tests.support.earlier import bring_up_to_date, earlier_database, old_organization


def test_charts_that_were_there_have_no_figures(cluster: Cluster, template_url: str) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0017_conventions")
    chart = uuid7()
    with psycopg.connect(url) as connection:
        org = old_organization(connection)
        # Queries and results are not what is tried here.
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "insert into chart (id, org_id, handle, title, description, spec, query_version_id, "
            "result_id, author_kind, author_name) "
            "values (%s, %s, 1, 'Old', 'Old', %s, %s, %s, 'agent', 'Analyst')",
            (chart, org, Jsonb({"mark": "bar"}), uuid7(), uuid7()),
        )
        connection.execute(
            "insert into chart_version (id, org_id, chart_id, version, title, spec, author_kind, "
            "author_name) values (%s, %s, %s, 1, 'Old', '{}', 'agent', 'Analyst')",
            (uuid7(), org, chart),
        )
    bring_up_to_date(url)
    with psycopg.connect(url) as connection:
        for table in ("chart", "chart_version"):
            found = connection.execute(f"select title, figures from {table}".encode()).fetchall()
            assert found == [("Old", [])]
