"""The guide's commands, as a reader would type them."""

import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.installation import Installation

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "first-chart.md"
_BLOCK = re.compile(r"^```sh( fails)?\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, bool]]:
    """The runnable blocks and whether each is meant to be refused."""
    return [
        (script, bool(fails)) for fails, script in _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    ]


@pytest.fixture(scope="module")
def signed_up(tmp_path_factory: pytest.TempPathFactory) -> Generator[Installation]:
    with Installation(tmp_path_factory.mktemp("guide") / "home") as running:
        running.sign_up()
        yield running


def test_the_commands_of_the_guide_work_in_order(signed_up: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "datelier").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m datelier "$@"\n', encoding="utf-8"
    )
    (folder / "datelier").chmod(0o755)
    env = signed_up.env | {
        "PATH": f"{folder}:{signed_up.env['PATH']}",
        "DATELIER_URL": signed_up.url,
    }
    assert len(blocks()) > 6
    for script, fails in blocks():
        done = subprocess.run(
            ["sh", "-ec", script],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert (done.returncode != 0) == fails, f"{script}\n{done.stdout}\n{done.stderr}"
        if fails:
            assert "Error: " in done.stderr
    assert (tmp_path / "customers.csv").stat().st_size > 1000
