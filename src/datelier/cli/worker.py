"""`datelier worker`: the process that sits beside the data."""

import os
import sys
from pathlib import Path

import click

from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_local_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import print_json
from datelier.cli.processes import run_process, settings_from
from datelier.cli.prompts import read_secret
from datelier.kit.environment import environment
from datelier.kit.settings import Settings
from datelier.worker.main import run


@click.group(cls=NounGroup)
def worker() -> None:
    """Start a data worker."""


@worker.command("start")
@click.option(
    "--server", "gateway", help="host:port of a server's gateway; this machine's by default."
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, path_type=Path),
    help="File with the worker token; else DATELIER_WORKER_TOKEN.",
)
@click.option(
    "--ca-file",
    type=click.Path(exists=True, path_type=Path),
    help="Authority to trust; this home's by default.",
)
@click.option("--name", default="worker", show_default=True, help="What people see.")
@click.option(
    "--slots", type=click.IntRange(min=1), default=8, show_default=True, help="Actions at once."
)
@with_local_options
def start(
    options: Options,
    gateway: str | None,
    token_file: Path | None,
    ca_file: Path | None,
    name: str,
    slots: int,
) -> None:
    """Dial out to a server and perform actions on data until told to stop.

    Without a token the worker registers itself with the installation of this machine.
    """
    settings = settings_from()
    own_ca = settings.home / "tls" / "ca.crt"
    token = read_secret(token_file) if token_file else environment("DATELIER_WORKER_TOKEN")
    token = token or _own_token(settings, gateway)
    address = gateway or f"127.0.0.1:{settings.worker_port}"
    if options.as_json:
        print_json({"name": name, "server": address, "slots": slots})
    run(
        address,
        token,
        ca_file or (own_ca if own_ca.exists() else None),
        name,
        settings.home / "blobs",
        tuple(settings.allowed_folders),
        slots,
        allowed_urls=tuple(settings.allowed_urls),
    )
    # At an orderly exit DuckDB's binding reports all it holds as leaks, in thirty lines.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(Exit.OK)


def _own_token(settings: Settings, gateway: str | None) -> str:
    if gateway is not None and not gateway.startswith(("127.0.0.1:", "localhost:", "[::1]:")):
        raise CommandFailed(
            "A worker of another machine needs a token.",
            hint="Pass --token-file, or set DATELIER_WORKER_TOKEN.",
            exit_code=Exit.NOT_SIGNED_IN,
            code="auth_required",
        )
    from datelier.app.worker import own_worker_token  # noqa: PLC0415  # a worker alone needs no server code

    found: list[str] = []

    async def find() -> None:
        found.append(await own_worker_token(settings))

    run_process(find())
    return found[0]
