"""The files that tests/support/distribution.py names are there, and none is given away twice."""

from pathlib import Path

from tests.support.distribution import LONGEST, SHARING, turn, unit_of
from tests.support.installation import ROOT


def test_every_named_file_is_there_and_is_in_one_unit() -> None:
    shared = [file for files in SHARING.values() for file in files]
    assert len(shared) == len(set(shared))
    missing = [name for name in {*shared, *LONGEST} - set(SHARING) if not (ROOT / name).exists()]
    assert missing == []
    assert {unit_of(name) for name in shared} == set(SHARING)
    assert [unit_of(name) for name in LONGEST if name not in SHARING] == [
        name for name in LONGEST if name not in SHARING
    ]


def test_what_is_longest_begins_first_and_journeys_last() -> None:
    first, other = "tests/runs/test_fail_points.py::test_x", "tests/wire/test_arrow.py::test_x"
    journey = "tests/browser/test_first_chart.py::test_x"
    assert sorted([journey, other, first], key=turn) == [first, other, journey]


def test_what_changes_the_network_runs_in_one_process_before_the_other_journeys() -> None:
    cables = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if "import network" in path.read_text(encoding="utf-8") and path.name != Path(__file__).name
    }
    assert len({unit_of(file) for file in cables}) == 1
    assert not any(turn(f"{file}::test_x")[0] for file in cables)
