"""One running installation for the flows that do not need a fresh one."""

from collections.abc import Generator

import pytest

from tests.conftest import NewDatabase
from tests.support.installation import Installation


@pytest.fixture(scope="session")
def installation(
    tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase
) -> Generator[Installation]:
    """`datelier up` with its first account made; shared, so flows make their own sources."""
    home = tmp_path_factory.mktemp("installation") / "home"
    with Installation(home, database_url=new_database()) as running:
        running.sign_up()
        yield running
