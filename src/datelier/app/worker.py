"""`datelier worker start` on the machine of an installation: its own token, its own authority."""

from datelier.app.database import database_url
from datelier.app.local_worker import local_worker_token
from datelier.app.resources import open_resources
from datelier.kit.settings import Settings


def _quiet(_sentence: str) -> None:
    """Progress that nobody watches."""


async def own_worker_token(settings: Settings) -> str:
    """Return the token of this installation's own worker, registered when needed."""
    async with (
        database_url(settings, _quiet) as url,
        open_resources(settings, url, _quiet) as resources,
    ):
        return await local_worker_token(resources)
