"""The data worker that `datelier up` brings along, as a child process with rights of its own.

A query that eats memory, or a crash of a driver, ends the worker and nothing else.
"""

import os
import sys
from pathlib import Path

from datelier.app.tls import Tls
from datelier.kit.child import Child
from datelier.kit.context import Resources
from datelier.kit.errors import Unauthenticated
from datelier.sources.workers import create_local_worker, verify_worker

TOKEN_FILE = "local-worker.token"  # noqa: S105  # a file's name


async def local_worker_token(resources: Resources) -> str:
    """Return the token of this home's worker, which serves every organization.

    It is kept in the home with mode 0600, so that a restart is the same worker to everybody.
    """
    path = resources.settings.home / TOKEN_FILE
    if path.exists():
        kept = path.read_text(encoding="ascii").strip()
        try:
            await verify_worker(resources, kept)
        except Unauthenticated:
            path.unlink()
        else:
            return kept
    made = await create_local_worker(resources)
    _write_private(path, made)
    return made


def local_worker(resources: Resources, token: str, *, server: str, tls: Tls) -> Child:
    """Return the worker's process, not started yet.

    Args:
        resources: The process's resources.
        token: Its worker token; handed over in the environment, never on the command line.
        server: ``host:port`` of the gateway.
        tls: Names the authority the worker trusts.
    """
    settings = resources.settings
    command = [sys.executable, "-m", "datelier", "worker", "start", "--server", server]
    command += ["--ca-file", str(tls.ca_file), "--name", "local"]
    environment = {
        **os.environ,  # noqa: TID251  # a child inherits its environment
        "DATELIER_WORKER_TOKEN": token,
        "DATELIER_HOME": str(settings.home),
        "DATELIER_ALLOWED_FOLDERS": os.pathsep.join(map(str, settings.allowed_folders)),
        "DATELIER_WRITABLE_FOLDERS": os.pathsep.join(map(str, settings.writable_folders)),
        "DATELIER_ALLOWED_URLS": " ".join(settings.allowed_urls),
        "DATELIER_LOG_LEVEL": settings.log_level,
    }
    return Child("worker", command, env=environment, on_line=_pass_on)


def _pass_on(line: str) -> None:
    """The worker writes log lines of the same form; inside a line of ours nobody could read them."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
