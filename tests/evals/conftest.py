"""One running installation for the evaluations."""

from collections.abc import Generator

import pytest

from tests.support.installation import Installation


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Generator[Installation]:
    """`datelier up` with its first account made."""
    with Installation(tmp_path_factory.mktemp("evaluated") / "home") as running:
        running.sign_up()
        yield running
