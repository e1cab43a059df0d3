"""Tables that show what was to be reached beside what was measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        measured: As it is printed.
        target: What was to be reached, in words; empty where nothing was promised.
        reached: None where nothing was promised.
    """

    name: str
    measured: str
    target: str = ""
    reached: bool | None = None


def table(title: str, rows: list[Row]) -> None:
    """Print a table."""
    print(f"\n{title}")
    print(f"{'':44}{'measured':>16}{'target':>18}")
    for row in rows:
        mark = "" if row.reached is None else ("  reached" if row.reached else "  MISSED")
        print(f"{row.name:44}{row.measured:>16}{row.target:>18}{mark}", flush=True)


def at_most(name: str, value: float, most: float, unit: str, digits: int = 2) -> Row:
    """Return a row whose figure must not be larger than `most`."""
    shown = f"{value:.{digits}f} {unit}"
    return Row(name, shown, f"≤ {most:.4g} {unit}", value <= most)
