"""Provisional titles."""

import pytest

from datelier.threads.titles import MOST, provisional_title


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("How many orders?", "How many orders?"),
        ('Say: "hello"\nworld', "Say hello world"),
        ("", "New thread"),
        ("::\"'", "New thread"),
    ],
)
def test_a_title_is_the_first_words_without_quotes_or_colons(words: str, title: str) -> None:
    assert provisional_title(words) == title


def test_a_long_title_is_cut_at_a_word() -> None:
    title = provisional_title("word " * 100)
    assert len(title) <= MOST
    assert title.endswith("word…")
