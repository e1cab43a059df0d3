"""What an evaluation has found so far, so that one that was interrupted can go on."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from datelier.evals.report import CaseReport
from datelier.evals.suite import Suite


def fingerprint(suites: Sequence[Suite], *who: str) -> str:
    """Return what tells an evaluation from every other: its questions, and who answers them."""
    whole = [list(who), [suite.model_dump(mode="json") for suite in suites]]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:24]


class Journal:
    """One file per evaluation, a line per question that was asked; gone when all were.

    Args:
        folder: Where journals are kept.
        name: The evaluation's fingerprint.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.jsonl"

    def read(self) -> list[CaseReport]:
        """Return what was found before the interruption; a line that was cut off is asked again."""
        found: list[CaseReport] = []
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        for line in lines:
            try:
                found.append(CaseReport.model_validate_json(line))
            except ValidationError:
                continue
        return [case for case in found if case.status != "error"]

    def start(self, known: Sequence[CaseReport]) -> None:
        """Begin with what is known already."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.write_text("".join(_line(case) for case in known), encoding="utf-8")

    def add(self, case: CaseReport) -> None:
        """Keep one more entry."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(_line(case))

    def remove(self) -> None:
        """Forget it: the evaluation has come to its end."""
        self._path.unlink(missing_ok=True)


def _line(case: CaseReport) -> str:
    return case.model_dump_json() + "\n"
