"""Organizations beside the first one, made by people who hold the machine."""

from uuid import UUID

from datelier.app.resources import open_quietly
from datelier.app.wiring import ON_ORGANIZATION_CREATED
from datelier.identity.provision import Provisioning
from datelier.identity.sign_up import create_organization
from datelier.identity.wiring import register_identity
from datelier.kit.settings import Settings


async def add_organization(settings: Settings, *, name: str, owner: str) -> UUID:
    """Create an organization with all that a new one starts with, and return its id.

    Args:
        settings: Name the installation's database.
        name: What people see.
        owner: E-mail address of somebody who has an account.

    Raises:
        NotFound: Nobody has that address.
    """
    async with open_quietly(settings) as resources:
        register_identity(resources, Provisioning(ON_ORGANIZATION_CREATED))
        return await create_organization(resources, name=name, owner_email=owner)
