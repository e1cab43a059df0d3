"""The walls of every engine: all together, and each alone with the others switched off."""

from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.walls.attacks import WALLS, Attack, Wall
from tests.walls.subjects import ATTACKS, SUBJECTS, Walled
from tests.walls.trial import Trial, claimed, differing


@pytest.fixture(scope="module", params=list(SUBJECTS))
def subject(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walled]:
    """An engine and its world; skipped by name where its server is not installed."""
    with SUBJECTS[request.param](tmp_path_factory.mktemp(f"walls-{request.param}")) as made:
        yield made


def _some(attacks: list[Attack]) -> list[Attack]:
    """Every fourth, and what the parser lets through; `make walls` tries them all."""
    return [a for position, a in enumerate(attacks) if position % 4 == 0 or a.accepted]


def test_the_corpus_is_large_and_says_why_each_attack_is_there() -> None:
    least = {"postgresql": 440, "mysql": 430, "sqlite": 320, "files": 270}
    for engine, attacks in ATTACKS.items():
        assert len(attacks) >= least[engine]
        assert len({attack.id for attack in attacks}) == len(attacks)
        assert len({attack.sql for attack in attacks}) == len(attacks)
        assert all(attack.why for attack in attacks)


async def test_behind_all_walls_no_attack_leaves_a_trace(subject: Walled) -> None:
    trial = Trial(subject, WALLS)
    found = await trial.together(ATTACKS[subject.engine])
    assert {name: harm for name, harm in found.items() if harm} == {}


async def test_the_parser_alone_refuses_each_attack_by_name_and_says_what_to_do(
    subject: Walled,
) -> None:
    attacks = _some([a for a in ATTACKS[subject.engine] if "parser" not in a.falls])
    trial = Trial(subject, ("parser",))
    found = await trial.together(attacks)
    assert differing(attacks, found, "parser") == []
    assert set(trial.accepted) == {attack.id for attack in attacks if attack.accepted}
    assert trial.unhelpful == []


@pytest.mark.parametrize("wall", [wall for wall in WALLS if wall != "parser"])
async def test_a_wall_alone_holds_what_the_corpus_says(subject: Walled, wall: Wall) -> None:
    if wall in subject.lacks:
        assert subject.lacks[wall]
        return
    attacks = [
        attack
        for attack in ATTACKS[subject.engine]
        if claimed(attack, wall) and wall not in attack.falls
    ]
    attacks = attacks if wall == "limits" else _some(attacks)
    assert attacks
    found = await Trial(subject, (wall,)).together(attacks)
    assert differing(attacks, found, wall) == []


def _one_of_each(engine: str, wall: Wall) -> list[Attack]:
    """Of the attacks with which a wall falls, the first of each kind."""
    by_kind: dict[str, list[Attack]] = defaultdict(list)
    for attack in ATTACKS[engine]:
        if claimed(attack, wall) and wall in attack.falls:
            by_kind[attack.kind].append(attack)
    return [attacks[0] for attacks in by_kind.values()]


@pytest.mark.parametrize("wall", WALLS)
async def test_a_wall_alone_falls_where_the_corpus_says_so(subject: Walled, wall: Wall) -> None:
    """Without this, harmless attacks would make every wall look strong."""
    if wall in subject.lacks:
        return
    attacks = _one_of_each(subject.engine, wall)
    trial = Trial(subject, (wall,))
    found = {attack.id: await trial.alone(attack) for attack in attacks}
    assert differing(attacks, found, wall) == []
