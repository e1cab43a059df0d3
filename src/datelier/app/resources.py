"""What every process of the product holds: database, files, keys."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text

from datelier.app.database import Say, database_url
from datelier.kit.blobs import Blobs
from datelier.kit.context import Resources
from datelier.kit.crypto import Cipher, load_key
from datelier.kit.db import Database
from datelier.kit.errors import Unavailable
from datelier.kit.settings import Settings
from datelier.migrations import upgrade

_SEALED = text(
    "select exists (select 1 from model where api_key is not null) "
    "or exists (select 1 from source where secret is not null) "
    "or exists (select 1 from webhook)"
)


class StartFailed(Unavailable):
    """A process cannot start; the hint says what to do."""

    code = "start_failed"


@asynccontextmanager
async def open_resources(settings: Settings, url: str, say: Say) -> AsyncGenerator[Resources]:
    """Bring the schema up to date and yield the process's resources.

    Raises:
        StartFailed: The database does not answer, or holds secrets whose key is missing.
        SchemaMismatch: The schema belongs to another version.
    """
    _check_address(url)
    try:
        if await asyncio.to_thread(upgrade, url):
            say("The database schema is up to date.")
    except psycopg.errors.InsufficientPrivilege as error:
        raise StartFailed(
            f"The platform database refused: {str(error).splitlines()[0]}.",
            hint="docs/howto/split-processes.md says what the role in DATELIER_DATABASE_URL needs.",
        ) from None
    except psycopg.OperationalError as error:
        # The driver's text may hold the connection's address and user, never the password.
        raise StartFailed(
            f"The platform database does not answer: {str(error).splitlines()[0]}",
            hint="Check DATELIER_DATABASE_URL and that PostgreSQL is running.",
        ) from None
    db = Database(url, pool_size=settings.database_pool)
    try:
        yield Resources(
            settings=settings,
            db=db,
            blobs=Blobs(settings.home / "blobs"),
            cipher=Cipher(await _secret_key(settings, db)),
        )
    finally:
        await db.close()


@asynccontextmanager
async def open_quietly(settings: Settings) -> AsyncGenerator[Resources]:
    """Yield the resources of a command that is over in a moment: nobody watches its progress.

    Raises:
        PostgresFailed, StartFailed, SchemaMismatch: As the start of any process.
    """
    async with (
        database_url(settings, _unheard) as url,
        open_resources(settings, url, _unheard) as resources,
    ):
        yield resources


def _unheard(_sentence: str) -> None:
    """Progress that nobody watches."""


def _check_address(url: str) -> None:
    understood = False
    if url.startswith(("postgresql://", "postgres://")):
        with suppress(psycopg.ProgrammingError):
            conninfo_to_dict(url)
            understood = True
    if not understood:
        # The driver's own text may hold the whole address, password included.
        raise StartFailed(
            "The address of the platform database cannot be understood.",
            hint="DATELIER_DATABASE_URL looks like postgresql://user:password@host:5432/database.",
        )


async def _secret_key(settings: Settings, db: Database) -> bytes:
    async with db.system() as session:
        sealed = bool((await session.execute(_SEALED)).scalar_one())
    configured = settings.secret_key.get_secret_value() if settings.secret_key else None
    try:
        return await asyncio.to_thread(load_key, configured, settings.home, create=not sealed)
    except FileNotFoundError:
        raise StartFailed(
            "The database holds sealed secrets, but there is no secret key to open them.",
            hint=f"Put the key back at {settings.home / 'secret.key'}, or set DATELIER_SECRET_KEY.",
        ) from None
    except ValueError:
        raise StartFailed(
            "The secret key is not base64 of 32 bytes.", hint="Check DATELIER_SECRET_KEY."
        ) from None
