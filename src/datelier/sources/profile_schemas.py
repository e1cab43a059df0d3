"""What the API takes and gives for profiles and for privacy."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

TableName = Annotated[str, Field(min_length=1, max_length=300)]
ValueState = Literal["complete", "too_many", "too_long", "over_cap"]


class PrivateColumn(BaseModel):
    """A column whose values no model may see; `table` as the catalog lists it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: TableName
    column: TableName


class ProfileIn(BaseModel):
    """Which table to profile."""

    model_config = ConfigDict(extra="forbid")

    table: TableName


class TopValue(BaseModel):
    """A value and how often it occurs."""

    value: str | None
    count: int


class TopPattern(BaseModel):
    """A shape such as AA-999 and how many texts have it."""

    pattern: str
    count: int


class Patterns(BaseModel):
    """The shapes of a text column: how many there are, and the most frequent."""

    kinds: int
    top: list[TopPattern]


class Bin(BaseModel):
    """One bar of a histogram; edges are numbers, or ISO times."""

    model_config = ConfigDict(populate_by_name=True)

    low: float | str = Field(alias="from")
    high: float | str = Field(alias="to")
    count: int


class Lengths(BaseModel):
    """Characters of the texts of a column."""

    min: int | None
    max: int | None
    mean: float | None


class IndexedValues(BaseModel):
    """Whether all values of a column are known for questions, and if not, why."""

    state: ValueState
    distinct: int | None
    built_at: datetime


class ColumnFacts(BaseModel):
    """One column. None is unknown; `not_computed` says what is, and why."""

    name: str
    type: str
    kind: Literal["number", "moment", "boolean", "text", "other", "opaque"]
    nulls: int | None
    completeness: float | None = Field(description="Share of rows with a value, 0 to 1.")
    distinct: int | None
    distinct_exact: bool
    unique: bool | None
    empty: int | None
    min: str | None
    max: str | None
    mean: float | None
    quantiles: dict[str, float | str | None] | None
    quantiles_exact: bool
    length: Lengths | None
    non_finite: int | None
    top_values: list[TopValue] | None
    patterns: Patterns | None
    histogram: list[Bin] | None
    not_computed: list[str]
    private: bool = False
    indexed: IndexedValues | None = None


class Key(BaseModel):
    """Columns that look like a key, and how many of their values repeat."""

    columns: list[str]
    duplicates: int
    nulls: int
    declared: bool


class Basis(BaseModel):
    """Which rows were looked at: all, or the first so many."""

    kind: Literal["all", "first_rows"]
    rows: int | None
    words: str


class TableFacts(BaseModel):
    """A profile of one table."""

    row_count: int | None
    rows_estimated: bool
    basis: Basis
    completeness: float | None
    columns: list[ColumnFacts]
    duplicate_rows: int | None
    keys: list[Key]
    not_computed: list[str]
    elapsed_ms: int


class Progress(BaseModel):
    """How far a profile is: `done` of `total` steps."""

    done: int
    total: int
    step: str


class ProfileError(BaseModel):
    """Why a profile failed."""

    code: str
    message: str
    hint: str | None = None


class ProfileOut(BaseModel):
    """The newest profile of a table; while one runs, the one before it is still shown."""

    source_id: UUID
    table: str
    status: Literal["none", "running", "done", "failed"]
    progress: Progress | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    error: ProfileError | None = None
    profile: TableFacts | None = None


Answer = dict[str, Any]
