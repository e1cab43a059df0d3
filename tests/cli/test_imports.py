"""What a process that runs for months does without; each would cost every start time and memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import environment

_MODELS = "a run needs it, an answer to a browser does not: `up` imports it once it answers"
_WEB = "it serves nothing"
_SQL = "the worker reads SQL; a server does so for some pages only"

_SERVER = {
    "langgraph": _MODELS,
    "langchain_core": _MODELS,
    "langsmith": _MODELS,
    "openai": _MODELS,
    "sqlglot": _SQL,
    "duckdb": "the worker reads files",
    "alembic": "a database that is up to date is only looked at",
}
_WITHOUT = {
    "datelier.cli.up": _SERVER,
    "datelier.cli.serve": _SERVER,
    "datelier.cli.runner": {
        "fastapi": _WEB,
        "uvicorn": _WEB,
        "datelier.app.routers": _WEB,
        "datelier.api": _WEB,
        "yaml": "agents and definitions are written down for people, by routes",
        "sqlglot": _SQL,
        "duckdb": "the worker reads files",
        "anthropic": "imported by who uses it; it takes two seconds of CPU",
        "openai": "imported by who uses it; it takes a second of CPU",
        "alembic": "a database that is up to date is only looked at",
    },
    "datelier.cli.worker_start": {
        "sqlalchemy": "the platform's database is none of a worker's business",
        "fastapi": _WEB,
        "httpx": "it speaks gRPC, and downloads with a library of its own",
        "datelier.app": "a worker alone needs no server code",
        "duckdb": "imported when it is attached, so that it attaches sooner",
        "sqlglot": "imported when it is attached, so that it attaches sooner",
    },
    "datelier.worker.guard": {
        "datelier.worker.dialects_extra": "few installations ask these engines",
        "sqlglot.dialects.bigquery": "few installations ask these engines",
        "sqlglot.dialects.snowflake": "few installations ask these engines",
        "duckdb": "statements of any engine are read",
    },
}


@pytest.mark.parametrize("module", _WITHOUT)
def test_a_process_imports_nothing_that_it_does_without(tmp_path: Path, module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(done.stdout.split())
    assert module in imported
    assert {name: why for name, why in _WITHOUT[module].items() if name in imported} == {}


def test_the_collector_looks_at_large_portions_before_a_command_is_imported(tmp_path: Path) -> None:
    script = """if True:
        import atexit, gc, sys
        from datelier.cli.main import main
        atexit.register(lambda: print(gc.get_threshold()[0] > 700, gc.get_stats()[2]["collections"]))
        sys.argv = ["datelier", "up", "--help"]
        main()
    """
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    # The second: how often all there is was looked through; three times with the usual setting.
    assert done.stdout.splitlines()[-1] == "True 0"
