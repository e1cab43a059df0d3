"""Pictures of what the choice makes of results, for eyes: `python -m tests.charts.looks FOLDER`."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from datelier.artifacts.chart_choice import Wish, choose
from tests.charts.page import Easel, easel

_MONTHS = [f"{year}-{month:02}-01" for year in (2024, 2025) for month in range(1, 13)]
_CITIES = ("North America", "South America", "Europe", "Africa", "Asia Pacific", "Oceania")
Case = tuple[list[tuple[str, str]], list[dict[str, Any]], Wish]


def cases() -> dict[str, Case]:
    """Results of every shape."""
    time, region, money = ("month", "date"), ("region", "string"), ("revenue_eur", "decimal")
    channel, orders = ("channel", "string"), ("orders", "int64")

    def value(i: int, j: int = 0) -> int:
        return 40_000 + 1500 * i + 9000 * ((i * 7 + j * 3) % 5)

    def row(i: int, month: str, j: int = 0) -> dict[str, Any]:
        return {"month": month, "region": _CITIES[j], "channel": ("web", "store", "phone")[j % 3],
                "revenue_eur": value(i, j), "orders": 100 + (i * 13 + j * 29) % 90}  # fmt: skip

    series = [row(i, month) for i, month in enumerate(_MONTHS) if i not in {7, 8}]
    several = [row(i, month, j) for i, month in enumerate(_MONTHS) for j in range(4)]
    names = [row(3 * j, "", j) for j in range(6)]
    cross = [
        {**row(i, "", j), "channel": kind}
        for j in range(6)
        for i, kind in enumerate(("web", "store", "phone"))
    ]
    three = [{**one, "channel": kind} for one in several for kind in ("web", "store", "phone")]
    many = [{"customer": f"Customer {i}", "spent_usd": 9000 - 37 * i} for i in range(80)]
    shares = [
        {"region": _CITIES[i], "share": part} for i, part in enumerate((0.45, 0.3, 0.15, 0.1))
    ]
    points = [{"weight_kg": i % 17 + i / 9, "price_usd": i * 3 + i % 11 * 9} for i in range(90)]
    return {
        "line-gap": ([time, money], series, Wish()),
        "series": ([time, region, money], several, Wish()),
        "bars": ([region, money], names, Wish()),
        "stacked": ([region, channel, money], cross, Wish()),
        "grouped": ([region, channel, money], cross, Wish("grouped")),
        "facets": ([time, region, channel, money], three, Wish()),
        "many": ([("customer", "string"), ("spent_usd", "decimal")], many, Wish()),
        "whole": ([region, ("share", "float64")], shares, Wish()),
        "pie": ([region, ("share", "float64")], shares, Wish("pie")),
        "scatter": ([("weight_kg", "float64"), ("price_usd", "float64")], points, Wish()),
        "histogram": ([orders], [{"orders": one["orders"]} for one in several], Wish()),
        "heat": ([region, channel, money], cross, Wish("heatmap")),
    }  # fmt: skip


def look(canvas: Easel, folder: Path) -> None:
    """Draw every case in light and dark, at desktop and phone width."""
    for name, (columns, rows, wish) in cases().items():
        spec = choose(columns, rows, wish).spec
        for theme in ("light", "dark"):
            for width in (700, 326):
                outcome = canvas.draw(spec, rows, theme=theme, width=width)
                if outcome["error"]:
                    sys.stdout.write(f"{name}: {outcome['error']}\n")
                    continue
                shot = folder / f"{name}-{theme}-{width}.png"
                canvas.page.locator("svg, canvas").first.screenshot(path=shot)
                sys.stdout.write(f"{shot.name}: {outcome['width']} x {outcome['height']}\n")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as built, easel(Path(built)) as opened:
        look(opened, target)
