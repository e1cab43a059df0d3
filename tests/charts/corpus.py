"""Every case of the corpus, and what the guard says of it."""

import copy
import random
from dataclasses import dataclass
from typing import Any, Literal

from datelier.artifacts.chart_guard import checked_spec
from datelier.artifacts.errors import ChartRefused
from datelier.kit.errors import FieldError
from tests.charts.hostile import hostile_spec, lookalike_spec
from tests.charts.valid import valid_spec
from tests.charts.worlds import Row, world

Wanted = Literal["drawn", "refused"]


@dataclass(frozen=True, slots=True)
class Case:
    """A chart that somebody asks for.

    Attributes:
        wanted: What must become of it.
        spec: As it was sent.
    """

    number: int
    kind: str
    wanted: Wanted
    spec: dict[str, Any]
    fields: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the guard made of a case: a clean spec, or its reasons."""

    kept: dict[str, Any] | None
    problems: tuple[FieldError, ...] = ()


def cases(seed: int, count: int) -> list[Case]:
    """Return the corpus of a seed: of ten cases five are honest, four hostile, one looks so."""
    return [_case(seed, number) for number in range(count)]


def _case(seed: int, number: int) -> Case:
    rng = random.Random(f"{seed}:{number}")
    over = world(rng)
    turn = number % 10
    wanted: Wanted = "drawn"
    if turn < 5:
        kind, spec = valid_spec(rng, over, number // 10 * 5 + turn)
    elif turn < 9:
        wanted = "refused"
        kind, spec = hostile_spec(rng, over, number // 10 * 4 + turn)
    else:
        kind, spec = lookalike_spec(rng, over)
    return Case(number, kind, wanted, spec, tuple(over.fields), over.rows)


def ruled(case: Case) -> Ruling:
    """Return what the guard says; it must leave what it was given as it is."""
    sent = copy.deepcopy(case.spec) if case.kind != "deep nesting" else case.spec
    try:
        kept = checked_spec(case.spec, case.fields, case.rows)
    except ChartRefused as error:
        return Ruling(None, tuple(error.errors or ()))
    assert sent == case.spec, "the guard changed what it was given"
    return Ruling(kept)


def faults(case: Case, ruling: Ruling) -> list[str]:
    """Return what is wrong with a ruling."""
    if case.wanted == "drawn" and ruling.kept is None:
        return [f"refused: {ruling.problems[0]}"]
    if case.wanted == "refused" and ruling.kept is not None:
        return ["accepted"]
    if any(not one["path"] or len(one["message"]) < 8 for one in ruling.problems):
        return [f"no reason: {ruling.problems}"]
    return []
