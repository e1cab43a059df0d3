"""The guard on the whole corpus; `make charts` draws it too, and tests/browser a share of it."""

from collections import Counter

import pytest

from datelier.artifacts.chart_guard import checked_spec
from tests.charts.corpus import cases, faults, ruled
from tests.charts.hostile import REFUSED
from tests.charts.valid import SHAPES


@pytest.mark.parametrize("seed", [2024, 7])
def test_honest_charts_pass_and_hostile_ones_are_refused_with_place_and_reason(seed: int) -> None:
    corpus = cases(seed, 500)
    found = {case.number: faults(case, ruled(case)) for case in corpus}
    misses = [
        f"{n} {corpus[n].kind}: {told} {corpus[n].spec}"[:500] for n, told in found.items() if told
    ]
    assert misses == []


def test_what_passes_passes_again_unchanged() -> None:
    for case in cases(3, 200):
        kept = ruled(case).kept
        if kept is not None:
            assert checked_spec(kept, case.fields, case.rows) == kept


def test_the_corpus_has_every_kind_and_a_seed_gives_the_same_cases_again() -> None:
    corpus = cases(1, 500)
    kinds = Counter(case.kind for case in corpus)
    assert set(kinds) == {*REFUSED, *(name for name, _ in SHAPES), "lookalike"}
    assert min(kinds.values()) >= 20
    assert corpus == cases(1, 500)
    assert corpus != cases(2, 500)
