"""Requirements and tests name each other, both ways."""

import re
from pathlib import Path

from tests.contracts.requirements import REQUIREMENTS

_MARK = re.compile(r"pytest\.mark\.contract\(([^)]*)\)")
_ID = re.compile(r'"([A-Z]+\d+)"')


def _marked() -> dict[str, list[str]]:
    """Contract ids named by tests, with the files that name them."""
    found: dict[str, list[str]] = {}
    for path in sorted(Path(__file__).parents[1].rglob("test_*.py")):
        for arguments in _MARK.findall(path.read_text(encoding="utf-8")):
            for contract_id in _ID.findall(arguments):
                found.setdefault(contract_id, []).append(path.name)
    return found


def test_every_requirement_has_a_test() -> None:
    assert sorted(set(REQUIREMENTS) - set(_marked())) == []


def test_every_marked_test_names_a_known_requirement() -> None:
    unknown = {key: files for key, files in _marked().items() if key not in REQUIREMENTS}
    assert unknown == {}
