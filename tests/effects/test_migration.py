"""The migration to effects, from a database that already has sources."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config

from datelier import migrations
from datelier.kit.ids import uuid7
from datelier.migrations.upgrade import HEAD, current_revision, upgrade
from tests.support.cluster import Cluster


def test_what_was_there_stays_and_no_source_can_be_written_to(
    cluster: Cluster, template_url: str
) -> None:
    assert template_url  # it has made the roles
    url = cluster.create("before-effects")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["url"] = url
    command.upgrade(config, "0014_indexes")
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
