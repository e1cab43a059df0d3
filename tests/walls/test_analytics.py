"""Honest analytics passes the parser's wall and means the same on the other side."""

import pytest

from datelier.worker.functions import Dialect
from tests.walls.accepted import GENERATED, corpus, measure
from tests.walls.databases import DATABASES
from tests.walls.makers import queries


@pytest.mark.parametrize("dialect", list(DATABASES))
def test_analytics_is_accepted_and_its_result_is_the_original_one(dialect: Dialect) -> None:
    statements = corpus(dialect)
    with DATABASES[dialect]() as ask:
        share = measure(dialect, statements, ask)
    assert not share.changed, "\n".join(share.changed[:5])
    assert share.accepted >= 0.99, "\n".join(share.refused[:5])
    assert share.equal == share.valid - len(share.refused)
    assert len(share.invalid) <= len(statements) // 100, "\n".join(share.invalid[:5])
    assert share.valid >= GENERATED


@pytest.mark.parametrize("dialect", list(DATABASES))
def test_the_generator_repeats_itself_for_a_seed_and_for_no_other(dialect: Dialect) -> None:
    assert list(queries(dialect, 50)) == list(queries(dialect, 50))
    assert set(queries(dialect, 50)) != set(queries(dialect, 50, seed=2))
