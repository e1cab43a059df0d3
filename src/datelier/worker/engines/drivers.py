"""Drivers that are installed on request: `pip install 'datelier[clickhouse]'` and its like."""

from importlib import import_module
from types import ModuleType
from typing import Any, Final, cast

from datelier.worker.errors import WorkerError

# By engine: what it is called, which is also the name of the extra, and what it imports.
TITLES: Final = {
    "clickhouse": "ClickHouse",
    "trino": "Trino",
    "bigquery": "BigQuery",
    "snowflake": "Snowflake",
    "sqlserver": "SQL Server",
}


def driver(engine: str, *modules: str) -> list[Any]:
    """Import the modules of an engine's driver, in order.

    Raises:
        WorkerError: driver_missing, with the command that installs it.
    """
    try:
        found: list[ModuleType] = [import_module(name) for name in modules]
    except ImportError:
        raise WorkerError(
            "driver_missing",
            f"The driver of {TITLES[engine]} is not installed beside this worker.",
            hint=f"Install it where the worker runs: pip install 'datelier[{engine}]'",
        ) from None
    return cast("list[Any]", found)
