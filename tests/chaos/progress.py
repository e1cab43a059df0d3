"""How far a run of the command has come, in a file that outlives it."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self


@dataclass
class Progress:
    """What was done so far.

    Attributes:
        done: Faults of rounds that were judged.
        seconds: How long those rounds took.
        silence: The longest that a run said nothing, in seconds.
        hits: Fail points at which processes died, in order.
        broken: Every broken promise.
    """

    seed: int
    done: int = 0
    seconds: float = 0
    answers: int = 0
    decisions: int = 0
    effects: int = 0
    silence: float = 0
    faults: dict[str, int] = field(default_factory=dict[str, int])
    errands: dict[str, int] = field(default_factory=dict[str, int])
    statuses: dict[str, int] = field(default_factory=dict[str, int])
    hits: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])

    @classmethod
    def resumed(cls, state: Path | None, seed: int | None, otherwise: int) -> Self:
        """Return what a file tells, or a beginning.

        Args:
            state: The file, which need not be there.
            seed: The seed that was asked for.
            otherwise: The seed of a beginning where none was asked for.

        Raises:
            SystemExit: The file is of another seed.
        """
        if state is None or not state.exists():
            return cls(otherwise if seed is None else seed)
        found = cls(**json.loads(state.read_text(encoding="utf-8")))
        if seed not in (None, found.seed):
            raise SystemExit(f"{state} is of seed {found.seed}, not {seed}")
        return found

    def keep(self, state: Path | None) -> None:
        """Write it down, whole or not at all."""
        if state is not None:
            beside = state.with_name(f"{state.name}.new")
            beside.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
            beside.replace(state)


def added(counts: dict[str, int], more: Iterable[str]) -> dict[str, int]:
    """Return counts with a few more of each."""
    return dict(Counter(counts) + Counter(more))
