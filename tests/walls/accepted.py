"""Does honest analytics pass, and does it still mean the same? Counted per dialect."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.guard import check
from datelier.worker.scope import Scope
from tests.walls import shop
from tests.walls.databases import Ask
from tests.walls.makers import queries
from tests.walls.suites import DECISIONS

GENERATED = 1000
SCOPES: dict[Dialect, Scope] = {
    "duckdb": Scope(tables=frozenset(shop.ROWS)),
    "mysql": Scope(schemas=frozenset({"app"})),
    "sqlite": Scope(
        tables=frozenset({*shop.ROWS, "json_each", "json_tree"}),
        schemas=frozenset({"main"}),
        columns=shop.COLUMNS,
    ),
}


@dataclass(slots=True)
class Share:
    """How many statements were valid, accepted, and equal in their result."""

    valid: int = 0
    equal: int = 0
    invalid: list[str] = field(default_factory=list[str])
    refused: list[str] = field(default_factory=list[str])
    changed: list[str] = field(default_factory=list[str])

    @property
    def accepted(self) -> float:
        return (self.valid - len(self.refused)) / self.valid


def by_hand(dialect: Dialect) -> list[str]:
    """Statements that were written one by one, a construct or several in each."""
    path = Path(__file__).parent / f"byhand_{dialect}.sql"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return [line for line in text.split("\n") if line]


def corpus(dialect: Dialect, generated: int = GENERATED) -> list[str]:
    """Everything honest of a dialect."""
    decisions = DECISIONS.values() if dialect in {"postgres", "duckdb"} else ()
    return [*queries(dialect, generated), *decisions, *by_hand(dialect)]


def measure(
    dialect: Dialect, statements: list[str], ask: Ask, scopes: Mapping[Dialect, Scope] = SCOPES
) -> Share:
    """Ask each statement as it was written and as the guard writes it, and compare."""
    share = Share()
    for sql in statements:
        expected = ask(sql)
        if isinstance(expected, str):
            share.invalid.append(f"{sql}\n  {expected}")
            continue
        share.valid += 1
        try:
            rendered = check(sql, dialect, scopes.get(dialect, Scope()))
        except WorkerError as error:
            share.refused.append(f"{sql}\n  {error.message}")
            continue
        if ask(rendered) == expected:
            share.equal += 1
        else:
            share.changed.append(f"{sql}\n  {rendered}")
    return share
