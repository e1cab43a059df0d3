"""Every test here that asks for `subject` runs once per engine."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from datelier.worker.engines.base import Engine
from datelier.worker.engines.opening import Engines
from tests.engines.subjects import SUBJECTS, Subject


@pytest.fixture(scope="session", params=list(SUBJECTS))
def subject(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Subject]:
    """An engine with data; skipped by name where its server is not installed."""
    with SUBJECTS[request.param](tmp_path_factory.mktemp(str(request.param))) as made:
        yield made


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
