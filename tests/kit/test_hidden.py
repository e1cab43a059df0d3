"""Signs that nobody sees are shown by their numbers, and ordinary writing stays as it is."""

import pytest

from datelier.kit.hidden import hidden_texts, revealed, revealed_deep, without_controls

HIDDEN = [
    *(chr(n) for n in range(0x202A, 0x202F)),  # embeddings and overrides of direction
    *(chr(n) for n in range(0x2066, 0x206A)),  # isolates
    *"\u200b\u2060\u2061\ufeff\u200e\u200f\u061c\u00ad\u034f\u180e\u3164\u115f\uffa0\u2028\u2029",
    "\x1b", "\x07", "\x08", "\x00", "\x7f", "\x9b", "\r",
    "\ufe00", "\ufe0e", "\U000e0001", "\U000e0041", "\U000e007f", "\U000e0100", "\ud800", "\u200c", "\u200d",
]  # fmt: skip


@pytest.mark.parametrize("sign", HIDDEN, ids=lambda sign: f"{ord(sign):X}")
def test_a_sign_that_nobody_sees_is_shown(sign: str) -> None:
    assert revealed(f"pay{sign}pal.com") == f"pay⟨U+{ord(sign):04X}⟩pal.com"
    assert list(hidden_texts({"url": ["x", f"a{sign}b"]})) == [f"a⟨U+{ord(sign):04X}⟩b"]


@pytest.mark.parametrize(
    "text",
    [
        "Prüfe\tdie Zeilen\nvon „Grün“\r\nund Blau, 3 €",
        "می‌خواهم",  # Persian with a joiner inside of a word
        "क्‍ष",
        "👩‍💻 ❤️ 👨‍👩‍👧",
        "東京 2026年",
        "שלום עולם",
    ],
)
def test_ordinary_writing_stays_as_it_is(text: str) -> None:
    assert revealed(text) == text
    assert without_controls(text) == text
    assert not list(hidden_texts([text, {text: text}]))


def test_names_of_fields_are_told_of_and_not_renamed() -> None:
    value = {"a\u200b": ["\u202ex", 1, None, {"b": True}]}
    assert revealed_deep(value) == {"a\u200b": ["⟨U+202E⟩x", 1, None, {"b": True}]}
    assert list(hidden_texts(value)) == ["a⟨U+200B⟩", "⟨U+202E⟩x"]


def test_of_a_long_text_only_what_is_around_is_told() -> None:
    [told] = hidden_texts("x" * 9000 + "\u202e" + "y" * 9000)
    assert told == "x" * 60 + "⟨U+202E⟩" + "y" * 59


def test_a_terminal_is_told_nothing() -> None:
    assert without_controls("a\x1b[2Jb\x9b1mc") == "a⟨U+001B⟩[2Jb⟨U+009B⟩1mc"
