"""Figures in documents, traced like those of an answer.

Placeholders are filled from stored results, what is typed is looked up in them, and lines that an
earlier version had already keep the receipts they had.
"""

import asyncio
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from uuid import UUID

from datelier.artifacts.documents.errors import ContentRefused, DocumentTooLarge
from datelier.artifacts.documents.sheets import (
    LONGEST_CELL,
    Cells,
    as_table,
    read_csv,
    unescaped,
    write_csv,
)
from datelier.artifacts.errors import Problem
from datelier.kit.context import Context
from datelier.queries.trace.check import Checked, check
from datelier.queries.trace.cites import TRACED, Cite
from datelier.queries.trace.filled import (
    Piece,
    ThreadResults,
    TooLong,
    filled,
    pieces_of,
    references_of,
)
from datelier.queries.trace.fills import Fill, Read
from datelier.queries.trace.load import thread_references
from datelier.queries.trace.locales import ENGLISH, Locale
from datelier.queries.trace.receipts import cite_part, code_points, utf16
from datelier.queries.trace.written import Receipt

LONGEST: Final = 100_000  # characters of a document
MOST_FIGURES: Final = 2_000
_MOST_RESULTS: Final = 20  # that a text is checked against, the newest
_HOLE: Final = re.compile("\ue000(\\d{1,6})\ue001")
_SPACES: Final = re.compile(r"\s+")
_WRITE: Final = "write it as a placeholder such as {{Q1[0].revenue | eur 0}}, or leave it out"


@dataclass(frozen=True, slots=True)
class Account:
    """What a document's figures are held against.

    Attributes:
        thread_id: Whose results are found by name; None for a document outside of chats.
        question: What was asked; its figures need no receipt.
        numbers: What becomes of figures without one.
        by_person: A person wrote it: what they type needs no receipt.
        owed: Figures that need one all the same, as they are written.
    """

    thread_id: UUID | None
    question: str = ""
    locale: Locale = ENGLISH
    numbers: Literal["allow", "warn", "block"] = "warn"
    by_person: bool = False
    owed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the version before said, with its receipts.

    Attributes:
        newest: Versions of queries by their numbers: receipts of older ones are not kept.
    """

    content: str = ""
    figures: Sequence[Receipt] = ()
    newest: Mapping[int, int] = field(default_factory=dict[int, int])


@dataclass(frozen=True, slots=True)
class Written:
    """Content as its reader sees it, with its receipts.

    Attributes:
        numbers: How many figures have a receipt: traced, total, by_kind.
        untraced: The figures without one, as they are written.
    """

    content: str
    figures: list[Receipt] = field(default_factory=list[Receipt])

    @property
    def numbers(self) -> dict[str, Any]:
        by_kind: dict[str, int] = {}
        for cite in self.figures:
            by_kind[cite["kind"]] = by_kind.get(cite["kind"], 0) + 1
        traced = sum(count for kind, count in by_kind.items() if kind in TRACED)
        total = traced + by_kind.get("untraced", 0)
        return {"traced": traced, "total": total, "by_kind": by_kind} if by_kind else {}

    @property
    def untraced(self) -> list[str]:
        return [str(cite["shown"]) for cite in self.figures if cite["kind"] == "untraced"]


async def written_text(
    ctx: Context, text: str | Sequence[Piece], account: Account, before: Earlier
) -> Written:
    """Fill and check a text of Markdown, whole or in pieces; no transaction may be open.

    Raises:
        ContentRefused: A placeholder cannot be filled, or a figure has no receipt and the policy is
            *block*.
        DocumentTooLarge: It has too many figures, or is too long once it is filled.
    """
    pieces = pieces_of(text) if isinstance(text, str) else text
    results = await _results(ctx, account, pieces)

    def work() -> Written:
        try:
            said, fills = filled(pieces, results.find, account.locale, LONGEST)
        except TooLong:
            raise _too_long() from None
        _refuse_unfilled(fills)
        cites = _checked(said, fills, results, account)
        found = [(cite, cite_part(cite, said, "", 0)["data"]) for cite in cites]
        return Written(said, _with_earlier(said, found, before))

    return _accounted(await asyncio.to_thread(work), account)


async def written_sheet(ctx: Context, text: str, account: Account, before: Earlier) -> Written:
    """Fill and check a sheet of CSV; rows that stay keep their receipts. No transaction may be open.

    Raises:
        ContentRefused: As in :func:`written_text`, or it is not CSV.
        DocumentTooLarge: It is larger than a sheet may be.
    """
    pieces = pieces_of(text)
    reads = [piece for piece in pieces if isinstance(piece, Read)]
    numbers = iter(range(len(reads)))
    # A placeholder may hold commas and quotes, and so may what stands for it.
    marked = "".join(p if isinstance(p, str) else mark(next(numbers)) for p in pieces)
    cells = await asyncio.to_thread(read_csv, marked)
    return await written_cells(ctx, cells, reads, account, before)


def mark(number: int) -> str:
    """Return what stands in a cell for the placeholder of a number, until it is filled."""
    return f"\ue000{number}\ue001"


async def written_cells(
    ctx: Context, cells: Cells, reads: Sequence[Read], account: Account, before: Earlier
) -> Written:
    """Fill and check the cells of a sheet; no transaction may be open.

    Args:
        ctx: The caller.
        cells: The sheet, with marks (:func:`mark`) for placeholders.
        reads: The placeholders by their numbers.
        account: What figures are held against.
        before: What the version before said.

    Raises:
        ContentRefused, DocumentTooLarge: As in :func:`written_sheet`.
    """
    results = await _results(ctx, account, reads)
    sheet = _Sheet(cells, reads, results, account)
    return _accounted(await asyncio.to_thread(sheet.written, before), account)


async def _results(ctx: Context, account: Account, pieces: Sequence[Piece]) -> ThreadResults:
    results = ThreadResults(ctx, account.thread_id)
    await results.load(references_of(pieces))
    if account.thread_id is not None:
        async with ctx.begin() as tx:
            newest = await thread_references(tx, account.thread_id)
        await results.load(newest[-_MOST_RESULTS:])
    return results


def _too_long() -> DocumentTooLarge:
    return DocumentTooLarge(
        f"A document holds {LONGEST:,} characters, with what its placeholders bring in.",
        hint="Split it, or let a sheet show a stored result.",
    )


def _refuse_unfilled(fills: Sequence[Fill]) -> None:
    problems = [
        Problem("content", f"{{{{{note.formula}}}}}: {note.error.message}")
        for note in fills
        if note.error is not None
    ]
    if problems:
        raise ContentRefused(problems)


def _checked(
    text: str, fills: Sequence[Fill], results: ThreadResults, account: Account
) -> list[Cite]:
    found = check(text, fills, Checked(results.tables, account.question, account.locale))
    if not account.by_person:
        return found
    return [c for c in found if c.kind != "untraced" or text[c.start : c.end] in account.owed]


def is_older(cite: Receipt, newest: Mapping[int, int]) -> bool:
    """Whether a figure is of an older version of a query than the newest one."""
    return any(newest.get(int(c["query"][1:]), 0) > int(c["version"]) for c in cite["cells"])


def _accounted(written: Written, account: Account) -> Written:
    if len(written.figures) > MOST_FIGURES:
        raise DocumentTooLarge(
            f"A document has at most {MOST_FIGURES:,} figures of its own.",
            hint="Let a sheet show a stored result: those may be of any size.",
        )
    if account.numbers != "block" or account.by_person:
        return written
    problems = [
        Problem("content", f"{cite['shown']} is in no result ({cite['reason']}): {_WRITE}")
        for cite in written.figures
        if cite["kind"] == "untraced"
    ]
    if problems:
        raise ContentRefused(problems)
    return written


def _with_earlier(
    said: str, found: Sequence[tuple[Cite, Receipt]], before: Earlier
) -> list[Receipt]:
    """Return the receipts of a text: lines that stayed keep those they had."""
    kept = _by_line(before)
    starts = _line_starts(said)
    own: dict[int, list[tuple[Cite, Receipt]]] = {}
    for cite, receipt in found:
        own.setdefault(bisect_right(starts, cite.start) - 1, []).append((cite, receipt))
    out: list[Receipt] = []
    for number, line in enumerate(said.split("\n")):
        new = own.get(number, [])
        was = kept.get(line)
        if was is None or any(cite.formula for cite, _ in new):
            out += [receipt for _, receipt in new]
            continue
        at = utf16(said, starts[number])
        out += [c | {"start": c["start"] + at, "end": c["end"] + at} for c in was]
    return out


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n")[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _by_line(before: Earlier) -> dict[str, list[Receipt]]:
    """Return the receipts of each line, with offsets in the line."""
    text = before.content
    starts = _line_starts(text)
    lines = text.split("\n")
    found: dict[str, list[Receipt]] = {line: [] for line in lines}
    seen: dict[str, int] = {}
    for cite in before.figures:
        number = bisect_right(starts, code_points(text, cite["start"])) - 1
        at = utf16(text, starts[number])
        line = lines[number]
        if seen.setdefault(line, number) == number:
            moved = {"start": cite["start"] - at, "end": cite["end"] - at}
            found[line].append(cite | moved)
    old = {line for line, cites in found.items() if any(is_older(c, before.newest) for c in cites)}
    return {line: cites for line, cites in found.items() if line not in old}


class _Sheet:
    """A sheet whose cells are being filled."""

    def __init__(
        self, cells: Cells, reads: Sequence[Read], results: ThreadResults, account: Account
    ) -> None:
        self._cells = cells
        self._reads = reads
        self._results = results
        self._account = account

    def written(self, before: Earlier) -> Written:
        made = [[self._filled(cell) for cell in line] for line in self._cells]
        _refuse_unfilled([note for line in made for _, notes in line for note in notes])
        said = [[self._shown(cell) for cell in line] for line in self._cells]
        content = write_csv(said)
        if len(content) > LONGEST:
            raise _too_long()
        read_csv(content)  # what is kept has to be readable, however long the cells have become
        texts = [[text for text, _ in line] for line in made]
        table, starts = as_table(texts)
        fills = [
            replace(note, start=note.start + at, end=note.end + at)
            for line, row in zip(made, starts, strict=True)
            for (_, notes), at in zip(line, row, strict=True)
            for note in notes
        ]
        cites = _checked(table, fills, self._results, self._account)
        anew = {number - 1 for number, line in enumerate(made) if any(notes for _, notes in line)}
        return Written(content, _rows_kept(_by_cell(cites, table, starts), said, anew, before))

    def _pieces(self, cell: str) -> list[Piece]:
        out: list[Piece] = []
        at = 0
        for match in _HOLE.finditer(cell):
            if int(match[1]) < len(self._reads):
                out += [cell[at : match.start()], self._reads[int(match[1])]]
                at = match.end()
        return [*out, cell[at:]]

    def _filled(self, cell: str) -> tuple[str, list[Fill]]:
        """Return a cell as Markdown in a table, and what was filled in."""
        pieces = [p if isinstance(p, Read) else _in_table(p) for p in self._pieces(cell)]
        try:
            # In a table every sign may be escaped.
            return filled(pieces, self._results.find, self._account.locale, 2 * LONGEST_CELL)
        except TooLong:
            raise _too_long() from None

    def _shown(self, cell: str) -> str:
        """Return a cell as its reader sees it."""
        find, locale = self._results.find, self._account.locale
        pieces = self._pieces(cell)
        return "".join(
            p if isinstance(p, str) else unescaped(filled([p], find, locale)[0]) for p in pieces
        )


def _in_table(text: str) -> str:
    return _SPACES.sub(" ", text).replace("|", "\\|")


def _by_cell(cites: Sequence[Cite], table: str, starts: list[list[int]]) -> list[Receipt]:
    """Return the receipts of a sheet, each at its cell; column names hold no figures."""
    flat = [(at, row, column) for row, line in enumerate(starts) for column, at in enumerate(line)]
    positions = [at for at, _, _ in flat]
    out: list[Receipt] = []
    for cite in cites:
        _, row, column = flat[max(0, bisect_right(positions, cite.start) - 1)]
        if row == 0:
            continue
        receipt: Receipt = cite_part(cite, table, "", 0)["data"]
        del receipt["start"], receipt["end"]
        out.append(receipt | {"cell": [row - 1, column], "shown": unescaped(receipt["shown"])})
    return out


def _rows_kept(
    found: Sequence[Receipt], said: Cells, anew: set[int], before: Earlier
) -> list[Receipt]:
    """Return the receipts of a sheet: rows that stayed keep those they had.

    Args:
        found: The receipts by what the cells say now.
        said: The sheet as its reader sees it.
        anew: Rows that hold a placeholder.
        before: What the version before said; under other column names nothing of it stayed.
    """
    old = read_csv(before.content) if before.content else []
    if not old or old[0] != said[0]:
        return list(found)
    places: dict[tuple[str, ...], int] = {}
    for row, line in enumerate(old[1:]):
        places.setdefault(tuple(line), row)
    stayed = {
        row: places[tuple(line)]
        for row, line in enumerate(said[1:])
        if tuple(line) in places and row not in anew
    }
    had: dict[int, list[Receipt]] = {}
    for cite in before.figures:
        had.setdefault(cite["cell"][0], []).append(cite)
    out = [cite for cite in found if cite["cell"][0] not in stayed]
    for row, was in stayed.items():
        out += [cite | {"cell": [row, cite["cell"][1]]} for cite in had.get(was, ())]
    return sorted(out, key=lambda cite: cite["cell"])
