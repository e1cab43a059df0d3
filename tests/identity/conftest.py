"""A served application on the shared database."""

import pytest

from datelier.kit.context import Resources
from tests.support.api import Served


@pytest.fixture(scope="session")
async def served(resources: Resources) -> Served:
    """The application with identity's routes."""
    return Served(resources.db, resources.settings)
