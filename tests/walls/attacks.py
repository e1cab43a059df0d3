"""The attack corpus: what is tried, why, and which walls stop it alone.

Each attack is data. `{folder}` is a watched folder with a file `canary.txt`, `{port}` the port of
a listening sink on loopback, `{pid}` a neighbour's session.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Wall = Literal["role", "parser", "protocol", "transaction", "limits"]
WALLS: Final[tuple[Wall, ...]] = ("role", "parser", "protocol", "transaction", "limits")
Kind = Literal[
    "several statements",
    "transaction control",
    "write",
    "schema",
    "session",
    "lock",
    "file",
    "network",
    "code",
    "hidden SQL",
    "neighbour",
    "secret",
    "disguise",
    "position",
    "cost",
    "CVE class",
]


@dataclass(frozen=True, slots=True)
class Attack:
    """One statement that must do no harm.

    Attributes:
        falls: Walls that, with every other wall switched off, let it leave a trace, show a
            secret or run on. All walls together never do. The limits claim only what costs.
        accepted: The parser lets it through, written down as something harmless.
    """

    id: str
    engine: str
    kind: Kind
    sql: str
    why: str
    falls: frozenset[Wall] = frozenset()
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Attacks of one kind and reason; one per line, walls that fall alone after ` ##`."""

    kind: Kind
    why: str
    lines: str


_MARKS: Final[dict[str, Wall]] = {
    "r": "role",
    "g": "parser",
    "p": "protocol",
    "t": "transaction",
    "l": "limits",
}


def attacks(engine: str, groups: tuple[Group, ...]) -> Iterator[Attack]:
    """The attacks of some groups. `## rt` means: role and transaction fall alone; g is the parser.

    With `a`, the statement is accepted, because it is written down as something harmless.
    """
    number: dict[Kind, int] = {}
    for group in groups:
        for line in group.lines.strip("\n").split("\n"):
            sql, _, marks = line.partition(" ##")
            number[group.kind] = number.get(group.kind, 0) + 1
            name = f"{engine}-{group.kind.replace(' ', '-').lower()}-{number[group.kind]}"
            falls: frozenset[Wall] = frozenset(_MARKS[m] for m in marks.strip() if m != "a")
            text = sql.replace("␀", "\0").replace("⏎", "\n").replace("␣", "\u00a0")
            yield Attack(name, engine, group.kind, text, group.why, falls, "a" in marks)
