"""What the API takes and gives for queries and results."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from datelier.sources.schemas import ColumnOut
from datelier.wire.types import ColumnType

SQL_MAX = 100_000
Format = Literal["csv", "parquet", "jsonl", "xlsx", "arrow"]
Status = Literal["running", "done", "failed", "cancelled"]


class QueryIn(BaseModel):
    """A statement to run. With `query_id` it becomes the next version of that query."""

    model_config = ConfigDict(extra="forbid")

    source_id: UUID
    sql: Annotated[str, Field(min_length=1, max_length=SQL_MAX)]
    thread_id: UUID | None = None
    query_id: UUID | None = None
    title: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1)] | None = None
    timeout_seconds: Annotated[float, Field(gt=0)] | None = None


class AuthorOut(BaseModel):
    """Who asked."""

    kind: Literal["agent", "user"]
    name: str


class QueryError(BaseModel):
    """Why a statement gave no result; `position` is 1-based in the statement that ran."""

    code: str
    message: str
    hint: str | None = None
    position: int | None = None


class QueryVersionOut(BaseModel):
    """One statement that was run, with its state; rows are fetched by `result_id`."""

    query_id: UUID
    handle: str
    version: int
    sql: str
    title: str | None
    source_id: UUID
    source_name: str
    thread_id: UUID | None
    status: Status
    author: AuthorOut
    result_id: UUID | None = None
    columns: list[ColumnOut] = []
    row_count: int | None = None
    truncated: bool = False
    total: int | None = None
    row_limit: int
    elapsed_ms: int | None = None
    database_user: str | None = None
    ran_at: datetime
    error: QueryError | None = None
    notes: list[str] = Field(
        default=[], description="What was cut or assumed on the way, in sentences."
    )
    withheld: list[str] = Field(
        default=[], description="Private columns whose values the model was not shown."
    )

    @property
    def reference(self) -> str:
        """How an answer and a chart name this version's result: ``Q3.v1``."""
        return f"{self.handle}.v{self.version}"

    def head(self) -> str:
        """Return what a header says of the rows that follow it: short JSON in ASCII.

        `notes` is only how many there are; the query itself has their sentences.
        """
        fields = ("query_id", "handle", "version", "result_id", "row_count", "truncated", "total")
        facts = self.model_dump(mode="json", include={*fields, "elapsed_ms"})
        return json.dumps(facts | {"notes": len(self.notes)})

    def to_part(self) -> dict[str, Any]:
        """Return the `data-query` part of a run's log; notes are there when there are any."""
        data = self.model_dump(mode="json", exclude=None if self.notes else {"notes"})
        return {"type": "data-query", "id": f"{self.query_id}:{self.version}", "data": data}


class QueryOut(BaseModel):
    """A query with all its versions, oldest first."""

    query_id: UUID
    handle: str
    versions: list[QueryVersionOut]


class ThreadQueries(BaseModel):
    """The newest version of every query of a thread, in the order of their handles."""

    data: list[QueryVersionOut]


class ResultOut(BaseModel):
    """What a stored result holds."""

    id: UUID
    columns: list[ColumnOut]
    row_count: int
    truncated: bool
    total: int | None
    created_at: datetime


class TopValue(BaseModel):
    """A frequent value; values are written as in a page of rows."""

    value: Any
    count: int


class ColumnProfile(BaseModel):
    """What one column of a result holds. NULL is not a value: it is neither distinct nor top.

    `min` and `max` are null for a column without values or whose type has no order; texts are cut
    at 200 characters.
    """

    column: str
    type: ColumnType
    rows: int
    nulls: int
    distinct: int
    min: Any = None
    max: Any = None
    top: list[TopValue]


class ExportIn(BaseModel):
    """A file of all rows of a query. `protect` is for CSV: texts that look like formulas."""

    model_config = ConfigDict(extra="forbid")

    format: Format = "parquet"
    protect: bool = True


class ExportOut(BaseModel):
    """How far a file of all rows is; `rows` and `bytes` are those written so far.

    `stage` is `rows` while they come from the source and `file` while the file is made of them.
    `truncated` says that the largest size of a download was reached, `notes` what else was cut.
    """

    id: UUID
    status: Status
    stage: Literal["rows", "file"]
    format: Format
    name: str
    rows: int = 0
    bytes: int = 0
    truncated: bool = False
    notes: list[str] = []
    error: QueryError | None = None
