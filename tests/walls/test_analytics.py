"""Honest analytics passes the parser's wall and means the same on the other side."""

import pytest

from datelier.worker.functions import Dialect
from tests.walls import wellknown
from tests.walls.accepted import corpus, measure
from tests.walls.databases import DATABASES
from tests.walls.makers import queries

# `make walls` asks a thousand of each dialect, and more.
_GENERATED = 250


@pytest.mark.parametrize("dialect", list(DATABASES))
def test_analytics_is_accepted_and_its_result_is_the_original_one(dialect: Dialect) -> None:
    statements = corpus(dialect, _GENERATED)
    with DATABASES[dialect]() as ask:
        share = measure(dialect, statements, ask)
    assert not share.changed, "\n".join(share.changed[:5])
    assert share.accepted >= 0.99, "\n".join(share.refused[:5])
    assert share.equal == share.valid - len(share.refused)
    assert len(share.invalid) <= len(statements) // 100, "\n".join(share.invalid[:5])
    assert share.valid >= _GENERATED


@pytest.mark.parametrize("dialect", list(DATABASES))
def test_well_known_suites_pass_and_mean_the_same(dialect: Dialect) -> None:
    questions = list(wellknown.questions(dialect))
    assert len(questions) > 45
    with DATABASES[dialect](tables=tuple(wellknown.statements(dialect))) as ask:
        share = measure(dialect, questions, ask, wellknown.SCOPES)
        answered = sum(ask(question) != [] for question in questions)
    assert share.invalid + share.refused + share.changed == []
    assert share.equal == len(questions)
    assert answered > 40


@pytest.mark.parametrize("dialect", list(DATABASES))
def test_the_generator_repeats_itself_for_a_seed_and_for_no_other(dialect: Dialect) -> None:
    assert list(queries(dialect, 50)) == list(queries(dialect, 50))
    assert set(queries(dialect, 50)) != set(queries(dialect, 50, seed=2))
