"""A pytest plugin that writes down, by name, each test that did not run, and why.

`make test` reads the file named in DATELIER_TEST_LEFT_OUT and says it at the very end.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

_left_out: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped:
        _left_out.append(f"{report.nodeid}: {_reason(report.longrepr)}")


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _left_out.append(f"{report.nodeid}: {_reason(report.longrepr)}")


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    _left_out.extend(f"{item.nodeid}: deselected" for item in items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = os.environ.get("DATELIER_TEST_LEFT_OUT")  # noqa: TID251  # set by scripts/test.py
    if path:
        Path(path).write_text(json.dumps(_left_out), encoding="utf-8")


def _reason(found: object) -> str:
    if isinstance(found, tuple):  # (file, line, "Skipped: why")
        return str(cast("tuple[Any, ...]", found)[-1]).removeprefix("Skipped: ")
    return str(found)
