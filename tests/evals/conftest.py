"""One running installation for the evaluations."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.conftest import NewDatabase
from tests.support.installation import Installation


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on the server that may be a source."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def installation(
    tmp_path_factory: pytest.TempPathFactory, data_folder: Path, new_database: NewDatabase
) -> Generator[Installation]:
    """`datelier up` with its first account made."""
    home = tmp_path_factory.mktemp("evaluated") / "home"
    settings = {"allowed_folders": str(data_folder), "database_url": new_database()}
    with Installation(home, **settings) as running:
        running.sign_up()
        yield running
