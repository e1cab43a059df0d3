"""Small results that charts are drawn from: series with gaps, categories few and many, odd names."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

Row = dict[str, Any]
_CITIES: Final = ("Bern", "Lyon", "Porto", "Graz", "Tromsø", "São Paulo", "大阪", "N'Djamena")
_ODD: Final = (
    "net revenue", "it's", 'say "x"', "a.b", "a[0]", "Größe", "売上", "url", "href", "signal",
    "expr", "data", "toString", "select", "%", "x/y", "two  spaces", "😀", "datum", "key", "values",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class World:
    """A result.

    Attributes:
        times: Columns of moments.
        groups: Columns with few texts.
        names: Columns with many texts.
        measures: Columns of numbers.
    """

    times: tuple[str, ...]
    groups: tuple[str, ...]
    names: tuple[str, ...]
    measures: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def fields(self) -> list[str]:
        """All columns."""
        return [*self.times, *self.groups, *self.names, *self.measures]


def escaped(name: str) -> str:
    """A column as a spec names it: dots and brackets are not paths."""
    return "".join(f"\\{sign}" if sign in ".[]" else sign for sign in name)


def world(rng: random.Random) -> World:
    """Return a result of one of the kinds."""
    return rng.choice(_KINDS)(rng)


def _number(rng: random.Random) -> float | int | None:
    kind = rng.random()
    if kind < 0.06:
        return None
    if kind < 0.4:
        return rng.randint(0, 900)
    return round(rng.uniform(-50 if kind < 0.5 else 0, 1e6 if kind > 0.8 else 900), 2)


def _series(rng: random.Random) -> World:
    first, step = date(rng.randint(1995, 2025), 1, 1), rng.choice((1, 7, 30, 91, 365))
    days = [first + timedelta(days=step * i) for i in range(rng.randint(2, 40))]
    regions = _CITIES[: rng.randint(1, 5)]
    stamp = rng.choice(("", "T00:00:00", "T09:30:00Z"))
    rows = [
        {"day": f"{day}{stamp}", "region": region, "revenue": _number(rng), "orders": _number(rng)}
        for day in days
        for region in regions
        if rng.random() > 0.08
    ]
    return World(("day",), ("region",), (), ("revenue", "orders"), tuple(rows))


def _categories(rng: random.Random) -> World:
    rows = [
        {"city": city, "kind": kind, "revenue": _number(rng), "margin": _number(rng)}
        for city in _CITIES[: rng.randint(2, 8)]
        for kind in ("new", "known", None)[: rng.randint(1, 3)]
    ]
    return World((), ("city", "kind"), (), ("revenue", "margin"), tuple(rows))


def _many(rng: random.Random) -> World:
    rows = [
        {"customer": f"Customer {i}" + "x" * (i % 60), "spent": _number(rng), "visits": i % 9}
        for i in range(rng.randint(26, 120))
    ]
    return World((), (), ("customer",), ("spent", "visits"), tuple(rows))


def _odd_names(rng: random.Random) -> World:
    group, first, second = rng.sample(_ODD, 3)
    rows = [
        {group: city, first: _number(rng), second: _number(rng)}
        for city in _CITIES[: rng.randint(1, 8)]
    ]
    return World((), (group,), (), (first, second), tuple(rows))


def _edges(rng: random.Random) -> World:
    values: tuple[Any, ...] = rng.choice(
        (
            (),
            (None, None),
            (5,),
            ("9007199254740993", "9007199254740994"),
            (1e300, -1e300),
            (0, 0, 0),
            (1e-12, 2e-12),
            (True, False),
        )
    )
    rows = [
        {"when": f"2025-0{i + 1}-01", "name": None if i else "", "v": value, "w": i}
        for i, value in enumerate(values)
    ]
    return World(("when",), ("name",), (), ("v", "w"), tuple(rows))


_KINDS: Final[tuple[Callable[[random.Random], World], ...]] = (
    _series, _series, _series, _categories, _categories, _many, _odd_names, _odd_names, _edges,
)  # fmt: skip
