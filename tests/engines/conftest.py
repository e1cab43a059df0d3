"""Every test here that asks for `subject` runs once per engine."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from datelier.worker.engines.base import Engine
from datelier.worker.engines.opening import Engines
from tests.engines.maria_subject import MariaSubject
from tests.engines.subjects import SUBJECTS, Subject


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Subject]]:
    """Starts the subject of an engine once; skips where its server is not installed."""
    made: dict[str, Subject] = {}
    with ExitStack() as stack:

        def started(name: str) -> Subject:
            if name not in made:
                made[name] = stack.enter_context(SUBJECTS[name](tmp_path_factory.mktemp(name)))
            return made[name]

        yield started


@pytest.fixture(scope="session", params=list(SUBJECTS))
def subject(request: pytest.FixtureRequest, start: Callable[[str], Subject]) -> Subject:
    """An engine with data."""
    return start(request.param)


@pytest.fixture(scope="session")
def maria(start: Callable[[str], Subject]) -> MariaSubject:
    """MariaDB, for what only it has."""
    found = start("mysql")
    assert isinstance(found, MariaSubject)
    return found


@pytest.fixture
async def engines(tmp_path: Path, subject: Subject) -> AsyncIterator[Engines]:
    """What a worker has, for one test."""
    place = subject.source.get("folder") or subject.source.get("path")
    made = Engines(str(tmp_path), (str(Path(place).parent),) if place else ())
    yield made
    await made.close()


@pytest.fixture
async def engine(engines: Engines, subject: Subject) -> AsyncIterator[Engine]:
    """The engine of the subject for one action, open."""
    made = engines.engine(subject.source)
    await made.open()
    yield made
    await made.close()
