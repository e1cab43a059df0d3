"""One installation with the sample, for commands that need a server."""

from collections.abc import Generator

import pytest

from tests.support.installation import Installation


@pytest.fixture(scope="session")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Generator[Installation]:
    """`datelier up` whose first account also signed in the command line."""
    with Installation(tmp_path_factory.mktemp("cli") / "home") as running:
        running.sign_up()
        running.call("POST", "/sources/sample")
        yield running
