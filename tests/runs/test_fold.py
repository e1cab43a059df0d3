"""The fold, on the logs that its twin in the browser is tested on too."""

import json
from pathlib import Path
from typing import Any

import pytest

from datelier.runs.fold import Fold

LOGS = sorted((Path(__file__).parents[1] / "fixtures" / "run_logs").glob("*.json"))


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_recorded_log_folds_into_the_recorded_parts(path: Path) -> None:
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    view = Fold()
    for seq, part in case["parts"]:
        view.add(seq, part)
    assert view.parts == case["folded"]
    assert view.phase == case["phase"]


def test_there_are_recorded_logs() -> None:
    assert len(LOGS) > 10
