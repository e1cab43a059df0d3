"""Help for people who hold the machine: links that need no mail server."""

from datelier.app.home import address_of
from datelier.app.resources import open_quietly
from datelier.identity.links import create_reset_link
from datelier.kit.settings import Settings


async def reset_link(settings: Settings, email: str) -> str:
    """Return the address at which the person with `email` can choose a new password, once.

    Raises:
        NotFound: Nobody has that address.
    """
    async with open_quietly(settings) as resources:
        return address_of(settings) + await create_reset_link(resources, email)
