"""Suites are read strictly, and generated ones are the same everywhere."""

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from datelier.chat.refusal_reasons import REFUSAL_REASONS
from datelier.evals.errors import SuiteInvalid
from datelier.evals.generated import make_world, with_questions
from datelier.evals.suite import (
    GeneratedIn,
    Intent,
    Reason,
    Suite,
    load_suite,
    read_suite,
    shipped,
)
from datelier.evals.wording import INTENTS, REFUSALS

PATH = Path("folder/suite.yaml")
QUESTION = {"question": "How many?", "expect": {"value": 1}}


def suite(*cases: dict[str, Any], **more: Any) -> Suite:
    head = {"format": 1, "name": "s", "sources": {"a": {"sample": True}}, "cases": list(cases)}
    return read_suite(yaml.safe_dump(head | more), PATH)


def test_what_a_case_leaves_out_comes_from_the_suite() -> None:
    defaults = {"tags": ["all"], "locale": "de", "compare": {"ordered": True, "types": "loose"}}
    found = suite(QUESTION | {"tags": ["own"], "compare": {"ordered": False}}, defaults=defaults)
    [case] = found.cases
    assert (case.id, case.source, case.locale, case.tags) == ("001", "a", "de", ["all", "own"])
    assert (case.compare.ordered, case.compare.types) == (False, "loose")
    assert found.folder == Path("folder")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"format": 9}, "format 9 is not known"),
    ({"nmae": "x"}, "nmae: Extra inputs are not permitted"),
    ({"cases": []}, "there is no question"),
    ({"cases": [QUESTION | {"id": "x"}] * 2}, "two cases are called x"),
    ({"cases": [QUESTION | {"source": "b"}]}, "there is no source b in this suite"),
    ({"cases": [QUESTION | {"expect": {}}]}, "give one of result, sql, value, intent, refusal"),
    ({"cases": [QUESTION | {"expect": {"value": 1, "refusal": True}}]}, "has no result"),
    ({"cases": [QUESTION | {"expect": {"refusal": "bored"}}]}, "cases.0.expect.refusal"),
    ({"cases": [QUESTION | {"expect": {"result": {"rows": [[1], [1, 2]]}}}]}, "every row needs"),
    ({"cases": [QUESTION | {"script": [{}]}]}, "a turn says something or calls a tool"),
    ({"sources": {"a": {"sample": True, "name": "b"}}}, "give one of name, sample, files"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_a_suite_that_is_wrong_says_where(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SuiteInvalid) as refusal:
        suite(QUESTION, **change)
    assert message in refusal.value.message
    assert str(PATH) in refusal.value.message


@pytest.mark.parametrize(("text", "message"), [("a: [", "line 1"), ("- a", "is a mapping")])
def test_what_is_no_yaml_or_no_suite_is_said(text: str, message: str) -> None:
    with pytest.raises(SuiteInvalid, match=message):
        read_suite(text, PATH)


def test_a_suite_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(SuiteInvalid) as refusal:
        load_suite("nothing.yaml")
    assert "retail" in str(refusal.value.hint)


def test_the_suites_that_come_with_the_product_can_be_read() -> None:
    found = {name: with_questions(load_suite(name)) for name in shipped()}
    assert {"retail", "generated"} <= found.keys()
    assert len(found["generated"].cases) == 32
    for one in found.values():
        assert len({case.id for case in one.cases}) == len(one.cases)
        assert any(not case.expect.is_answer for case in one.cases)


def test_the_suite_of_the_documentation_can_be_read() -> None:
    page = (Path(__file__).parents[2] / "docs/howto/evaluate.md").read_text(encoding="utf-8")
    text = page.split("```yaml")[1].split("```")[0]
    found = read_suite(text, PATH)
    assert [case.expect.kind for case in found.cases] == ["result", "result", "value", "refusal"]


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.integers(20, 60))
def test_a_seed_makes_the_same_world_everywhere(seed: int, rows: int) -> None:
    given_ = GeneratedIn(seed=seed, rows=rows)
    world = make_world(given_)
    assert world == make_world(given_)
    assert len(world.rows) == rows
    assert len(world.csv().splitlines()) == rows + 1
    assert len(set(world.columns)) == 6
    assert make_world(GeneratedIn(seed=(seed + 1) % 2**31, rows=rows)).columns != world.columns


def test_every_intent_and_reason_has_words_and_those_of_the_card() -> None:
    assert set(INTENTS) == set(get_args(Intent))
    assert set(REFUSALS) == set(get_args(Reason))
    assert REFUSALS == REFUSAL_REASONS
