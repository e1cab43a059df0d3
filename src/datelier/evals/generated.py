"""Schemas made from a seed: names that nobody has seen, and questions with known answers.

The answers are computed here, from the rows, and not by a database: what a query gets wrong is wrong.
"""

import csv
import io
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from datelier.evals.suite import Case, Compare, Expect, GeneratedIn, ResultIn, Suite, ToleranceIn

_HEADS: Final = (
    "b",
    "br",
    "d",
    "dr",
    "f",
    "g",
    "gl",
    "k",
    "kr",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "t",
    "tr",
    "v",
    "z",
)
_VOWELS: Final = ("a", "e", "i", "o", "u")
_TAILS: Final = ("k", "l", "m", "n", "nd", "r", "rt", "x")
_START: Final = date(2025, 1, 1)
_DAYS: Final = 420
_MISSING: Final = 0.04

Row = tuple[int, str | None, str | None, Decimal | None, int, date]


@dataclass(frozen=True, slots=True)
class World:
    """One table of things that happened: two labels, two measures, a day.

    Attributes:
        name: Of the table.
        labels: Names of the two columns of texts; both may be NULL.
        decimal: Name of the column of decimals, which may be NULL.
        whole: Name of the column of whole numbers.
        day: Name of the column of days.
        rows: An id, the two labels, the two measures, the day.
    """

    name: str
    labels: tuple[str, str]
    decimal: str
    whole: str
    day: str
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in the order of the rows."""
        return (f"{self.name}_id", *self.labels, self.decimal, self.whole, self.day)

    def csv(self) -> str:
        """Return the table as CSV; NULL is nothing."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return file.getvalue()


def make_world(given: GeneratedIn) -> World:
    """Return the world of a seed; the same seed gives the same names and rows."""
    rnd = random.Random(given.seed)  # noqa: S311  # the same everywhere, not a secret
    words = _words(rnd)
    name, one, two, decimal, whole = (next(words) for _ in range(5))
    values = {
        column: [next(words).capitalize() for _ in range(rnd.randint(3, 6))]
        for column in (one, two)
    }

    def label(column: str) -> str | None:
        return None if rnd.random() < _MISSING else rnd.choice(values[column])

    rows = tuple(
        (
            number,
            label(one),
            label(two),
            None if rnd.random() < _MISSING else Decimal(rnd.randrange(100, 999_999)) / 100,
            rnd.randrange(1, 500),
            _START + timedelta(days=rnd.randrange(_DAYS)),
        )
        for number in range(1, given.rows + 1)
    )
    return World(name, (one, two), decimal, whole, f"{next(words)}_on", rows)


def make_cases(given: GeneratedIn, world: World, source: str) -> list[Case]:
    """Return questions about a world, of every kind in turn."""
    rnd = random.Random(given.seed + 1)  # noqa: S311  # the same everywhere, not a secret
    cases: list[Case] = []
    for number in range(given.questions):
        kind, make = _KINDS[number % len(_KINDS)]
        question, expect, compare = make(rnd, world)
        case = Case(
            id=f"{source}-{number + 1:02}-{kind}",
            question=question,
            source=source,
            tags=[kind],
            expect=expect,
            compare=compare,
        )
        cases.append(case)
    return cases


def with_questions(suite: Suite) -> Suite:
    """Return a suite with the questions about its generated sources."""
    made = [
        case
        for name, source in suite.sources.items()
        if source.generated is not None
        for case in make_cases(source.generated, make_world(source.generated), name)
    ]
    for case in made:
        case.agent, case.locale = suite.defaults.agent, suite.defaults.locale
    return suite.model_copy(update={"cases": [*suite.cases, *made]})


def _words(rnd: random.Random) -> Iterator[str]:
    known: set[str] = set()
    while True:
        parts = [rnd.choice(_HEADS) + rnd.choice(_VOWELS) for _ in range(rnd.randint(2, 3))]
        word = "".join(parts) + rnd.choice(_TAILS)
        # No word is the beginning of another: people would mix them up too.
        if not any(word.startswith(other[:4]) for other in known):
            known.add(word)
            yield word


_Made = tuple[str, Expect, Compare]
_NEAR: Final = Compare(tolerance=ToleranceIn(relative=1e-6))


def _result(rows: Iterable[Sequence[Any]]) -> Expect:
    return Expect(result=ResultIn(rows=[[_plain(value) for value in row] for row in rows]))


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _sums(world: World, key: Callable[[Row], Any]) -> dict[Any, Decimal]:
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    for row in world.rows:
        sums[key(row)] += row[3] or 0
    return sums


def _label(rnd: random.Random, world: World) -> tuple[int, str]:
    place = rnd.randrange(2)
    return place + 1, world.labels[place]


def _total(rnd: random.Random, world: World) -> _Made:
    place, name = _label(rnd, world)
    sums = _sums(world, lambda row: row[place])
    return f"Total {world.decimal} by {name}", _result(sums.items()), _NEAR


def _average(rnd: random.Random, world: World) -> _Made:
    place, name = _label(rnd, world)
    groups: dict[Any, list[int]] = defaultdict(list)
    for row in world.rows:
        groups[row[place]].append(row[4])
    rows = [(key, sum(found) / len(found)) for key, found in groups.items()]
    return f"Average {world.whole} by {name}", _result(rows), _NEAR


def _count(rnd: random.Random, world: World) -> _Made:  # noqa: ARG001  # as every kind is made
    question = f"How many rows are there in {world.name}?"
    return question, Expect(value=len(world.rows)), Compare()


def _count_by(rnd: random.Random, world: World) -> _Made:
    place, name = _label(rnd, world)
    counts: dict[Any, int] = defaultdict(int)
    for row in world.rows:
        counts[row[place]] += 1
    return f"Number of {world.name} by {name}", _result(counts.items()), Compare()


def _largest(rnd: random.Random, world: World) -> _Made:  # noqa: ARG001  # as every kind is made
    most = max(row[3] for row in world.rows if row[3] is not None)
    return f"What is the highest {world.decimal}?", Expect(value=float(most)), _NEAR


def _monthly(rnd: random.Random, world: World) -> _Made:  # noqa: ARG001  # as every kind is made
    sums = _sums(world, lambda row: row[5].replace(day=1).isoformat())
    compare = Compare(tolerance=ToleranceIn(relative=1e-6), ordered=True)
    return f"Total {world.decimal} by month", _result(sorted(sums.items())), compare


def _filtered(rnd: random.Random, world: World) -> _Made:
    place, name = _label(rnd, world)
    value = rnd.choice(sorted({str(row[place]) for row in world.rows if row[place] is not None}))
    count = sum(row[place] == value for row in world.rows)
    question = f'How many {world.name} where {name} is "{value}"?'
    return question, Expect(value=count), Compare()


def _unknown(rnd: random.Random, world: World) -> _Made:
    words = _words(rnd)
    unknown = next(word for word in words if word not in {world.decimal, world.whole})
    _, name = _label(rnd, world)
    return f"Total {unknown} by {name}", Expect(refusal=True), Compare()


_KINDS: Final[tuple[tuple[str, Callable[[random.Random, World], _Made]], ...]] = (
    ("total", _total),
    ("count", _count),
    ("average", _average),
    ("unknown", _unknown),
    ("count-by", _count_by),
    ("largest", _largest),
    ("monthly", _monthly),
    ("filtered", _filtered),
)
