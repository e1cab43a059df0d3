"""Which PostgreSQL a process uses: the embedded one, or the operator's."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from datelier.kit.embedded_postgres import EmbeddedPostgres
from datelier.kit.settings import Settings

Say = Callable[[str], None]


@asynccontextmanager
async def database_url(settings: Settings, say: Say) -> AsyncGenerator[str]:
    """Yield the URL of the platform database; the embedded server runs meanwhile.

    Args:
        settings: `database_url` selects an external server.
        say: Told a sentence before each step that may take a while.

    Raises:
        PostgresFailed: The embedded server cannot be started; the error says what to do.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    postgres = EmbeddedPostgres(settings.home)
    server = await asyncio.to_thread(postgres.start, say)
    try:
        yield server.url
    finally:
        await asyncio.to_thread(postgres.stop)
