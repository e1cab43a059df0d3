"""*Update the answer* for the documents that it wrote: their figures filled from newer results.

A version of its own holds them, and the one before stays. What no result fills cannot be redone:
such a document says that its numbers are those of the earlier answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from datelier.artifacts.chart_renewal import newest_version
from datelier.artifacts.documents.errors import ContentRefused, DocumentTooLarge
from datelier.artifacts.documents.figures import (
    Account,
    Earlier,
    mark,
    written_cells,
    written_text,
)
from datelier.artifacts.documents.schemas import DocumentDetail
from datelier.artifacts.documents.sheets import Cells, read_csv
from datelier.artifacts.documents.showing import own_document, show
from datelier.artifacts.documents.versions import (
    MOST_VERSIONS,
    Body,
    Change,
    Made,
    Writing,
    keep,
    require_room,
)
from datelier.artifacts.service import Reader
from datelier.kit.context import Context
from datelier.kit.log import get_logger
from datelier.queries.service import Author
from datelier.queries.trace.filled import Piece
from datelier.queries.trace.fills import Read, read_hole
from datelier.queries.trace.receipts import code_points
from datelier.queries.trace.stream import Hole
from datelier.queries.trace.tables import Table
from datelier.queries.trace.written import Receipt

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Renewed:
    """A document of an updated answer, not stored yet.

    Attributes:
        shown: As it was.
        made: What it says of newer results; None where it could not be redone.
    """

    shown: DocumentDetail
    made: Made | None

    async def keep(self, ctx: Context) -> DocumentDetail:
        """Store its next version, or that it was left behind, in the open transaction.

        Raises:
            NotFound, DocumentChanged, DocumentArchived: It was changed meanwhile.
        """
        row = await own_document(ctx, self.shown.id, for_update=True)
        if self.made is None:
            row.left_behind = row.version
            return await show(ctx, row.id)
        require_room(row, self.shown.version)
        row.version += 1
        author = Author("user", ctx.actor.name, ctx.actor.id)
        change = Change("document.updated", renewed_from=self.shown.version)
        writing = Writing(author, Account(row.thread_id, by_person=True))
        return await keep(ctx, row, self.made, writing, change)


def read_from(shown: DocumentDetail) -> set[tuple[int, int]]:
    """Return the results that a document's figures and rows are of: queries' numbers, versions."""
    found = {
        (int(cell["query"][1:]), int(cell["version"]))
        for cite in shown.figures
        for cell in cite["cells"]
    }
    if shown.result is not None:
        found.add(_bound(shown.result.reference))
    return found


def _bound(reference: str) -> tuple[int, int]:
    handle, _, version = reference.partition(".v")
    return int(handle[1:]), int(version)


async def renew_document(
    ctx: Context, shown: DocumentDetail, newest: Mapping[int, Table], reader: Reader
) -> Renewed | None:
    """Redo a document of an answer whose results have changed; no transaction may be open.

    Args:
        ctx: Whose it is.
        shown: Its newest version.
        newest: The newest results of the thread by the numbers of their queries.
        reader: For whom. What a person typed still needs no receipt.

    Returns:
        What is to be stored; None where all that it shows is of the newest results.
    """
    versions = {handle: table.version for handle, table in newest.items()}
    read = read_from(shown)
    if read and not any(versions.get(handle, 0) > version for handle, version in read):
        return None
    if not read or shown.archived_at is not None or shown.newest >= MOST_VERSIONS:
        return Renewed(shown, None)
    try:
        return Renewed(shown, await _made(ctx, shown, newest, reader))
    except (ContentRefused, DocumentTooLarge) as error:
        log.info("document_not_renewed", document_id=str(shown.id), code=error.code)
        return Renewed(shown, None)


async def _made(
    ctx: Context, shown: DocumentDetail, newest: Mapping[int, Table], reader: Reader
) -> Made:
    if shown.result is not None:
        handle, _ = _bound(shown.result.reference)
        return Made(Body(shown.title, result_id=UUID(str(newest[handle].facts["result_id"]))))
    account = Account(
        shown.thread_id,
        reader.question,
        reader.locale,
        by_person=shown.author.kind == "user",
        owed=frozenset(str(cite["shown"]) for cite in shown.figures),
    )
    body = Body(shown.title, language=shown.language)
    if shown.kind == "sheet":
        cells, reads = _cells(shown.content, shown.figures)
        return Made(body, await written_cells(ctx, cells, reads, account, Earlier()))
    versions = {handle: table.version for handle, table in newest.items()}
    pieces = _pieces(shown.content, shown.figures)
    before = Earlier(shown.content, shown.figures, versions)
    return Made(body, await written_text(ctx, pieces, account, before))


def _read(cite: Receipt) -> Read:
    form = f" | {cite['format']}" if cite.get("format") else ""
    return read_hole(Hole(newest_version(cite["formula"]) + form))


def _filled(figures: list[Receipt]) -> list[Receipt]:
    """Return the receipts of figures that a placeholder was filled with."""
    return [cite for cite in figures if cite.get("formula")]


def _pieces(text: str, figures: list[Receipt]) -> list[Piece]:
    """Return a text as it was written, with placeholders."""
    pieces: list[Piece] = []
    at = 0
    for cite in sorted(_filled(figures), key=lambda cite: cite["start"]):
        pieces += [text[at : code_points(text, cite["start"])], _read(cite)]
        at = code_points(text, cite["end"])
    return [*pieces, text[at:]]


def _cells(text: str, figures: list[Receipt]) -> tuple[Cells, list[Read]]:
    """Return a sheet as it was written, with marks for placeholders, and these."""
    cells = read_csv(text)
    reads: list[Read] = []
    at: dict[tuple[int, int], int] = {}
    for cite in _filled(figures):
        row, column = int(cite["cell"][0]), int(cite["cell"][1])
        line, shown = cells[row + 1], str(cite["shown"])
        start = line[column].find(shown, at.get((row, column), 0))
        if start < 0:
            continue  # a person wrote over it
        put = mark(len(reads))
        line[column] = line[column][:start] + put + line[column][start + len(shown) :]
        at[row, column] = start + len(put)
        reads.append(_read(cite))
    return cells, reads
