"""Texts that are written at once: split into words and placeholders, filled from a thread's results."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from datelier.kit.context import Context
from datelier.queries.trace.errors import TraceError
from datelier.queries.trace.fills import Fill, Read, fill, read_hole
from datelier.queries.trace.formula import Reference
from datelier.queries.trace.load import load_table
from datelier.queries.trace.locales import Locale
from datelier.queries.trace.stream import Hole, PlaceholderStream
from datelier.queries.trace.tables import Table

Piece = str | Read


def pieces_of(text: str) -> list[Piece]:
    """Split a text into words and placeholders."""
    stream = PlaceholderStream()
    items = [*stream.feed(text), *stream.finish()]
    return [read_hole(item) if isinstance(item, Hole) else item for item in items]


def references_of(pieces: Iterable[Piece]) -> list[Reference]:
    """Return the results that placeholders need, each once."""
    found = [r for piece in pieces if isinstance(piece, Read) for r in piece.references]
    return list(dict.fromkeys(found))


class TooLong(Exception):
    """A text has become longer than it may be."""


def filled(
    pieces: Sequence[Piece],
    tables: Callable[[Reference], Table],
    locale: Locale,
    most: int | None = None,
) -> tuple[str, list[Fill]]:
    """Return a text with its placeholders filled, and what was put where.

    Raises:
        TooLong: It would have more than `most` characters; the cells of a result may be long.
    """
    texts: list[str] = []
    fills: list[Fill] = []
    length = 0
    for piece in pieces:
        if isinstance(piece, Read):
            shown, note = fill(piece, tables, locale, length)
            fills.append(note)
        else:
            shown = piece
        texts.append(shown)
        length += len(shown)
        if most is not None and length > most:
            raise TooLong
    return "".join(texts), fills


class ThreadResults:
    """The results of a thread by name, each opened once.

    Args:
        ctx: The caller; no transaction may be open.
        thread_id: Whose results they are; None for what belongs to no chat and so has none.
    """

    def __init__(self, ctx: Context, thread_id: UUID | None) -> None:
        self._ctx = ctx
        self._thread_id = thread_id
        self._tables: dict[Reference, Table] = {}
        self._missing: dict[Reference, TraceError] = {}

    async def load(self, references: Iterable[Reference]) -> None:
        """Open results; what cannot be opened is remembered as missing."""
        for reference in references:
            if reference in self._tables or reference in self._missing:
                continue
            if self._thread_id is None:
                error = TraceError("no_such_query", "Placeholders need a chat.")
                self._missing[reference] = error
                continue
            try:
                table = await load_table(self._ctx, self._thread_id, reference)
            except TraceError as failed:
                self._missing[reference] = failed
                continue
            self._tables[reference] = table

    def find(self, reference: Reference) -> Table:
        """Return a result that was opened.

        Raises:
            TraceError: There is no such result.
        """
        table = self._tables.get(reference)
        if table is None:
            raise self._missing.get(reference) or TraceError("no_such_query", "No such result.")
        return table

    @property
    def tables(self) -> list[Table]:
        """What was opened, each version once."""
        return list({(t.handle, t.version): t for t in self._tables.values()}.values())
