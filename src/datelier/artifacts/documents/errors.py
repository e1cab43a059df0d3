"""Why a document cannot be read, written or given out."""

from typing import ClassVar

from datelier.artifacts.errors import Problem
from datelier.kit.errors import Conflict, DatelierError, Invalid, TooLarge


class DocumentChanged(Conflict):
    """The document is not the one the caller has seen."""

    code = "document_changed"


class DocumentArchived(Conflict):
    """The document was archived; it can be read and brought back."""

    code = "document_archived"


class DocumentFull(Conflict):
    """The document has as many versions as one may have."""

    code = "document_full"


class DocumentVersionNeeded(DatelierError):
    """An edit has to say which version it was made from."""

    status: ClassVar[int] = 428
    code: ClassVar[str] = "document_version_needed"
    title: ClassVar[str] = "If-Match needed"


class DocumentTooLarge(TooLarge):
    """A document holds less than this."""

    code = "document_too_large"


class WrongKind(Invalid):
    """What was asked is not for this kind of document."""

    code = "document_kind"


class ContentRefused(Invalid):
    """The content cannot be kept as it is; `errors` names the places."""

    code = "document_content"

    def __init__(self, problems: list[Problem], hint: str | None = None) -> None:
        first = problems[0]
        super().__init__(
            f"{first.path}: {first.message}",
            errors=[{"path": p.path, "message": p.message} for p in problems[:10]],
            hint=hint,
        )
