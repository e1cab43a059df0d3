"""One installation with the sample, for commands that need a server."""

from collections.abc import Generator

import pytest

from tests.cli.receiver import Receiver, receiving
from tests.support.installation import Installation


@pytest.fixture(scope="session")
def receiver() -> Generator[Receiver]:
    """A server that the installation may send requests to."""
    with receiving() as made:
        yield made


@pytest.fixture(scope="session")
def signed_in(
    tmp_path_factory: pytest.TempPathFactory, receiver: Receiver
) -> Generator[Installation]:
    """`datelier up` whose first account also signed in the command line."""
    home = tmp_path_factory.mktemp("cli") / "home"
    with Installation(home, http_hosts=receiver.host) as running:
        running.sign_up()
        running.call("POST", "/sources/sample")
        yield running
