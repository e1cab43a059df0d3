"""A share of both corpora; `make traces` runs them whole, on other seeds too, and prints every miss."""

import pytest

from tests.traces.__main__ import HONEST_SHARE, run
from tests.traces.corpus import judge
from tests.traces.honest import honest
from tests.traces.misquotes import misquotes


@pytest.mark.parametrize("seed", [2024, 7])
def test_every_misquote_is_untraced_and_honest_phrasings_are_traced(seed: int) -> None:
    _, passed, untraced = run(seed, 300)
    assert not passed, "\n".join(outcome.describe() for outcome in passed)
    misses = "\n".join(outcome.describe() for outcome in untraced)
    assert len(untraced) <= 300 * (1 - HONEST_SHARE), misses


def test_the_corpora_have_every_kind_and_a_seed_gives_the_same_cases_again() -> None:
    lies, truths = misquotes(1, 300), honest(1, 300)
    assert (len({c.kind for c in lies}), len({c.kind for c in truths})) == (15, 13)
    assert lies == misquotes(1, 300)
    assert truths != honest(2, 300)


def test_a_misquote_without_its_lie_would_be_traced() -> None:
    """The corpus measures the lie, not the sentence: with the right names most are traced."""
    swapped = [case for case in misquotes(3, 300) if case.kind == "wrong row"]
    assert swapped
    assert all(judge(case).is_caught for case in swapped)
    traced = [judge(case) for case in honest(3, 300) if case.kind == "typed"]
    assert all(any(c.kind == "matched" for c in outcome.cites) for outcome in traced)
