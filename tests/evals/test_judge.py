"""What an answer has to say to be right."""

from typing import Any

import pytest

from datelier.evals.answer import Answer
from datelier.evals.judge import judge
from datelier.evals.suite import Case, Expect


def _rows(_: str) -> dict[str, Any]:
    return {"columns": [{"name": "n", "type": "int64"}], "data": [["1"]]}


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("The East leads.", True),
        ("It is **east**, by far.", True),
        ("Northeast leads.", False),
        ("Eastern shops lead.", False),
        ("Nobody leads.", False),
    ],
)
def test_a_text_is_words_of_the_answer_and_not_a_part_of_others(said: str, right: bool) -> None:
    answer = Answer("t", "r", text=said)
    answer.queries["q"] = {"result_id": "x", "handle": "Q1"}
    case = Case(question="Which region leads?", expect=Expect(value="East"))
    assert judge(case, answer, _rows, _rows).passed == right
