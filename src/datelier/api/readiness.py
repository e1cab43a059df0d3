"""What a server needs before it may get traffic."""

from sqlalchemy import text

from datelier.kit.db import Database
from datelier.migrations.upgrade import HEAD


async def database_answers(db: Database) -> bool:
    """Return whether a statement goes through."""
    async with db.engine.connect() as connection:
        return (await connection.execute(text("select 1"))).scalar_one() == 1


async def schema_is_current(db: Database) -> bool:
    """Return whether the database has the schema of this version.

    Read as the owner: the request role has no business with the migration table.
    """
    async with db.engine.connect() as connection:
        revision = await connection.execute(text("select version_num from alembic_version"))
        return revision.scalar_one_or_none() == HEAD
