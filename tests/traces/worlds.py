"""Schemas made up from a seed: the code under test has never seen them."""

import random
from dataclasses import dataclass
from decimal import Decimal

from datelier.queries.trace.tables import Table

ENTITIES = {
    "ferry": ["Aurora", "Blue Heron", "Caspian", "Dunlin", "Estuary Queen", "Fjordland", "Gannet"],
    "ward": ["Acorn", "Birch Wing", "Cedar", "Dogwood", "Elm House", "Foxglove", "Gorse"],
    "hive": ["Amber", "Bramble", "Clover Hill", "Daffodil", "Elder", "Fennel", "Gentian"],
    "theatre": ["Apollo", "Bijou", "Corona", "Drury", "Empire Hall", "Fortune", "Grand"],
    "vineyard": [
        "Altamira",
        "Bellavista",
        "Cantos",
        "Doña Rosa",
        "El Prado",
        "Finca Sol",
        "Gredos",
    ],
    "depot": ["Depot 11", "Depot 12", "Depot 23", "Depot 24", "Depot 37", "Depot 48", "Depot 51"],
    "sensor": ["KX-101", "KX-102", "LM-207", "LM-208", "NP-330", "NP-331", "QR-455"],
    "kurs": ["Keramik", "Malerei", "Stickerei", "Tanz", "Yoga am See", "Chor", "Fechten"],
}
# name of a column, what people call it, lowest, highest, decimals, unit written behind
MEASURES = [
    ("passengers", "passengers", 1000, 99_000, 0, ""),
    ("admissions", "admissions", 130, 9_900, 0, ""),
    ("tickets_sold", "tickets sold", 120, 88_000, 0, ""),
    ("honey_kg", "honey", 11, 900, 1, "kg"),
    ("delay_minutes", "delay", 11, 400, 1, "minutes"),
    ("fuel_litres", "fuel", 1_000, 70_000, 0, "litres"),
    ("takings_eur", "takings", 10_000, 4_000_000, 2, "EUR"),
    ("grants_usd", "grants", 10_000, 9_000_000, 2, "USD"),
    ("occupancy_pct", "occupancy", 11, 99, 1, "%"),
    ("defect_share_percent", "defect share", 1, 40, 2, "%"),
    ("distance_km", "distance", 100, 9_000, 1, "km"),
    ("net_change", "net change", -9_000, 9_000, 0, ""),
]


@dataclass(frozen=True)
class Measure:
    column: str
    said: str
    places: int
    unit: str

    @property
    def is_change(self) -> bool:
        return self.column == "net_change"


@dataclass(frozen=True)
class World:
    """One result over a made-up schema."""

    entity: str
    measures: tuple[Measure, ...]
    table: Table

    @property
    def names(self) -> list[str]:
        return [str(name) for name in self.table.data[0]]

    def value(self, row: int, measure: int) -> Decimal:
        return Decimal(str(self.table.data[measure + 1][row]))

    def pick(self, rnd: random.Random) -> tuple[int, int, str, Decimal]:
        """A cell: its row, its measure, what the row is called, the value."""
        row = rnd.randrange(len(self.names))
        measure = rnd.randrange(len(self.measures))
        return row, measure, self.names[row], self.value(row, measure)

    def unit(self, measure: int) -> str:
        """What stands behind a figure of a measure."""
        unit = self.measures[measure].unit
        return unit if unit in {"", "%"} else f" {unit}"


def make_world(rnd: random.Random) -> World:
    """A result with a label column and two or three measures; no two numbers look alike."""
    while True:
        world = _try_world(rnd)
        if world is not None:
            return world


def _try_world(rnd: random.Random) -> World | None:
    entity = rnd.choice(list(ENTITIES))
    names = rnd.sample(ENTITIES[entity], rnd.randint(3, 6))
    chosen = rnd.sample(MEASURES, rnd.randint(1, 3))
    taken: list[Decimal] = []
    columns: list[list[object]] = [list(names)]
    types = ["string"]
    for _, _, low, high, places, _ in chosen:
        column: list[object] = []
        for _ in names:
            value = _fresh(rnd, (low, high, places), taken)
            if value is None:
                return None
            column.append(str(value))
        columns.append(column)
        types.append("decimal" if places else "int64")
    label = rnd.choice([entity, f"{entity}_name"])
    table = Table(
        rnd.randint(1, 9),
        rnd.randint(1, 3),
        (label, *(m[0] for m in chosen)),
        tuple(types),
        columns,
    )
    measures = tuple(Measure(c, said, places, unit) for c, said, _, _, places, unit in chosen)
    return World(entity, measures, table)


def _fresh(rnd: random.Random, span: tuple[int, int, int], taken: list[Decimal]) -> Decimal | None:
    low, high, places = span
    for _ in range(60):
        value = Decimal(rnd.randint(low * 10**places, high * 10**places)).scaleb(-places)
        # Far enough from all others that roundings cannot meet; never round itself.
        near = any(abs(abs(value) - abs(other)) <= abs(other) / 8 + 3 for other in taken)
        if not near and abs(value) > 12 and value % 10 and abs(value) != 100:
            taken.append(value)
            return value
    return None
