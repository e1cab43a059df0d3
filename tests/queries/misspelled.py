"""Ten thousand values, and the ways in which people and models get them wrong."""

from collections.abc import Iterator
from random import Random

_FIRST = (
    "North South East West Upper Lower New Old Saint Great Little Fort Port Mount Lake River Bad "
    "Königs Grün Éclair Ålborg Zürich"
)
_SECOND = (
    "Berg Haven Ford Field Stone Bridge Market Garden Castle Hill Water Wood Church Mill Green "
    "Straße Häuser Moor Thal Furt Au Ecke Dorf Stadt Heim"
)
COUNT = 10_000


def values() -> list[str]:
    """Distinct names of places, with capitals, accents, digits and spaces."""
    first, second = _FIRST.split(), _SECOND.split()
    names = [
        f"{first[n % len(first)]} {second[n // len(first) % len(second)]} {n:05d}"
        for n in range(COUNT)
    ]
    assert len(set(names)) == COUNT
    return names


def mistakes(count: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """Pairs of what was meant and what was written, with the kind of the mistake."""
    random = Random(seed)
    real = values()
    known = set(real)
    kinds = ("lower", "upper", "padded", "doubled", "swapped", "dropped", "typed", "accents")
    made = 0
    while made < count:
        kind = kinds[made % len(kinds)]
        meant = random.choice(real)
        written = _wrong(kind, meant, random)
        if written in known:
            continue
        made += 1
        yield kind, meant, written


def _wrong(kind: str, meant: str, random: Random) -> str:
    at = random.randrange(1, len(meant) - 7)
    plain = str.maketrans("öüÉÅß", "ouEAs")
    return {
        "lower": meant.lower(),
        "upper": meant.upper(),
        "padded": random.choice([f" {meant}", f"\t{meant}", f" {meant} "]),
        "doubled": meant.replace(" ", "  ", 1),
        "swapped": meant[:at] + meant[at + 1] + meant[at] + meant[at + 2 :],
        "dropped": meant[:at] + meant[at + 1 :],
        "typed": meant[:at] + "x" + meant[at:],
        "accents": meant.translate(plain) if meant.translate(plain) != meant else meant.swapcase(),
    }[kind]
