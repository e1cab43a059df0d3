"""A pytest plugin that writes down, by name, each test that failed or did not run, and why.

`make test` reads the file named in DATELIER_TEST_OUTCOMES and says at the very end what was left
out. Where several processes share the tests, what is left out while collecting is known to them
alone: they hand it to the one that leads.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from xdist import is_xdist_worker
from xdist.workermanage import WorkerController

# Under which a process that takes part hands its names to the one that leads.
_KEY = "datelier_left_out"
_left_out: dict[str, None] = {}
_failed: dict[str, None] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _failed[report.nodeid] = None
    if report.skipped:
        _left_out[f"{report.nodeid}: {_reason(report.longrepr)}"] = None


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _left_out[f"{report.nodeid}: {_reason(report.longrepr)}"] = None


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    _left_out.update((f"{item.nodeid}: deselected", None) for item in items)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    _left_out.update((name, None) for name in getattr(node, "workeroutput", {}).get(_KEY, ()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if is_xdist_worker(session):
        output = cast("dict[str, Any]", vars(session.config)["workeroutput"])  # xdist adds it
        output[_KEY] = list(_left_out)
        return
    path = os.environ.get("DATELIER_TEST_OUTCOMES")  # noqa: TID251  # set by scripts/test.py
    if path:
        outcomes = {"left_out": list(_left_out), "failed": list(_failed)}
        Path(path).write_text(json.dumps(outcomes), encoding="utf-8")


def _reason(found: object) -> str:
    if isinstance(found, tuple):  # (file, line, "Skipped: why")
        return str(cast("tuple[Any, ...]", found)[-1]).removeprefix("Skipped: ")
    return str(found)
