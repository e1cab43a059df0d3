"""A database as an earlier version of the schema left it."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from datelier import migrations
from tests.support.cluster import Cluster


def earlier_database(cluster: Cluster, revision: str) -> str:
    """Return the URL of a new database at `revision`; the cluster must have the roles already."""
    url = cluster.create(f"at_{revision}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["url"] = url
    command.upgrade(config, revision)
    return url
