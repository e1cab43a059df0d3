"""Migrations on a database that already holds data, not only on an empty one."""

import psycopg
import pytest

from datelier.migrations import upgrade
from tests.support.cluster import Cluster

ORG, OTHER = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"
WORKER, LOCAL = "00000000-0000-7000-8000-000000000011", "00000000-0000-7000-8000-000000000012"


@pytest.fixture
def of_0008(cluster: Cluster) -> str:
    """A database of revision 0008 with an organization's source and workers, one attached."""
    url = cluster.create("from_0008")
    upgrade(url, to="0008_runs")
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into organization (id, name, slug) values (%s, 'A', 'a'), (%s, 'B', 'b')",
            (ORG, OTHER),
        )
        connection.execute(
            "insert into source (id, org_id, number, name, engine, config) "
            "values (gen_random_uuid(), %s, 1, 'Shop', 'postgresql', '{\"host\": \"db\"}')",
            (ORG,),
        )
        connection.execute(
            "insert into worker (id, org_id, name, token_hash, local) values "
            "(%s, %s, 'own', '\\x01', false), (%s, null, 'local', '\\x02', true)",
            (WORKER, ORG, LOCAL),
        )
        connection.execute(
            "insert into worker_session (id, worker_id, org_id, replica, address, version, engines,"
            " slots) values (gen_random_uuid(), %s, %s, 'r', 'h:1', '0.1.0', '[\"files\"]', 8)",
            (WORKER, ORG),
        )
    return url


def test_0009_keeps_sources_and_workers_and_lets_an_organization_revoke_its_own(
    of_0008: str,
) -> None:
    assert upgrade(of_0008)
    with psycopg.connect(of_0008, autocommit=True) as connection:
        source = connection.execute("select credentials, worker_source, name from source")
        assert source.fetchall() == [("platform", None, "Shop")]
        kept = connection.execute(
            "select name, engines, sources, last_error from worker order by 1"
        )
        assert kept.fetchall() == [("local", [], [], None), ("own", [], [], None)]
        session = connection.execute("select sources, load, draining from worker_session")
        assert session.fetchall() == [([], 0, False)]
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("update source set credentials = 'worker'")

        def as_member(org: str, statement: str) -> int:
            with connection.transaction():
                connection.execute("set local role datelier_app")
                connection.execute("select set_config('datelier.org', %s, true)", (org,))
                return connection.execute(statement.encode()).rowcount

        revoke = "update worker set revoked_at = now()"
        assert as_member(OTHER, revoke) == 0
        assert as_member(ORG, revoke) == 1  # never the installation's
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_member(ORG, "update worker set token_hash = ''")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_member(ORG, "select token_hash from worker")
    assert not upgrade(of_0008)
