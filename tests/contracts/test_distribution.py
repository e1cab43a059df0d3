"""The files that tests/support/distribution.py names are there, and none is given away twice."""

from tests.support.distribution import LONGEST, SHARING, turn, unit_of
from tests.support.installation import ROOT


def test_every_named_file_is_there_and_is_in_one_unit() -> None:
    shared = [
        f"{unit.partition(':')[0]}/test_{name}.py"
        for unit, names in SHARING.items()
        for name in names
    ]
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
