"""The capability suite of `tests/engines` as a table: what each engine was seen to do.

As a pytest plugin it writes down how each test of the suite ended on each engine; `table` runs
the suite in a process of its own and reads that.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.engines.files_subject import FilesSubject
from tests.engines.maria_subject import MariaSubject
from tests.engines.postgres_subject import PostgresSubject
from tests.engines.sqlite_subject import SqliteSubject

ENGINES: Final = ("postgresql", "mysql", "sqlite", "files")
LACKS: Final[dict[str, dict[Any, str]]] = {
    kind.engine: kind.lacks for kind in (PostgresSubject, MariaSubject, SqliteSubject, FilesSubject)
}
_REPORT: Final = "DATELIER_CAPABILITIES"
_WORST: Final = ("yes", "not run", "NO")
_found: dict[str, dict[str, str]] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the worst that a capability did on an engine."""
    report = yield
    spec = getattr(item, "callspec", None)
    engine = spec.params.get("subject") if spec is not None else None
    if call.when != "teardown" and isinstance(engine, str):
        said = "NO" if report.failed else "not run" if report.skipped else "yes"
        name = item.name.partition("[")[0].removeprefix("test_").replace("_", " ")
        cells = _found.setdefault(name, {})
        cells[engine] = max(cells.get(engine, "yes"), said, key=_WORST.index)
    return report


def pytest_sessionfinish() -> None:
    """Hand over what was found."""
    report = os.environ[_REPORT]  # noqa: TID251 - of the process that started this one
    Path(report).write_text(json.dumps(_found), encoding="utf-8")


def table(arguments: Sequence[str] = ()) -> dict[str, dict[str, str]]:
    """By capability and engine: yes, NO, or not run."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "found.json"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "tests.walls.capabilities", "-p",
             "no:cacheprovider", "tests/engines", *arguments],
            env={**os.environ, _REPORT: str(report)},  # noqa: TID251 - children inherit it
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )  # fmt: skip
        if done.returncode not in {0, 1} or not report.is_file():
            raise RuntimeError(done.stdout[-2000:])
        return json.loads(report.read_text(encoding="utf-8"))
