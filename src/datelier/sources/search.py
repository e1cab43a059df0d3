"""Finding tables of a source by name or by words."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Final

from datelier.sources.name_words import folded
from datelier.sources.relevance import TableIndex
from datelier.sources.rendering import Piece

_NEAREST: Final = 20


def search_tables(piece: Piece, query: str | None, schema: str | None = None) -> list[int]:
    """Return the places of a source's tables that have words of a query, the best first.

    Without a query all tables by their name; with a schema only its own.
    """
    if query is not None and query.strip():
        index = piece.index or TableIndex(piece.catalog, {})
        found = index.search(query)
        literal = query.strip().lower()
        known = set(found)
        found += [
            place
            for place, table in enumerate(piece.tables)
            if place not in known and literal in table.name.lower()
        ]
    else:
        found = sorted(range(len(piece.tables)), key=lambda place: piece.tables[place].name)
    if schema is None:
        return found
    wanted = schema.lower()
    return [place for place in found if (piece.tables[place].schema or "").lower() == wanted]


def tables_named(piece: Piece, name: str) -> list[dict[str, Any]]:
    """Return the facts of the tables of a name, bare or with its schema, quoted or not."""
    wanted = _plain(name)
    tables: list[dict[str, Any]] = piece.structured["tables"]
    exact = [table for table in tables if _plain(table["name"]) == wanted]
    return exact or [table for table in tables if bare_name(table["name"]) == wanted]


def bare_name(name: str) -> str:
    """Return the last part of a table's name, in small letters, without quotes."""
    return _plain(name).rpartition(".")[2]


def _plain(name: str) -> str:
    return "".join(char for char in name.lower() if char not in '"`[]')


def nearest_tables(piece: Piece, wanted: str) -> list[str]:
    """Return the names that are most like a wanted one; all names of a small source."""
    names = [table.name for table in piece.tables]
    if len(names) <= _NEAREST:
        return names
    found = [piece.tables[place].name for place in search_tables(piece, wanted)]
    by_name = _by_bare_name(names)
    alike = get_close_matches(folded(bare_name(wanted)), by_name, n=8, cutoff=0.7)
    return list(dict.fromkeys([*found[:8], *(n for key in alike for n in by_name[key])]))[:_NEAREST]


def _by_bare_name(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(folded(bare_name(name)), []).append(name)
    return found
