"""One running installation for the evaluations."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.installation import Installation


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on the server that may be a source."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def installation(
    tmp_path_factory: pytest.TempPathFactory, data_folder: Path
) -> Generator[Installation]:
    """`datelier up` with its first account made."""
    home = tmp_path_factory.mktemp("evaluated") / "home"
    with Installation(home, allowed_folders=str(data_folder)) as running:
        running.sign_up()
        yield running
