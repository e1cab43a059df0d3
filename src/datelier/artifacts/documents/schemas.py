"""What the API takes and gives for documents."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from datelier.kit.lines import LineOut
from datelier.kit.pagination import MAX_LIMIT
from datelier.sources.schemas import ColumnOut

Kind = Literal["text", "code", "sheet"]
Format = Literal["md", "txt", "code", "csv", "xlsx"]

Title = Annotated[str, Field(min_length=1, max_length=200)]
Language = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9+#._-]{0,29}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DocumentDraft(_Strict):
    """A document to begin.

    Attributes:
        content: Markdown for a text, source text for code, CSV with a header line for a sheet.
        result_id: A stored result that a sheet shows, in place of content.
    """

    kind: Kind
    title: Title
    content: str | None = None
    language: Language | None = None
    result_id: UUID | None = None


class DocumentEdit(_Strict):
    """What the next version says; what is absent stays as it is."""

    title: Title | None = None
    content: str | None = None
    language: Language | None = None


class DocumentPatch(_Strict):
    """Bring a document back."""

    archived: Literal[False]


class DocumentRestore(_Strict):
    """Which version the next one repeats."""

    version: Annotated[int, Field(ge=1, le=999_999_999)]


class Wanted(BaseModel):
    """Which documents to list.

    Attributes:
        kind: Only documents of this kind.
        archived: Those that were archived, in place of the others.
    """

    kind: Kind | None = None
    archived: bool = False
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)


class DocumentAuthor(BaseModel):
    """Who wrote a version: an agent or a person, by name."""

    kind: Literal["agent", "user"]
    name: str


class DocumentNumbers(BaseModel):
    """How many figures have a receipt, of those that need one."""

    traced: int = 0
    total: int = 0
    by_kind: dict[str, int] = {}


class DocumentVersionOut(BaseModel):
    """A version without what it says.

    Attributes:
        renewed_from: The version whose words it has; its figures are of the newest results then.
    """

    version: int
    title: str
    language: str | None
    author: DocumentAuthor
    restored_from: int | None = None
    renewed_from: int | None = None
    numbers: DocumentNumbers
    created_at: datetime


class DocumentOut(BaseModel):
    """A document in its newest version, without what it says."""

    id: UUID
    handle: str
    kind: Kind
    title: str
    language: str | None
    version: int
    thread_id: UUID | None
    author: DocumentAuthor
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime


class SheetRows(BaseModel):
    """A sheet's cells, column by column; numbers keep every digit and are text."""

    columns: list[ColumnOut]
    data: list[list[str | None]]


class BoundResult(BaseModel):
    """The stored result that a sheet shows; its rows are at `/results/{id}/rows`."""

    id: UUID
    reference: str
    query_id: UUID
    title: str | None
    source_name: str
    row_count: int
    truncated: bool


class DocumentDetail(DocumentOut):
    """A document as one of its versions says it.

    Attributes:
        version: The version that this is.
        newest: The newest there is; an edit is made from it.
        renewed_from: The version whose words it has; its figures are of the newest results then.
        outdated: Its answer was updated and this could not be: its numbers are of the earlier one.
        content: Markdown, source text or CSV; empty for a sheet that shows a result.
        figures: Receipts of the figures in `content`, as the `data` of `data-citation` parts with
            offsets in it; those of a sheet have `cell` ([row, column] from 0) in place of offsets.
        rows: The cells of a sheet with content of its own.
        result: What a sheet without content shows.
    """

    newest: int
    restored_from: int | None = None
    renewed_from: int | None = None
    outdated: bool = False
    content: str
    figures: list[dict[str, Any]]
    numbers: DocumentNumbers
    rows: SheetRows | None = None
    result: BoundResult | None = None

    def reference(self) -> dict[str, Any]:
        """Return what a viewer needs to fetch the document."""
        return {
            "document_id": str(self.id),
            "handle": self.handle,
            "title": self.title,
            "kind": self.kind,
            "version": self.version,
        }

    def to_part(self) -> dict[str, Any]:
        """Return the `data-document` part of a run's log."""
        return {"type": "data-document", "id": str(self.id), "data": self.reference()}


class DocumentDiff(BaseModel):
    """What differs between two versions: titles, and the content line by line."""

    model_config = ConfigDict(populate_by_name=True)

    from_: int = Field(alias="from")
    to: int
    title: tuple[str, str] | None
    lines: list[LineOut]
