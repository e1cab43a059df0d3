"""Attacks through every door of the running product: none gets through, nothing changes.

Each door takes a part of the corpus in turn, so that all of it passes somewhere; `make walls`
sends all of it through each.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import NewDatabase
from tests.support.installation import Installation
from tests.support.scripted_openai import ToolCall
from tests.support.scripted_thread import ScriptedThread
from tests.walls.doors import DOORS, Target, in_chat, product, targets
from tests.walls.subjects import SUBJECTS
from tests.walls.trial import traces

# Parts of statements, for the tools that build one. The name of the tool, then its arguments.
_PARTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("count_rows", {"table": "orders", "condition": "1=1); DELETE FROM orders; --"}),
    ("count_rows", {"table": "orders; DELETE FROM orders"}),
    ("count_rows", {"table": 'orders" WHERE 1=1; DELETE FROM orders; --'}),
    ("count_rows", {"table": "pg_catalog.pg_authid"}),
    ("filter_data", {"table": "orders", "condition": "id = 1 UNION SELECT 1, word FROM secret"}),
    ("filter_data", {"table": "orders", "condition": "id = lo_create(0)"}),
    ("filter_data", {"table": "orders", "condition": "true) FOR UPDATE --"}),
    ("filter_data", {"table": "orders", "condition": "id = (SELECT pg_sleep(60))"}),
    ("filter_data", {"table": "orders", "condition": "EXISTS (FROM read_text('/etc/passwd'))"}),
    ("aggregate_data", {"table": "orders", "agg_func": "lo_create(0)"}),
    ("aggregate_data", {"table": "orders", "agg_func": "count(*) FROM orders; DROP TABLE orders --"}),
    ("aggregate_data", {"table": "orders", "agg_func": "count(*) INTO stolen"}),
    ("aggregate_data", {"table": "orders", "group_by": ['id" , pg_sleep(60) --'], "agg_func": "count(*)"}),
    ("aggregate_data", {"table": "orders", "agg_func": "(SELECT word FROM secret)"}),
    ("read_source_data", {"table": "orders", "columns": ['id" FROM secret --']}),
    ("read_source_data", {"table": "secret; --"}),
    ("sample_source_data", {"table": "orders TABLESAMPLE BERNOULLI (lo_create(0))"}),
    ("sample_source_data", {"table": "'/etc/passwd'"}),
)  # fmt: skip


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase
) -> Iterator[tuple[Installation, ScriptedThread]]:
    home = tmp_path_factory.mktemp("doors") / "home"
    with product(home, database_url=new_database()) as made:
        yield made


@pytest.fixture(scope="module", params=list(SUBJECTS))
def target(
    request: pytest.FixtureRequest,
    running: tuple[Installation, ScriptedThread],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Target]:
    """A source of each engine; skipped by name where its server is not installed."""
    folder = tmp_path_factory.mktemp(f"doors-{request.param}")
    with targets(request.param, folder, *running) as made:
        yield made


@pytest.mark.parametrize("door", list(DOORS))
def test_no_attack_gets_through_a_door_or_leaves_a_trace(target: Target, door: str) -> None:
    turn = list(DOORS).index(door)
    attacks = target.attacks[turn :: len(DOORS)]
    assert len(attacks) > 40
    assert target.storm(door, attacks) == []


def test_no_part_of_a_statement_gets_out_of_its_place_in_a_tool(target: Target) -> None:
    before = target.digest()
    calls = [ToolCall(name, json.dumps(arguments)) for name, arguments in _PARTS]
    answers = in_chat(target, calls)
    passed = [part for part, answer in zip(_PARTS, answers, strict=True) if answer.passed]
    # The one with a table that the superuser may read: the role's wall, not the parser's.
    assert [part for part in passed if "secret" not in json.dumps(part)] == []
    assert traces(before, target.digest()) == []
