"""Bring the platform database to this version's schema, under a lock."""

from pathlib import Path

import psycopg
from psycopg import sql

from datelier.kit.db import APP_ROLE, SYSTEM_ROLE
from datelier.kit.errors import Unavailable

HEAD = "0023_spreading"
_LOCK = 0x0DA7E11E
_EARLIER = (
    "0001_identity 0002_llms 0003_sources 0004_queries 0005_artifacts 0006_agents 0007_threads "
    "0008_runs 0009_worker_join 0010_source_privacy 0011_agents 0012_inbox "
    "0013_limits 0014_indexes 0015_effects 0016_definitions 0017_conventions "
    "0018_chart_figures 0020_rules 0021_channels 0022_documents"
)
REVISIONS = (*_EARLIER.split(), HEAD)
_MINIMUM = 150_000


class SchemaMismatch(Unavailable):
    """The database's schema was made by another version of the product."""

    code = "schema_mismatch"


def current_revision(url: str) -> str | None:
    """Return the database's revision, or None for an empty database."""
    with psycopg.connect(url) as connection:
        return _revision(connection)


def _revision(connection: psycopg.Connection) -> str | None:
    found = connection.execute("select to_regclass('public.alembic_version')").fetchone()
    if found is None or found[0] is None:
        return None
    row = connection.execute("select version_num from alembic_version").fetchone()
    return str(row[0]) if row else None


def upgrade(url: str, *, to: str = HEAD) -> bool:
    """Create the roles and run what is missing of the schema; return whether anything ran.

    Several processes may start at once: they take turns on an advisory lock. A database that
    is up to date is only looked at, so a warm start does not import the migration library.

    Args:
        url: A `postgresql://` URL of the owner.
        to: Revision to stop at; tests fill an older schema with data first.

    Raises:
        SchemaMismatch: The database is newer than this version, or older than PostgreSQL 15.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.info.server_version < _MINIMUM:
            raise SchemaMismatch(
                f"PostgreSQL {connection.info.server_version // 10_000} is too old.",
                hint="Use PostgreSQL 15 or later.",
            )
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        try:
            revision = _revision(connection)
            if revision == to:
                return False
            if revision is not None and revision not in REVISIONS:
                raise SchemaMismatch(
                    f"The database's schema ({revision}) is newer than this version ({HEAD}).",
                    hint="Start the version that made it, or a later one.",
                )
            _ensure_roles(connection)
            _run_alembic(url, to)
        finally:
            connection.execute("select pg_advisory_unlock(%s)", (_LOCK,))
    return True


def _ensure_roles(connection: psycopg.Connection) -> None:
    for role in (APP_ROLE, SYSTEM_ROLE):
        known = connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
        connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(role)))
        connection.execute(
            sql.SQL("grant usage on schema public to {}").format(sql.Identifier(role))
        )


def _run_alembic(url: str, to: str) -> None:
    from alembic import command  # noqa: PLC0415  # lazy: 0.7 s, and only when there is something to do
    from alembic.config import Config  # noqa: PLC0415  # likewise

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    command.upgrade(config, to)
