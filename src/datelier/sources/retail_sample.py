"""The Retail sample: two years of a small shop chain, always the same, with faults to find.

Planted on purpose:

- missing values: `customers.email`, `customers.city`, `orders.discount`, `products.supplier`;
- duplicates: about 60 orders occur twice, as if a delivery had been loaded again;
- a late file: the last days of July 2025 arrived in September (`deliveries`, `orders.loaded_at`);
- an outlier month: in March 2026 the web shop could not take payments for twenty days, so its
  orders are missing while stores and phone go on, and `returns` says so in its reasons.
"""

import calendar
import csv
import io
import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Final

MONTHS: Final = 26
FIRST_MONTH: Final = date(2024, 9, 1)
OUTAGE: Final = (date(2026, 3, 3), date(2026, 3, 22))
LATE: Final = (date(2025, 7, 28), date(2025, 7, 31))
LATE_LOADED: Final = date(2025, 9, 2)
_PER_DAY: Final = 59
_SEASON: Final = (0.86, 0.96, 0.97, 0.98, 1.0, 1.02, 0.97, 0.93, 1.0, 1.06, 1.22, 1.38)

_REGIONS: Final = ("North", "South", "East", "West")
_CHANNELS: Final = ("web", "store", "phone")
_CATEGORIES: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    "Kitchen": (("Kettle", 39), ("Pan", 28), ("Knife set", 62), ("Toaster", 45), ("Scales", 19)),
    "Living": (("Lamp", 54), ("Cushion", 17), ("Rug", 118), ("Clock", 33), ("Vase", 24)),
    "Garden": (("Chair", 72), ("Hose", 29), ("Planter", 21), ("Grill", 189), ("Shears", 26)),
    "Office": (("Desk lamp", 41), ("Chair mat", 37), ("Notebook", 6), ("Shelf", 83), ("Pen", 3)),
    "Outdoor": (("Tent", 149), ("Bottle", 18), ("Backpack", 79), ("Torch", 22), ("Mug", 11)),
}
_FINISHES: Final = ("Basic", "Classic", "Pro", "Mini")
_FIRST: Final = (
    "Ada",
    "Ben",
    "Cleo",
    "Dana",
    "Emil",
    "Fay",
    "Gus",
    "Hana",
    "Ivo",
    "June",
    "Kai",
    "Lena",
    "Milo",
    "Nora",
    "Omar",
    "Pia",
    "Quin",
    "Rosa",
    "Sam",
    "Tess",
    "Uma",
    "Vito",
    "Wim",
    "Xena",
    "Yara",
    "Zoe",
)
_LAST: Final = (
    "Abel",
    "Berg",
    "Costa",
    "Diaz",
    "Evans",
    "Fuchs",
    "Garcia",
    "Haas",
    "Ito",
    "Jansen",
    "Klein",
    "Lopez",
    "Moreau",
    "Novak",
    "Olsen",
    "Petit",
    "Rossi",
    "Silva",
    "Tanaka",
    "Weber",
)
_CITIES: Final = ("Lyon", "Porto", "Graz", "Ghent", "Turin", "Malmo", "Leeds", "Bremen")
_REASONS: Final = ("damaged", "wrong size", "changed mind", "late delivery")

Row = tuple[object, ...]
_ORDERS: Final = (
    "order_id",
    "ordered_at",
    "customer_id",
    "customer_name",
    "product_id",
    "category",
    "region",
    "channel",
    "quantity",
    "unit_price",
    "discount",
    "revenue",
    "status",
    "loaded_at",
)


@dataclass(frozen=True, slots=True)
class SampleTable:
    """A table of the sample and its file, relative to the sample's folder."""

    table: str
    path: str
    columns: tuple[str, ...]


TABLES: Final = (
    SampleTable("orders", "orders.csv", _ORDERS),
    SampleTable(
        "customers",
        "customers.csv",
        ("customer_id", "name", "email", "city", "region", "signed_up_on"),
    ),
    SampleTable(
        "products", "products.csv", ("product_id", "name", "category", "price", "supplier")
    ),
    SampleTable(
        "returns", "returns.csv", ("return_id", "order_id", "returned_on", "reason", "amount")
    ),
    SampleTable(
        "deliveries", "deliveries.csv", ("file", "month", "rows", "expected_on", "arrived_on")
    ),
)


def retail_rows() -> dict[str, list[Row]]:
    """Return the rows of every table, with cells in the order of its columns.

    Takes about a second: call it off the event loop.
    """
    rng = random.Random(20240901)  # noqa: S311  # the same data everywhere, not a secret
    products = _products(rng)
    customers = _customers(rng)
    orders = list(_orders(rng, customers, products))
    returns = _returns(rng, orders)
    orders += [orders[position] for position in rng.sample(range(len(orders)), 60)]
    return {
        "orders": orders,
        "customers": customers,
        "products": products,
        "returns": returns,
        "deliveries": _deliveries(orders),
    }


def write_retail_sample(folder: Path) -> int:
    """Write the sample's files into an empty folder; return the number of order rows.

    Takes about a second: call it off the event loop.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = retail_rows()
    for table in TABLES:
        text = io.StringIO()
        text.write(",".join(table.columns) + "\n")
        csv.writer(text, lineterminator="\n").writerows(rows[table.table])
        (folder / table.path).write_text(text.getvalue(), encoding="utf-8")
    return len(rows["orders"])


def _products(rng: random.Random) -> list[Row]:
    rows: list[Row] = []
    for category, items in _CATEGORIES.items():
        for item, price in items:
            for step, finish in enumerate(_FINISHES):
                cost = round(price * (0.8 + 0.25 * step), 2)
                supplier = None if rng.random() < 0.08 else f"Supplier {rng.randint(1, 12)}"
                rows.append((len(rows) + 1, f"{finish} {item.lower()}", category, cost, supplier))
    return rows


def _customers(rng: random.Random) -> list[Row]:
    rows: list[Row] = []
    for number in range(1, 2001):
        name = f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"
        mail = f"{name.lower().replace(' ', '.')}{number}@example.com"
        rows.append(
            (
                number,
                name,
                None if rng.random() < 0.06 else mail,
                None if rng.random() < 0.04 else rng.choice(_CITIES),
                rng.choice(_REGIONS),
                FIRST_MONTH - timedelta(days=rng.randint(1, 900)),
            )
        )
    return rows


def _orders(rng: random.Random, customers: list[Row], products: list[Row]) -> Iterator[Row]:
    # A few customers buy much more than the rest: shares are worth asking for.
    weights = list(accumulate(1 / (rank + 3) ** 0.8 for rank in range(len(customers))))
    number = 10_000
    for index in range(MONTHS):
        year, month0 = divmod(FIRST_MONTH.month - 1 + index, 12)
        year += FIRST_MONTH.year
        days = calendar.monthrange(year, month0 + 1)[1]
        level = _SEASON[month0] * (1 + 0.006 * index)
        for day in (date(year, month0 + 1, n) for n in range(1, days + 1)):
            count = round(_PER_DAY * level * rng.uniform(0.85, 1.15))
            buyers = rng.choices(customers, cum_weights=weights, k=count)
            for buyer in buyers:
                channel = _CHANNELS[_weighted(rng, (62, 92, 100))]
                if channel == "web" and OUTAGE[0] <= day <= OUTAGE[1]:
                    continue
                number += 1
                yield _order(rng, number, day, (buyer, rng.choice(products), channel))


def _order(rng: random.Random, number: int, day: date, sale: tuple[Row, Row, str]) -> Row:
    buyer, product, channel = sale
    quantity = (1, 2, 3, 4, 6)[_weighted(rng, (60, 82, 92, 97, 100))]
    price = float(str(product[3]))
    discount = (
        None if rng.random() < 0.05 else (0.0, 0.05, 0.1, 0.2)[_weighted(rng, (70, 85, 95, 100))]
    )
    revenue = round(quantity * price * (1 - (discount or 0.0)), 2)
    moment = datetime(day.year, day.month, day.day) + timedelta(  # noqa: DTZ001  # shop-local time
        seconds=rng.randint(8 * 3600, 21 * 3600)
    )
    loaded = LATE_LOADED if LATE[0] <= day <= LATE[1] else day + timedelta(days=1)
    status = ("completed", "cancelled", "pending")[_weighted(rng, (95, 99, 100))]
    return (
        number,
        moment,
        buyer[0],
        buyer[1],
        product[0],
        product[2],
        buyer[4],
        channel,
        quantity,
        price,
        discount,
        revenue,
        status,
        loaded,
    )


def _weighted(rng: random.Random, cumulative: tuple[int, ...]) -> int:
    """A position by percentages that add up; `Random.choices` costs three times as much."""
    return bisect(cumulative, rng.random() * 100, 0, len(cumulative) - 1)


def _returns(rng: random.Random, orders: list[Row]) -> list[Row]:
    rows: list[Row] = []
    for order in orders:
        placed = order[1]
        assert isinstance(placed, datetime)
        outage = OUTAGE[0] - timedelta(days=4) <= placed.date() <= OUTAGE[0] and order[7] == "web"
        if rng.random() >= (0.3 if outage else 0.05):
            continue
        reason = "payment failed" if outage else rng.choice(_REASONS)
        back = placed.date() + timedelta(days=rng.randint(2, 30))
        rows.append((len(rows) + 1, order[0], back, reason, order[11]))
    return rows


def _deliveries(orders: list[Row]) -> list[Row]:
    """One file per month of orders, and the one that came five weeks late."""
    counts: dict[tuple[date, bool], int] = {}
    for order in orders:
        placed = order[1]
        assert isinstance(placed, datetime)
        key = (date(placed.year, placed.month, 1), LATE[0] <= placed.date() <= LATE[1])
        counts[key] = counts.get(key, 0) + 1
    rows: list[Row] = []
    for (month, late), count in sorted(counts.items()):
        due = (month + timedelta(days=31)).replace(day=1)
        name = f"orders_{month:%Y_%m}{'_late' if late else ''}.csv"
        rows.append((name, month, count, due, LATE_LOADED if late else due))
    return rows
