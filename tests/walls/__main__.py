"""`python -m tests.walls`: every engine, its capabilities, every wall, every attack, every door.

`--brief` prints counts per kind instead of every attack; `--only sqlite,mysql` takes some of the
engines; `--skip doors,capabilities` leaves parts out. The exit code is 1 when anything is
otherwise than promised.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from datelier.worker.functions import Dialect
from tests.walls import wellknown
from tests.walls.accepted import corpus, measure
from tests.walls.attacks import WALLS, Attack, Wall
from tests.walls.capabilities import ENGINES, LACKS, table
from tests.walls.databases import DATABASES
from tests.walls.doors import DOORS, product, targets
from tests.walls.subjects import ATTACKS, SUBJECTS, Walled
from tests.walls.trial import Trial, claimed, counted, differing, walls_of

_COLUMNS: Final[tuple[Wall | None, ...]] = (None, *WALLS)
_Results = dict[str, dict[Wall | None, list[str] | None]]
_DIALECTS: Final[dict[str, Dialect]] = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "sqlite": "sqlite",
    "files": "duckdb",
}
_TITLES: Final = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL/MariaDB",
    "sqlite": "SQLite",
    "files": "files (DuckDB)",
}
_LEGEND: Final = """
Each attack is tried behind all walls together, as in the product, and behind each wall alone with
every other wall switched off. Before and after, the state of the database, its sessions, a watched
folder, a listening port and a neighbour's session are compared.
  all       how it ended: refused (by a wall, with a reason), failed (in the database), stopped (by a
            limit), answered (it ran, changed into something harmless); HARM if it left a trace
  holds     with this wall alone the attack leaves no trace, shows no secret and does not run on
  falls     this wall alone is not enough; the corpus says so, which is why there are five
  ·         the limits stop only what costs"""


# An attack writes to /dev/stdout, and would cut off a file that this is printed to.
_OUT: Final = os.fdopen(os.dup(1), "w", encoding="utf-8")


def _say(text: str = "") -> None:
    _OUT.write(f"{text}\n")
    _OUT.flush()


def _progress(text: str) -> None:
    sys.stderr.write(f"  {text}\n")


def _print_capabilities(engines: Sequence[str]) -> list[str]:
    _progress("capabilities: the suite of tests/engines runs")
    found = table()
    _say("\nWHAT EACH ENGINE CAN DO  one test body per line, run on every engine")
    _say(f"\n{'':84}" + "".join(f"{_TITLES[name]:16}" for name in ENGINES))
    for name, cells in found.items():
        _say(f"{name:84}" + "".join(f"{cells.get(engine, ''):16}" for engine in ENGINES))
    for engine in ENGINES:
        for what, why in LACKS[engine].items():
            _say(f"  {_TITLES[engine]} has no {what}: {why}.")
    return [
        f"{_TITLES[engine]}: {name}: {cells[engine]}"
        for name, cells in found.items()
        for engine in engines
        if cells.get(engine, "yes") != "yes"
    ]


async def _try_all(
    subject: Walled, attacks: Sequence[Attack]
) -> tuple[_Results, dict[str, str], int]:
    results: _Results = {attack.id: {} for attack in attacks}
    ends: dict[str, str] = {}
    attempts = 0
    for wall in _COLUMNS:
        if wall in subject.lacks:
            continue
        chosen = [attack for attack in attacks if wall is None or claimed(attack, wall)]
        attempts += len(chosen)
        holding = [attack for attack in chosen if wall is None or wall not in attack.falls]
        trial = Trial(subject, walls_of(wall))
        found = await trial.together(holding)
        for attack in chosen:
            harm = found.get(attack.id)
            results[attack.id][wall] = await trial.alone(attack) if harm is None else harm
        ends = ends if wall else trial.ends
        _progress(f"{subject.engine}: {len(chosen)} attacks on {wall or 'all walls'}")
    return results, ends, attempts


def _cell(harm: list[str] | None) -> str:
    return "·" if harm is None else "holds" if not harm else "falls"


def _print_attacks(attacks: Sequence[Attack], results: _Results, ends: dict[str, str]) -> None:
    titles = "".join(f"{wall or 'all':12}" for wall in _COLUMNS)
    _say(f"\n{'attack':36}{titles}statement")
    for attack in attacks:
        cells = results[attack.id]
        first = "HARM" if cells.get(None) else ends.get(attack.id, "")
        rest = "".join(f"{_cell(cells.get(wall)):12}" for wall in WALLS)
        _say(f"{attack.id:36}{first:12}{rest}{' '.join(attack.sql.split())[:90]!r}")


def _print_kinds(attacks: Sequence[Attack], results: _Results) -> None:
    titles = "".join(f"{wall or 'all':>13}" for wall in _COLUMNS)
    _say(f"\n{'held of tried':22}{titles}")
    kinds = list(dict.fromkeys(attack.kind for attack in attacks))
    for kind in [*kinds, "total"]:
        line = f"{kind:22}"
        for wall in _COLUMNS:
            tried = [
                harm
                for attack in attacks
                if kind in {attack.kind, "total"}
                and (harm := results[attack.id].get(wall)) is not None
            ]
            held = sum(not harm for harm in tried)
            line += f"{f'{held}/{len(tried)}' if tried else '·':>13}"
        _say(line)


def _wrong(attacks: Sequence[Attack], results: _Results) -> list[str]:
    wrong = [f"{name}: {cells[None]}" for name, cells in results.items() if cells.get(None)]
    for wall in WALLS:
        found = {
            name: harm for name, cells in results.items() if (harm := cells.get(wall)) is not None
        }
        chosen = [attack for attack in attacks if attack.id in found]
        wrong += [f"{wall} alone: {text}" for text in differing(chosen, found, wall)]
    return wrong


def _print_walls(engine: str, *, brief: bool) -> list[str]:
    attacks = ATTACKS[engine]
    with tempfile.TemporaryDirectory() as folder, SUBJECTS[engine](Path(folder)) as subject:
        results, ends, attempts = asyncio.run(_try_all(subject, attacks))
        lacks = dict(subject.lacks)
    _say(f"\n{_TITLES[engine].upper()}  every attack on every wall")
    if not brief:
        _print_attacks(attacks, results, ends)
    _print_kinds(attacks, results)
    for wall, why in lacks.items():
        _say(f"  no wall of the {wall}: {why}")
    behind = counted(cells.get(None) or () for cells in results.values())
    _say(f"\n{len(attacks)} attacks, {attempts} attempts. Behind all walls: "
         + ", ".join(f"{number} {what}" for what, number in behind.items()))  # fmt: skip
    return [f"{engine}: {text}" for text in _wrong(attacks, results)]


def _print_doors(engines: Sequence[str]) -> list[str]:
    wrong: list[str] = []
    _say("\nEVERY ATTACK THROUGH EVERY DOOR of a running installation, as a role that may do all")
    _say(f"\n{'kept out of tried':22}" + "".join(f"{door:>16}" for door in DOORS))
    with tempfile.TemporaryDirectory() as folder, product(Path(folder) / "home") as running:
        for engine in engines:
            line = f"{_TITLES[engine]:22}"
            place = Path(folder) / engine
            place.mkdir()
            with targets(engine, place, *running) as target:
                for door in DOORS:
                    found = target.storm(door, target.attacks)
                    line += f"{f'{len(target.attacks) - len(found)}/{len(target.attacks)}':>16}"
                    wrong += [f"{engine} through {door}: {text}" for text in found]
                    _progress(f"{engine}: through the door {door}")
            _say(line)
    return wrong


def _print_analytics(engines: Sequence[str]) -> list[str]:
    wrong: list[str] = []
    _say("\nHONEST ANALYTICS  generated, written by hand, and in the shapes of well-known suites;")
    _say("asked as written and as the guard writes it")
    _say(f"\n{'':22}{'valid':>8}{'accepted':>11}{'same result':>14}")
    refused: list[str] = []
    for engine in engines:
        dialect = _DIALECTS[engine]
        questions = list(wellknown.questions(dialect))
        with DATABASES[dialect]() as ask:
            first = measure(dialect, corpus(dialect), ask)
        with DATABASES[dialect](tables=tuple(wellknown.statements(dialect))) as ask:
            second = measure(dialect, questions, ask, wellknown.SCOPES)
        for name, share in (("", first), ("  well-known suites", second)):
            same = share.equal / (share.valid - len(share.refused))
            title = name or _TITLES[engine]
            _say(f"{title:22}{share.valid:>8}{share.accepted:>11.2%}{same:>14.2%}")
            wrong += [f"changed: {text}" for text in share.changed]
            refused += [f"{dialect}: {text}" for text in share.refused]
            wrong += [f"refused: {text}" for text in share.refused] if share.accepted < 0.99 else []
    if refused:
        _say(f"\n{len(refused)} refused:")
        for text in refused:
            _say(f"  {text}")
    return wrong


def main(arguments: Sequence[str]) -> int:
    """Print the tables and say whether the walls are as promised."""
    parser = argparse.ArgumentParser(prog="make walls ARGS=…", description=__doc__)
    parser.add_argument("--brief", action="store_true", help="counts instead of every attack")
    parser.add_argument("--only", default=",".join(SUBJECTS), help="engines, with commas")
    parser.add_argument("--skip", default="", help="capabilities, walls, doors, analytics")
    chosen = parser.parse_args(arguments)
    engines = [engine for engine in SUBJECTS if engine in chosen.only.split(",")]
    skipped = set(chosen.skip.split(","))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    began = time.monotonic()
    parts: dict[str, list[Callable[[], list[str]]]] = {
        "capabilities": [lambda: _print_capabilities(engines)],
        "walls": [partial(_print_walls, engine, brief=chosen.brief) for engine in engines],
        "doors": [lambda: _print_doors(engines)],
        "analytics": [lambda: _print_analytics(engines)],
    }
    wrong: list[str] = []
    for name, works in parts.items():
        if name in skipped:
            continue
        _say(_LEGEND if name == "walls" else "")
        for work in works:
            try:
                wrong += work()
            except pytest.skip.Exception as missing:  # as the tests say what is not installed
                wrong.append(f"not run: {missing}")
    minutes = (time.monotonic() - began) / 60
    _say(f"\n{len(wrong)} otherwise than promised" if wrong else "\nEverything as promised.")
    for text in wrong:
        _say(f"  {text}")
    _say(f"{minutes:.1f} minutes")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
