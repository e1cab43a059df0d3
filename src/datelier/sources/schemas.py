"""What the API takes and gives for sources."""

import ipaddress
import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from datelier.sources.profile_schemas import PrivateColumn
from datelier.wire.types import ColumnType

Engine = Literal[
    "files",
    "postgresql",
    "mysql",
    "sqlite",
    "clickhouse",
    "trino",
    "bigquery",
    "snowflake",
    "sqlserver",
]
Name = Annotated[str, Field(min_length=1, max_length=120)]
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?")
_CLOUD_METADATA: Final = (
    ipaddress.ip_network("169.254.0.0/16"),
    ipaddress.ip_network("fe80::/10"),
    ipaddress.ip_network("fd00:ec2::/32"),
    ipaddress.ip_network("0.0.0.0/32"),
    ipaddress.ip_network("224.0.0.0/4"),
)


class _Strict(BaseModel):
    """Refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class _ServerConfig(_Strict):
    """Where a database server is, and as whom to come."""

    host: str = Field(min_length=1, max_length=253)

    @field_validator("host")
    @classmethod
    def _one_plain_host(cls, value: str) -> str:
        if _HOST.fullmatch(value) is None:
            raise ValueError("must be one host name or address, without a path or scheme")
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return value
        if any(address in network for network in _CLOUD_METADATA):
            raise ValueError("this address is reserved and cannot hold a database")
        return value

    @field_validator("database", "user", "schemas", "catalog", "schema", check_fields=False)
    @classmethod
    def _no_control_characters(cls, value: str | list[str] | None) -> str | list[str] | None:
        for text in value if isinstance(value, list) else [value or ""]:
            if not text.isprintable():
                raise ValueError("must not contain control characters")
        return value


class PostgresConfig(_ServerConfig):
    """Where a PostgreSQL database is; only these settings reach the driver."""

    port: int = Field(default=5432, ge=1, le=65535)
    database: str = Field(min_length=1, max_length=63)
    user: str = Field(min_length=1, max_length=63)
    sslmode: Literal["disable", "prefer", "require", "verify-full"] = "prefer"
    schemas: list[Annotated[str, Field(min_length=1, max_length=63)]] | None = None


class MySqlConfig(_ServerConfig):
    """Where a MySQL or MariaDB database is; only these settings reach the driver."""

    port: int = Field(default=3306, ge=1, le=65535)
    database: str = Field(min_length=1, max_length=64)
    user: str = Field(min_length=1, max_length=128)
    tls: Literal["disable", "prefer", "require", "verify"] = "prefer"


_Tls = Literal["disable", "require", "verify"]
_Part = Annotated[str, Field(min_length=1, max_length=128)]


class ClickHouseConfig(_ServerConfig):
    """Where a ClickHouse database is: its HTTP interface; only these settings reach the driver."""

    port: int = Field(default=8443, ge=1, le=65535)
    database: _Part
    user: _Part
    tls: _Tls = "verify"


class TrinoConfig(_ServerConfig):
    """Where a Trino catalog is; only these settings reach the driver."""

    port: int = Field(default=443, ge=1, le=65535)
    catalog: _Part
    schema_name: _Part | None = Field(default=None, alias="schema")
    user: _Part
    tls: _Tls = "verify"


class SqlServerConfig(_ServerConfig):
    """Where a SQL Server database is; only these settings reach the driver."""

    port: int = Field(default=1433, ge=1, le=65535)
    database: _Part
    user: _Part
    tls: Literal["disable", "verify"] = "verify"


class BigQueryConfig(_Strict):
    """A dataset of BigQuery; the password is the JSON key of a service account.

    `max_gigabytes` is the most that one query may read, and be billed for.
    """

    project: str = Field(min_length=1, max_length=100, pattern=r"^[a-z][a-z0-9:.-]*$")
    dataset: str = Field(min_length=1, max_length=1024, pattern=r"^\w+$")
    location: str | None = Field(default=None, max_length=60, pattern=r"^[A-Za-z0-9-]+$")
    max_gigabytes: int = Field(default=100, ge=1, le=1_000_000)


class SnowflakeConfig(_Strict):
    """A schema of Snowflake; the password is one, an access token, or a private key (PEM)."""

    account: str = Field(
        min_length=1, max_length=200, pattern=r"^[A-Za-z0-9][\w-]*(\.[A-Za-z0-9][\w-]*){0,3}$"
    )
    user: _Part
    role: _Part
    warehouse: _Part
    database: _Part
    schema_name: _Part = Field(alias="schema")


_Table = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[A-Za-z_]\w*$")]


class PatternIn(_Strict):
    """The files of a folder that match a pattern are one table."""

    table: _Table
    glob: str = Field(min_length=1, max_length=1024)


class FolderConfig(_Strict):
    """A folder the operator has allowed: every file in it is a table, every folder in it one too.

    With `tables`, only what their patterns match, each as one table.
    """

    folder: str = Field(min_length=1, max_length=4096)
    tables: list[PatternIn] | None = Field(default=None, min_length=1, max_length=100)


class ObjectIn(_Strict):
    """A remote object, or all below a URL that ends in / or has a *, as one table."""

    url: str = Field(min_length=1, max_length=2048, pattern=r"^(https?|s3|gs|az)://[^\s@]+$")
    table: _Table | None = None


class ObjectsConfig(_Strict):
    """Remote objects below URLs the operator has allowed."""

    objects: list[ObjectIn] = Field(min_length=1, max_length=100)


class SqliteConfig(_Strict):
    """A SQLite file in a folder the operator has allowed."""

    path: str = Field(min_length=1, max_length=4096)


Credentials = Literal["platform", "worker"]
"""Where the settings and the secret of a source are kept."""


class SourceIn(_Strict):
    """A new source, or one to try out.

    With `credentials` "worker" the source is one that a worker holds under the name
    `worker_source`: it has neither `config` nor `password` here.
    """

    name: Name
    engine: Engine
    config: dict[str, Any] = {}
    password: SecretStr | None = None
    credentials: Credentials = "platform"
    worker_source: Name | None = None


class SourcePatch(_Strict):
    """What to change; a new host, port, database or user needs the password again."""

    name: Name | None = None
    config: dict[str, Any] | None = None
    password: SecretStr | None = None
    private: bool | None = None
    private_columns: list[PrivateColumn] | None = Field(default=None, max_length=1000)


class DraftIn(_Strict):
    """A source to test before it is saved; `source_id` lends the stored password."""

    engine: Engine
    config: dict[str, Any] = {}
    password: SecretStr | None = None
    source_id: UUID | None = None
    name: str | None = None
    credentials: Credentials = "platform"
    worker_source: Name | None = None


class WeakRole(BaseModel):
    """Why the account may do more than read, and the SQL that makes a proper one."""

    reasons: list[str]
    fix_sql: str


class SourceOut(BaseModel):
    """A source, without its secret."""

    id: UUID
    number: int
    name: str
    engine: str
    status: Literal["ready", "unchecked", "error"]
    last_error: str | None
    sample: bool
    table_count: int | None
    config: dict[str, Any]
    has_password: bool
    credentials: Credentials
    worker_source: str | None
    created_at: datetime
    checked_at: datetime | None
    weak_role: WeakRole | None
    private: bool = False
    private_columns: list[PrivateColumn] = []
    writable: bool = False


class TestStep(BaseModel):
    """One step of a connection test; `ok` None was not reached or does not apply."""

    __test__ = False

    name: str
    ok: bool | None
    detail: str | None = None
    advice: str | None = None
    elapsed_ms: int = 0


class TestReport(BaseModel):
    """A connection test, step by step; it stops at the first failure."""

    __test__ = False

    ok: bool
    steps: list[TestStep]
    weak_role: WeakRole | None = None


class CatalogColumn(BaseModel):
    """A column of a table."""

    name: str
    type: str
    nullable: bool = True
    primary_key: bool = False
    comment: str | None = None


class Sample(BaseModel):
    """A few rows of a table, every cell as text, None for NULL."""

    columns: list[str] = []
    rows: list[list[str | None]] = []


class CatalogTable(BaseModel):
    """A table, view or file; `rows` may be an estimate, None is unknown; `error`: not readable."""

    schema_name: str | None = Field(default=None, alias="schema")
    name: str
    kind: str = "table"
    rows: int | None = None
    comment: str | None = None
    error: str | None = None
    columns: list[CatalogColumn]
    sample: Sample = Sample()

    model_config = ConfigDict(populate_by_name=True)

    @field_validator("sample", mode="before")
    @classmethod
    def _no_sample(cls, value: object) -> object:
        return {} if value is None else value


class CatalogOut(BaseModel):
    """What a source contains."""

    source_id: UUID
    refreshed_at: datetime
    tables: list[CatalogTable]


class Starters(BaseModel):
    """Four questions to begin with."""

    questions: list[str]


class ColumnOut(BaseModel):
    """A column of a result."""

    name: str
    type: ColumnType


class Rows(BaseModel):
    """A page of rows, one list per column; `total` None is unknown.

    `filtered_count` is how many of the `row_count` rows meet the filter; null without a filter.
    """

    columns: list[ColumnOut]
    data: list[list[Any]]
    offset: int
    row_count: int
    filtered_count: int | None = None
    total: int | None
    truncated: bool

    def to_json(self) -> bytes:
        """Return the page as JSON, without looking at single cells."""
        return orjson.dumps(
            {
                "columns": [{"name": c.name, "type": c.type} for c in self.columns],
                "data": self.data,
                "offset": self.offset,
                "row_count": self.row_count,
                "filtered_count": self.filtered_count,
                "total": self.total,
                "truncated": self.truncated,
            }
        )
