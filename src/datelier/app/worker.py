"""`datelier worker start` on the machine of an installation: its own token, its own authority."""

from datelier.app.local_worker import local_worker_token
from datelier.app.resources import open_quietly
from datelier.kit.settings import Settings


async def own_worker_token(settings: Settings) -> str:
    """Return the token of this installation's own worker, registered when needed."""
    async with open_quietly(settings) as resources:
        return await local_worker_token(resources)
