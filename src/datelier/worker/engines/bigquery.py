"""The BigQuery engine: a dry run says that it is a SELECT and what it costs, then it runs capped."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from typing_extensions import override

from datelier.wire.types import ColumnType
from datelier.worker.engines.base import ColumnInfo, Limits, Outcome, TableInfo
from datelier.worker.engines.blocking import Answer, BlockingEngine, Cells, Field, Session, Steps
from datelier.worker.engines.cells import json_text, without
from datelier.worker.engines.drivers import driver
from datelier.worker.engines.hosts import bad_setting, plain
from datelier.worker.engines.names import split_name
from datelier.worker.engines.remote import HostSteps, refuse_unknown, secret_of
from datelier.worker.errors import ErrorCode, WorkerError
from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope

GIGABYTE: Final = 1024**3
_DEFAULT_GIGABYTES: Final = 100
# Catalogs are read with a token that can only read. To run a query takes the other one; what it
# may do beyond that, the roles of the account decide.
_READING: Final = "https://www.googleapis.com/auth/bigquery.readonly"
_RUNNING: Final = "https://www.googleapis.com/auth/bigquery"
_WRITES: Final = (
    "bigquery.tables.updateData", "bigquery.tables.update", "bigquery.tables.delete",
    "bigquery.tables.setIamPolicy",
)  # fmt: skip
_NARROW: Final = "Filter by the partition, select fewer columns, or raise the limit of the source."
_REASONS: Final[dict[str, tuple[ErrorCode, str | None]]] = {
    "bytesBilledLimitExceeded": ("limit_exceeded", _NARROW),
    "quotaExceeded": ("limit_exceeded", "The project's quota is used up."),
    "rateLimitExceeded": ("limit_exceeded", "Try again later."),
    "resourcesExceeded": ("limit_exceeded", "Narrow the query down."),
    "responseTooLarge": ("limit_exceeded", "Narrow the query down."),
    "stopped": ("cancelled", None),
    "timeout": ("timeout", "Narrow the query down, or try again later."),
    "accessDenied": ("sql_failed", "The account of this source may not read it."),
    "billingNotEnabled": ("unreachable", "Billing is not enabled for the project."),
    "authError": ("auth_failed", "Check the key of the service account."),
}
_TYPES: Final[dict[str, ColumnType]] = {
    **dict.fromkeys(("BOOL", "BOOLEAN"), "boolean"),
    **dict.fromkeys(("INT64", "INTEGER"), "int64"),
    **dict.fromkeys(("FLOAT64", "FLOAT"), "float64"),
    **dict.fromkeys(("NUMERIC", "BIGNUMERIC"), "decimal"),
    **dict.fromkeys(("STRUCT", "RECORD", "JSON"), "json"),
    "BYTES": "binary",
    "DATE": "date",
    "TIME": "time",
    "DATETIME": "timestamp",
    "TIMESTAMP": "timestamptz",
}
_FIX: Final = """\
-- A service account that may run queries in the project and read this dataset, and nothing else:
GRANT `roles/bigquery.dataViewer` ON SCHEMA `{project}.{dataset}`
  TO "serviceAccount:datelier-reader@{project}.iam.gserviceaccount.com";
GRANT `roles/bigquery.jobUser` ON PROJECT `{project}`
  TO "serviceAccount:datelier-reader@{project}.iam.gserviceaccount.com";"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where Google is; never a setting of a source, and never what a key file says."""

    api: str = "https://bigquery.googleapis.com"
    token: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address

    @property
    def host(self) -> tuple[str, int]:
        """Host and port of the API."""
        name, _, port = self.api.partition("://")[2].partition(":")
        return name, int(port or 443)


class BigQueryEngine(BlockingEngine):
    """One dataset of BigQuery for one action; see `Engine`."""

    dialect: Dialect = "bigquery"
    name: str = "bigquery"

    def __init__(self, source: Mapping[str, Any], endpoint: Endpoint | None = None) -> None:
        super().__init__()
        refuse_unknown(source, {"project", "dataset", "location", "max_gigabytes"})
        self.project: Final = plain(source, "project")
        self.dataset: Final = plain(source, "dataset")
        self.location: Final = str(source.get("location") or "") or None
        self.endpoint: Final = endpoint or Endpoint()
        most = source.get("max_gigabytes") or _DEFAULT_GIGABYTES
        if not isinstance(most, int) or most < 1:
            raise bad_setting("The setting max_gigabytes must be a whole number above 0.")
        self.max_bytes: Final = most * GIGABYTE
        self.key: Final = _key_of(source)

    @override
    def connect(self) -> Session:
        bigquery, accounts = driver(
            "bigquery", "google.cloud.bigquery", "google.oauth2.service_account"
        )
        return _ApiSession(bigquery, accounts, self)

    @override
    async def scope(self) -> Scope:
        return Scope(schemas=frozenset({self.dataset}))

    @override
    async def catalog(self, table: str | None = None) -> list[TableInfo]:
        schema, name = split_name(table)
        if schema not in {None, self.dataset}:
            return []
        await self.open()
        session: _ApiSession = self._session
        return await self.run(lambda: session.tables(name))

    @override
    def failure(self, error: Exception) -> WorkerError:
        text = without(
            (self.key.get("private_key"),), str(getattr(error, "message", None) or error)
        )
        found: Any = getattr(error, "errors", None) or [{}]
        reason = str(found[0].get("reason", "")) if isinstance(found[0], dict) else ""
        if "timed out" in text and reason in {"stopped", "timeout"}:
            reason = "timeout"
        if reason in _REASONS:
            code, hint = _REASONS[reason]
            return WorkerError(code, text, hint=hint)
        kind = type(error).__module__
        if kind.startswith("google.auth") and "Transport" not in type(error).__name__:
            return WorkerError(
                "auth_failed", "Google refused the key of the service account.",
                hint="Check that the key is whole, not expired and not revoked.",
            )  # fmt: skip
        if getattr(error, "code", None) in {400, 404, 403}:
            return WorkerError("sql_failed", text)
        return WorkerError("unreachable", f"BigQuery did not answer: {text[:300]}")

    @override
    def steps(self) -> Steps:
        return _BigQuerySteps(self)


def _key_of(source: Mapping[str, Any]) -> dict[str, Any]:
    """The key of the service account; what it says about addresses is not listened to."""
    try:
        key: Any = orjson.loads(secret_of(source) or "")
        return {
            part: str(key[part])
            for part in ("type", "project_id", "private_key_id", "private_key", "client_email")
        }
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise WorkerError(
            "auth_failed",
            "The secret of this source is not the JSON key of a service account.",
            hint="Create a key for a service account, and paste the whole JSON file.",
        ) from None


class _BigQuerySteps(HostSteps):
    """What the connection test does."""

    def __init__(self, engine: BigQueryEngine) -> None:
        super().__init__(*engine.endpoint.host)
        self._engine = engine

    @override
    async def sign_in(self) -> str:
        await self._engine.query("SELECT 1 AS one")
        return f"as {self._engine.key['client_email']}"

    @override
    async def list_schemas(self) -> str:
        if not await self._engine.catalog():
            raise WorkerError("source_missing", f"The dataset {self._engine.dataset!r} is empty.")
        return self._engine.dataset

    @override
    async def weaknesses(self) -> list[str]:
        session: Any = await self._engine.opened()
        held = await self._engine.run(session.writes)
        return [f"has the permissions {', '.join(held)}"] if held else []

    @override
    def fix_sql(self) -> str:
        return _FIX.format(project=self._engine.project, dataset=self._engine.dataset)


class _ApiSession:
    """Two clients of one key: one that reads catalogs, one that runs queries."""

    def __init__(self, bigquery: Any, accounts: Any, engine: BigQueryEngine) -> None:
        self.user: str | None = engine.key["client_email"]
        self._bigquery, self._engine = bigquery, engine
        self._running: str | None = None
        key = {**engine.key, "token_uri": engine.endpoint.token}

        def client(scope: str) -> Any:
            made = accounts.Credentials.from_service_account_info(key, scopes=[scope])
            return bigquery.Client(
                project=engine.project, credentials=made, location=engine.location,
                client_options={"api_endpoint": engine.endpoint.api},
            )  # fmt: skip

        self._reading, self._client = client(_READING), client(_RUNNING)
        self._dataset: Any = bigquery.DatasetReference(engine.project, engine.dataset)

    def _job(self, sql: str, seconds: float, *, dry: bool = False) -> Any:
        config = self._bigquery.QueryJobConfig(
            default_dataset=self._dataset, use_legacy_sql=False, dry_run=dry,
            maximum_bytes_billed=self._engine.max_bytes, labels={"client": "datelier"},
            job_timeout_ms=None if dry else max(1000, int(seconds * 1000)),
        )  # fmt: skip
        number = f"datelier_{uuid.uuid4().hex}"
        if not dry:
            self._running = number
        return self._client.query(
            sql, job_config=config, job_id=number, job_retry=None, timeout=30, retry=None
        )

    def start(self, sql: str, limits: Limits, _outcome: Outcome, /) -> Answer:
        dry = self._job(sql, limits.timeout_s, dry=True)
        if dry.statement_type != "SELECT":
            raise WorkerError(
                "sql_refused",
                f"BigQuery reads this as {str(dry.statement_type or 'no query').replace('_', ' ')}.",
                hint="Write one SELECT.",
            )
        self._check_cost(int(dry.total_bytes_processed or 0))
        rows = self._result(sql, limits)
        fields = tuple(_field(column) for column in rows.schema)
        return Answer(fields, self._values(rows))

    def _check_cost(self, wanted: int) -> None:
        if wanted > self._engine.max_bytes:
            raise WorkerError(
                "limit_exceeded",
                f"The query would read {wanted / GIGABYTE:,.1f} GB; this source allows"
                f" {self._engine.max_bytes // GIGABYTE:,} GB.",
                hint=_NARROW,
            )

    def _result(self, sql: str, limits: Limits) -> Any:
        job = self._job(sql, limits.timeout_s)
        page = min(limits.batch_rows, limits.rows + 1)
        return job.result(page_size=page, max_results=limits.rows + 1, job_retry=None)

    def _values(self, rows: Any) -> Iterator[Cells]:
        for row in rows:
            yield row.values()
        self._running = None

    def query(self, sql: str) -> list[Cells]:
        return list(self._values(self._result(sql, Limits())))

    def tables(self, name: str | None) -> list[TableInfo]:
        """Tables with their columns; one table by its name."""
        listed = self._reading.list_tables(self._dataset, max_results=1000)
        found = [self._reading.get_table(one) for one in listed if name in {None, one.table_id}]
        return [self._table(table) for table in found]

    def _table(self, table: Any) -> TableInfo:
        is_view = table.table_type in {"VIEW", "MATERIALIZED_VIEW"}
        rows = None if is_view or table.num_rows is None else int(table.num_rows)
        return TableInfo(
            schema=self._engine.dataset,
            name=str(table.table_id),
            kind="view" if is_view else "table",
            columns=tuple(
                ColumnInfo(
                    str(column.name),
                    f"ARRAY<{column.field_type}>"
                    if column.mode == "REPEATED"
                    else str(column.field_type),
                    column.mode != "REQUIRED",
                    comment=column.description or None,
                )
                for column in table.schema
            ),
            rows=rows,
            comment=table.description or None,
        )

    def writes(self) -> list[str]:
        """The permissions to change that the account has on the first table."""
        first = next(iter(self._reading.list_tables(self._dataset, max_results=1)), None)
        if first is None:
            return []
        answer = self._client.test_iam_permissions(first.reference, list(_WRITES))
        return sorted(answer.get("permissions", ()))

    def stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            self._client.cancel_job(running, location=self._engine.location, retry=None, timeout=10)

    def close(self) -> None:
        self._client.close()
        self._reading.close()


def _field(column: Any) -> Field:
    if column.mode == "REPEATED":
        return Field(str(column.name), "list", json_text)
    kind: ColumnType = _TYPES.get(str(column.field_type), "string")
    readers: dict[ColumnType, Callable[[Any], object]] = {
        "json": _json, "decimal": lambda cell: format(cell, "f"), "string": str,
    }  # fmt: skip
    return Field(str(column.name), kind, readers.get(kind))


def _json(cell: Any) -> str:
    # The driver has read JSON into Python's values, so a text here is a JSON text.
    return orjson.dumps(cell, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
