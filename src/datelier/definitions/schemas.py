"""What goes in and out of the definitions API."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from datelier.kit.lines import LineOut
from datelier.kit.pagination import MAX_LIMIT

Kind = Literal["metric", "term"]
Status = Literal["proposed", "certified", "lapsed"]
MOST_NAME = 80  # characters
MOST_PATTERN = 500
MOST_SQL = 20_000
MOST_NOTE = 4_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Content(_Strict):
    """What a definition says.

    `pattern` is the question it answers, as people ask it; `sql` one SELECT in the source's
    dialect; `note` what to know about it. A metric has SQL and a source. A term may do without:
    it then holds for every source.
    """

    kind: Kind = "metric"
    name: str = Field(min_length=1, max_length=MOST_NAME)
    pattern: str = Field(default="", max_length=MOST_PATTERN)
    sql: str = Field(default="", max_length=MOST_SQL)
    note: str = Field(default="", max_length=MOST_NOTE)
    source_id: UUID | None = None

    @field_validator("name", "pattern")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("must be one line of readable text")
        return value

    @field_validator("note", "sql")
    @classmethod
    def _readable(cls, value: str) -> str:
        value = value.replace("\r\n", "\n")
        if not all(line.isprintable() for line in value.replace("\t", " ").split("\n")):
            raise ValueError("must be readable text")
        return value


class Wanted(BaseModel):
    """What a list is narrowed to; what is absent narrows nothing."""

    q: str | None = Field(default=None, max_length=200, description="Words of the texts.")
    status: Status | None = None
    source_id: UUID | None = None
    archived: bool = False
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)


class DefinitionIn(Content):
    """A new definition. `query_id` and `query_version` say which query of an answer it is from."""

    query_id: UUID | None = None
    query_version: Annotated[int, Field(ge=1)] | None = None


class CertifyIn(_Strict):
    """The version that was read and is certified."""

    version: int = Field(ge=1)


class LapseIn(_Strict):
    """Why the definition no longer holds."""

    reason: str = Field(default="", max_length=500)


class CheckOut(BaseModel):
    """How the newest check of the SQL on the source ended; `ok` is null when it could not be run.

    `code` is that of the failure: `sql_failed`, `sql_refused`, `drift`, `no_worker` …
    """

    ok: bool | None
    code: str | None = None
    message: str | None = None


class LapseOut(BaseModel):
    """Why a definition lapsed.

    What it reads has changed (`drift`), its SQL `failed`, it was `edited`, a person said so
    (`withdrawn`), or its source was `removed`.
    """

    reason: Literal["drift", "failed", "edited", "withdrawn", "removed"]
    detail: str


class PersonRef(BaseModel):
    """Somebody who may have left: then only the name is known."""

    id: UUID | None
    name: str


class DefinitionOut(BaseModel):
    """A definition as lists show it. `handle` is how an answer's query names it."""

    id: UUID
    number: int
    handle: str
    kind: Kind
    name: str
    pattern: str
    sql: str
    note: str
    source_id: UUID | None
    source_name: str | None
    status: Status
    version: int
    owner: PersonRef
    certified_by: PersonRef | None
    certified_at: datetime | None
    check: CheckOut | None
    checked_at: datetime | None
    lapsed: LapseOut | None
    lapsed_at: datetime | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime


class UsedTable(BaseModel):
    """A table of the source that the SQL names, with the columns it names."""

    table: str
    columns: list[str]


class UseOut(BaseModel):
    """A query of one of your chats that used the definition."""

    version: int
    query_id: UUID
    query_version: int
    handle: str
    title: str | None
    thread_id: UUID
    at: datetime


class UsesOut(BaseModel):
    """Where a definition was used: `count` by everybody, `data` the newest of your own chats."""

    count: int
    last_at: datetime | None
    data: list[UseOut]


class DefinitionDetail(DefinitionOut):
    """A definition with what it reads and where it is from."""

    uses: list[UsedTable]
    origin_query_id: UUID | None
    origin_version: int | None


class DefinitionVersionOut(BaseModel):
    """What a definition said in one version."""

    version: int
    kind: Kind
    name: str
    pattern: str
    sql: str
    note: str
    source_id: UUID | None
    author: PersonRef
    created_at: datetime
    certified: bool


class FieldChange(BaseModel):
    """One field that differs between two versions."""

    field: Literal["kind", "name", "pattern", "source"]
    before: str | None
    after: str | None


class DefinitionDiff(BaseModel):
    """What differs between two versions: short fields, and SQL and note line by line."""

    model_config = ConfigDict(populate_by_name=True)

    from_: int = Field(alias="from")
    to: int
    changes: list[FieldChange]
    sql: list[LineOut]
    note: list[LineOut]


class DocumentIn(_Strict):
    """A file; its name is said back in the plan."""

    file: str = Field(min_length=1, max_length=300)
    text: str = Field(max_length=100_000)


class ImportIn(_Strict):
    """Files of definitions. Without `apply` nothing is done but a plan.

    `digest` is that of the plan that was read; when it is no longer what would be done, nothing is.
    """

    documents: Annotated[list[DocumentIn], Field(min_length=1, max_length=500)]
    apply: bool = False
    digest: str | None = Field(default=None, max_length=64)


class PlanEntry(BaseModel):
    """What becomes of one file; `problem` says why nothing can. A change may let it lapse."""

    file: str
    name: str | None
    action: Literal["create", "change", "same", "conflict"]
    id: UUID | None = None
    version: int | None = None
    fields: list[str] = []
    lapses: bool = False
    problem: str | None = None


class PlanOut(BaseModel):
    """What an import would do, or has done."""

    entries: list[PlanEntry]
    digest: str
    applied: bool = False
