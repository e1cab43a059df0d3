"""The migrations of effects, from databases that already have sources and effects."""

import psycopg

from datelier.kit.ids import uuid7
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


def test_effects_are_found_by_their_run_after_the_migration_and_stay_what_they_were(
    cluster: Cluster, template_url: str
) -> None:
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0023_spreading")
    run = uuid7()
    with psycopg.connect(url) as connection:
        org = old_organization(connection)
        connection.execute(
            "insert into effect (id, org_id, key, run_id, tool_call_id, kind) "
            "values (%s, %s, %s, %s, 'call', 'sql')",
            (uuid7(), org, f"{run}:call", run),
        )
        # What a process left that died while it built the index.
        connection.execute("create index effect_run on effect (org_id)")
    bring_up_to_date(url)
    with psycopg.connect(url) as connection:
        found = connection.execute("select run_id, state from effect").fetchall()
        assert found == [(run, "intended")]
        indexes = dict(
            connection.execute(
                "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index "
                "where indisvalid and indrelid in ('effect'::regclass, 'request_event'::regclass)"
            ).fetchall()
        )
        assert indexes["effect_run"].endswith("(org_id, run_id)")
        assert "(spread_at) WHERE" in indexes["request_event_spread"]
        connection.execute("set enable_seqscan = off")
        plan = connection.execute(
            "explain select * from effect where org_id = %s and run_id = %s", (org, run)
        ).fetchall()
        assert "effect_run" in str(plan)
