"""Which part of a source a model is told, within a number of characters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from datelier.sources.name_words import name_words, question_words
from datelier.sources.relevance import Focus, TableIndex
from datelier.sources.rendering import BUDGET, Piece, TableText, flat

MOST_SHOWN: Final = 40
_WITH_ROWS: Final = 3  # tables, the likeliest, that are told with their rows
_AT_LEAST: Final = 12  # tables to begin with, when a question names none
_SAYING: Final = 1_600  # characters kept free for what is left out
_LONGEST: Final = 4  # no table takes more than one of so many parts of the room
_MOST_ALIKE: Final = 5
_MOST_SCHEMAS: Final = 20
_ELLIPSIS: Final = "- …{left} further columns: describe_source of the table lists them"


def shares(sizes: Sequence[int], budget: int) -> list[int]:
    """Divide a budget among sources: what the small ones leave goes to the large ones."""
    rooms = [0] * len(sizes)
    left = budget
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    for position, place in enumerate(order):
        rooms[place] = min(sizes[place], left // (len(order) - position))
        left -= rooms[place]
    return rooms


def fit(piece: Piece, budget: int, focus: Focus) -> tuple[str, dict[str, Any]]:
    """Return a source in at most `budget` characters, and the same tables as data."""
    whole = None if piece.index is not None and budget <= BUDGET else _whole(piece, budget)
    if whole is not None:
        return whole, piece.structured
    index = piece.index or TableIndex(piece.catalog, {})
    ranked = index.rank(focus)
    chosen, texts = _choose(piece, _candidates(index, ranked), focus, budget)
    shown = len(chosen)
    said = (
        f"{len(piece.tables):,} tables, {shown:,} shown; search with search_tables, "
        "and look at a table with describe_source, before you say that something is missing."
    )
    asked = set(ranked)
    rest = [place for place in ranked if place not in chosen]
    lines = [
        piece.head,
        said,
        *texts,
        *_left_out(piece, index, [p for p in chosen if p in asked], rest),
    ]
    facts = piece.structured["tables"]
    structured = piece.structured | {"tables": [facts[place] for place in chosen]}
    return "\n\n".join(lines)[:budget], structured


def _whole(piece: Piece, budget: int) -> str | None:
    """Return all tables in the longest form that fits."""
    for form in ("full", "short", "plain"):
        texts = [piece.head, *(getattr(table, form) for table in piece.tables)]
        if sum(map(len, texts)) + 2 * len(texts) <= budget:
            return "\n\n".join(texts)
    return None


def _candidates(index: TableIndex, ranked: Sequence[int]) -> list[int]:
    """Return the tables to tell of, the likeliest first, and some to begin with."""
    ordered = list(ranked[:MOST_SHOWN])
    if len(ordered) < _AT_LEAST:
        known = set(ordered)
        others = (place for place in index.largest() if place not in known)
        ordered += [
            place for place, _ in zip(others, range(_AT_LEAST - len(ordered)), strict=False)
        ]
    return ordered


def _choose(
    piece: Piece, candidates: Iterable[int], focus: Focus, budget: int
) -> tuple[dict[int, None], list[str]]:
    """Return the places that fit, in their order, and their texts."""
    wanted = frozenset(question_words(" ".join((focus.question, *focus.before))))
    room = budget - len(piece.head) - _SAYING
    longest = max(room // _LONGEST, 200)
    chosen: dict[int, None] = {}
    texts: list[str] = []
    for place in candidates:
        text = _written(piece.tables[place], len(chosen) < _WITH_ROWS, wanted, longest)
        if len(text) + 2 > room:
            continue
        room -= len(text) + 2
        chosen[place] = None
        texts.append(text)
    return chosen, texts


def _written(table: TableText, rows: bool, wanted: frozenset[str], longest: int) -> str:
    for text in (table.full if rows else table.short, table.short, table.plain):
        if len(text) <= longest:
            return text
    head, *columns = table.plain.split("\n")
    return "\n".join([head[:longest], *_columns(columns, wanted, longest - len(head))])


def _columns(lines: Sequence[str], wanted: frozenset[str], room: int) -> list[str]:
    """Return the columns of a wide table: keys, those the question names, then the first."""
    room -= len(_ELLIPSIS) + 10

    named = [wanted.intersection(name_words(line)) for line in lines]
    counts = Counter(word for words in named for word in words)

    def key(place: int) -> tuple[bool, float, int]:
        # A word that every column has tells none from the other.
        worth = sum(1 / counts[word] for word in named[place])
        return ("primary key" not in lines[place], -worth, place)

    kept: list[int] = []
    for place in sorted(range(len(lines)), key=key):
        room -= len(lines[place]) + 1
        if room < 0:
            break
        kept.append(place)
    shown = [lines[place] for place in sorted(kept)]
    return [*shown, _ELLIPSIS.format(left=len(lines) - len(kept))]


def _left_out(
    piece: Piece, index: TableIndex, named: Iterable[int], rest: Sequence[int]
) -> list[str]:
    """Return what is said of the tables that are not shown."""
    lines = _same_names(piece, index, named)
    if rest:
        names = ", ".join(piece.tables[place].name for place in rest[:15])
        lines.append(f"Perhaps also: {flat_list(names)}")
    counts = piece.schemas
    if len(counts) > 1:
        listed = ", ".join(f"{flat(name)} ({count:,})" for name, count in counts[:_MOST_SCHEMAS])
        left = len(counts) - _MOST_SCHEMAS
        more = f" and {left:,} more" if left > 0 else ""
        lines.append(f"Tables by schema: {flat_list(listed)}{more}")
    return lines


def flat_list(text: str, longest: int = 500) -> str:
    """Return a list of names, cut at a name."""
    return text if len(text) <= longest else text[:longest].rpartition(",")[0] + ", …"


def _same_names(piece: Piece, index: TableIndex, chosen: Iterable[int]) -> list[str]:
    """Say which names mean several tables, so that none is taken for the other."""
    lines: dict[str, None] = {}
    for place in chosen:
        others = sorted([place, *index.alike(place)], key=lambda p: -(piece.tables[p].rows or 0))
        if len(others) == 1 or len(lines) == _MOST_ALIKE:
            continue
        names = ", ".join(_with_rows(piece.tables[other]) for other in others[:_MOST_ALIKE])
        more = f" and {len(others) - _MOST_ALIKE:,} more" if len(others) > _MOST_ALIKE else ""
        bare = flat(piece.catalog[place].name)
        lines[f"{len(others)} tables are named {bare}: {flat_list(names, 250)}{more}"] = None
    return ["\n".join(lines)] if lines else []


def _with_rows(table: TableText) -> str:
    return table.name if table.rows is None else f"{table.name} ({table.rows:,} rows)"
