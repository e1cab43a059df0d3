"""Whether a rank is borne out: only by a result that is sorted by what the sentence ranks by."""

from itertools import pairwise
from typing import Final

from datelier.queries.trace.facts import stem, words_of
from datelier.queries.trace.names import Names
from datelier.queries.trace.tables import Table, as_number, value_columns

_FROM_BELOW: Final = frozenset(
    stem(word)
    for word in (
        *(
            "lowest",
            "smallest",
            "fewest",
            "least",
            "worst",
            "bottom",
            "last",
            "cheapest",
            "slowest",
        ),
        *("niedrigste", "kleinste", "wenigsten", "letzter", "moins", "menor", "menos", "peor"),
    )
)


def is_ranked(table: Table, row: int, names: Names, said: str) -> bool:
    """Whether a row's place in a result is its rank.

    Args:
        table: The result.
        row: Its place, from 0.
        names: What the sentence names.
        said: The sentence.
    """
    columns = value_columns(table)
    named = {int(mention.value) for mention in names.columns(table, None)}
    meant = [column for column in columns if column in named] or columns
    rising = any(stem(word) in _FROM_BELOW for word in words_of(said))
    # Several columns that nobody chose among must all say the same.
    return bool(meant) and all(_sorted_to(table, column, row, rising=rising) for column in meant)


def _sorted_to(table: Table, column: int, row: int, *, rising: bool) -> bool:
    """Whether a column is sorted, and no other row shares the place of this one."""
    cells = [as_number(cell) for cell in table.data[column]]
    numbers = [cell for cell in cells if cell is not None]
    if len(numbers) < len(cells):
        return False
    ordered = all((a <= b if rising else a >= b) for a, b in pairwise(numbers))
    return ordered and numbers.count(numbers[row]) == 1
