"""Documents as files."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from datelier.artifacts.documents.errors import WrongKind
from datelier.artifacts.documents.schemas import DocumentDetail, Format
from datelier.artifacts.documents.sheets import read_csv, sheet_file
from datelier.artifacts.documents.showing import show
from datelier.kit.context import Context
from datelier.queries.export import MEDIA_TYPES, file_chunks
from datelier.queries.file_names import download_name
from datelier.queries.results import open_result
from datelier.queries.trace.written import notes, with_marks

FORMATS: Final[dict[str, tuple[Format, ...]]] = {
    "text": ("md", "txt"),
    "code": ("code",),
    "sheet": ("csv", "xlsx"),
}
_SUFFIXES: Final = {
    "bash": "sh", "c": "c", "c++": "cpp", "cpp": "cpp", "c#": "cs", "css": "css", "go": "go",
    "html": "html", "java": "java", "javascript": "js", "js": "js", "json": "json",
    "julia": "jl", "kotlin": "kt", "markdown": "md", "php": "php", "powershell": "ps1",
    "python": "py", "r": "r", "ruby": "rb", "rust": "rs", "scala": "scala", "shell": "sh",
    "sql": "sql", "swift": "swift", "toml": "toml", "ts": "ts", "typescript": "ts", "xml": "xml",
    "yaml": "yaml", "yml": "yaml",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """A document as a file: its pieces may block."""

    name: str
    media_type: str
    pieces: Iterator[bytes]


async def download(
    ctx: Context, document_id: UUID, version: int | None, form: Format | None, *, protect: bool
) -> File:
    """Return a document as a file; no transaction may be open.

    Args:
        ctx: The caller.
        document_id: One of theirs.
        version: Which version; None for the newest.
        form: The format; None for the kind's first: md, code or csv.
        protect: Put ``'`` before CSV texts that a spreadsheet would run as a formula.

    Raises:
        NotFound: No such document or version, or the rows of its result are gone.
        WrongKind: Its kind has no such format.
    """
    async with ctx.begin() as tx:
        shown = await show(tx, document_id, version)
    possible = FORMATS[shown.kind]
    form = form or possible[0]
    if form not in possible:
        known = " or ".join(possible)
        raise WrongKind(f"A {shown.kind} is downloaded as {known}, not as {form}.")
    suffix = form if form != "code" else _SUFFIXES.get(shown.language or "", "txt")
    name = download_name(shown.handle, shown.title, shown.version, suffix)
    if form == "csv" or form == "xlsx":  # noqa: PLR1714  # narrows the type
        return File(name, MEDIA_TYPES[form], await _sheet(ctx, shown, form, protect=protect))
    text = as_markdown(shown) if form == "md" else shown.content
    # Never as what it is: a browser would run a page.
    kind = "text/markdown" if form == "md" else "text/plain"
    return File(name, f"{kind}; charset=utf-8", iter([text.encode()]))


async def _sheet(
    ctx: Context, shown: DocumentDetail, form: Literal["csv", "xlsx"], *, protect: bool
) -> Iterator[bytes]:
    if shown.result is None:
        made = await asyncio.to_thread(
            lambda: sheet_file(read_csv(shown.content), form, protect=protect)
        )
        return iter([made])
    async with ctx.begin() as tx:
        result = await open_result(tx, shown.result.id)
    return await file_chunks(result.stored, form, protect=protect)


def as_markdown(shown: DocumentDetail) -> str:
    """Return a text with the receipts of its figures as footnotes."""
    cites = sorted(
        (cite for cite in shown.figures if cite["kind"] != "asked"), key=lambda c: c["start"]
    )
    if not cites:
        return shown.content
    marked = with_marks(shown.content, list(enumerate(cites, 1)))
    return f"{marked.rstrip()}\n\n{notes(cites)}\n"
