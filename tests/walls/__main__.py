"""`python -m tests.walls`: every engine, every wall, every attack; and the share of analytics.

With `--brief`, counts per kind instead of every attack. The exit code is 1 when a wall did
otherwise than the corpus says, or when fewer than 99 of 100 honest statements pass unchanged.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.walls.accepted import corpus, measure
from tests.walls.attacks import WALLS, Attack, Wall
from tests.walls.databases import DATABASES
from tests.walls.subjects import ATTACKS, SUBJECTS, Walled
from tests.walls.trial import Trial, claimed, differing, walls_of

_COLUMNS: Final[tuple[Wall | None, ...]] = (None, *WALLS)
_Results = dict[str, dict[Wall | None, list[str] | None]]


async def _try_all(subject: Walled, attacks: Sequence[Attack]) -> _Results:
    results: _Results = {attack.id: {} for attack in attacks}
    for wall in _COLUMNS:
        if wall in subject.lacks:
            continue
        chosen = [attack for attack in attacks if wall is None or claimed(attack, wall)]
        holding = [attack for attack in chosen if wall is None or wall not in attack.falls]
        trial = Trial(subject, walls_of(wall))
        found = await trial.together(holding)
        for attack in chosen:
            harm = found.get(attack.id)
            results[attack.id][wall] = await trial.alone(attack) if harm is None else harm
        sys.stderr.write(f"  {subject.engine}: {wall or 'all walls'} tried\n")
    return results


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _cell(harm: list[str] | None) -> str:
    return "·" if harm is None else "holds" if not harm else "falls"


def _print_attacks(attacks: Sequence[Attack], results: _Results) -> None:
    titles = "".join(f"{wall or 'all':12}" for wall in _COLUMNS)
    _say(f"\n{'attack':38}{titles}statement")
    for attack in attacks:
        cells = "".join(f"{_cell(results[attack.id].get(wall)):12}" for wall in _COLUMNS)
        _say(f"{attack.id:38}{cells}{' '.join(attack.sql.split())[:70]!r}")


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


def _print_analytics() -> list[str]:
    wrong: list[str] = []
    _say(f"\n{'honest analytics':22}{'valid':>8}{'accepted':>11}{'same result':>14}")
    for dialect, opened in DATABASES.items():
        with opened() as ask:
            share = measure(dialect, corpus(dialect), ask)
        _say(
            f"{dialect:22}{share.valid:>8}{share.accepted:>10.2%}{share.equal / share.valid:>13.2%}"
        )
        wrong += [f"changed: {text}" for text in share.changed]
        wrong += [f"refused: {text}" for text in share.refused] if share.accepted < 0.99 else []
    return wrong


def main(arguments: Sequence[str]) -> int:
    """Print the tables and say whether the walls are as promised."""
    wrong: list[str] = []
    for engine, opened in SUBJECTS.items():
        with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as subject:
            results = asyncio.run(_try_all(subject, ATTACKS[engine]))
        _say(
            f"\n{engine.upper()}  each wall alone, the others switched off; all: as in the product"
        )
        if "--brief" not in arguments:
            _print_attacks(ATTACKS[engine], results)
        _print_kinds(ATTACKS[engine], results)
        wrong += _wrong(ATTACKS[engine], results)
    wrong += _print_analytics()
    _say(f"\n{len(wrong)} otherwise than promised" if wrong else "\nEverything as promised.")
    for text in wrong:
        _say(f"  {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
