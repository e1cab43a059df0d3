"""`datelier worker start`: the process that sits beside the data.

Apart from the commands about workers, which need the API's client: 7 MB that this process, which
runs for months, would hold for nothing.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

from datelier.cli.options import Options, with_local_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import print_json
from datelier.cli.processes import run_process, settings_from
from datelier.cli.prompts import read_secret
from datelier.cli.worker_identity import (
    Trust,
    is_join_token,
    joined,
    stored_identity,
    worker_folder,
)
from datelier.kit.environment import environment
from datelier.kit.settings import Settings
from datelier.worker.engines.opening import ENGINES, Engines
from datelier.worker.held import BadConfig, folders_of, load_held
from datelier.worker.main import run
from datelier.worker.session import DRAIN_SECONDS, Options as WorkerOptions, Refused
from datelier.worker.trust import NotTrusted, fetch_any_authority, is_loopback

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Dial:
    """Where to dial, with which token, trusting whom."""

    server: str
    token: str
    ca: bytes | None


@click.command("start")
@click.option(
    "--server",
    "gateway",
    help="host:port of a server's gateway, several separated by commas; this machine's by default.",
)
@click.option("--token", help="Join token (dtj_…) of the web page or `datelier worker join`.")
@click.option(
    "--token-file", type=_FILE, help="File with the token instead; else DATELIER_WORKER_TOKEN."
)
@click.option("--ca-file", type=_FILE, help="Authority to trust instead of the join token's.")
@click.option("--insecure", is_flag=True, help="Trust any certificate of a server on loopback.")
@click.option("--name", default="worker", show_default=True, help="Tells workers here apart.")
@click.option(
    "--config", type=_FILE, help="File of sources only this worker has (mode 0600); worker.toml."
)
@click.option(
    "--mode",
    type=click.Choice(["worker", "job"]),
    default="worker",
    show_default=True,
    help="job performs one action and ends.",
)
@click.option(
    "--slots", type=click.IntRange(1, 1000), default=8, show_default=True, help="Actions at once."
)
@click.option(
    "--drain-seconds",
    type=click.FloatRange(0),
    default=DRAIN_SECONDS,
    show_default=True,
    help="What running actions are given at SIGTERM.",
)
@with_local_options
def start(  # the options of the command line, one to one
    options: Options,
    gateway: str | None,
    token: str | None,
    token_file: Path | None,
    ca_file: Path | None,
    insecure: bool,
    name: str,
    config: Path | None,
    mode: str,
    slots: int,
    drain_seconds: float,
) -> None:
    """Dial out to a server and perform actions on data until told to stop.

    The first start with a join token makes this machine a worker; later starts need no token.
    Without any, the worker registers itself with the installation of this machine. SIGTERM
    finishes what runs; a second one ends it at once.
    """
    settings = settings_from()
    given = read_secret(token_file) if token_file else token or environment("DATELIER_WORKER_TOKEN")
    held = _held(config)
    dial = _dial(settings, name, gateway, given, Trust(ca_file, insecure))
    if options.as_json:
        print_json({"name": name, "server": dial.server, "slots": slots, "mode": mode})
    folders = (*map(str, settings.allowed_folders), *folders_of(held))
    try:
        run(
            WorkerOptions(
                server=dial.server,
                token=dial.token,
                name=name,
                slots=slots,
                ca=dial.ca,
                job=mode == "job",
                drain_s=drain_seconds,
            ),
            Engines(
                str(settings.home / "blobs"),
                folders,
                held,
                tuple(settings.allowed_urls),
                tuple(map(str, settings.writable_folders)),
            ),
        )
    except Refused as error:
        failed = _refused(error)
        failed.show(as_json=options.as_json or options.as_jsonl)
        _leave(failed.exit_code)
    _leave(Exit.OK)


def _leave(code: Exit) -> NoReturn:
    # At an orderly exit DuckDB's binding reports all it holds as leaks, in thirty lines.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _refused(error: Refused) -> CommandFailed:
    hints = {
        "token": "It was revoked, or belongs to another server. Join again with a new token.",
        "fenced": "Give every worker a join token of its own.",
    }
    return CommandFailed(
        str(error),
        hint=hints.get(error.code),
        exit_code=Exit.NOT_SIGNED_IN if error.code == "token" else Exit.CONFLICT,
        code={"token": "auth_required", "version": "version_mismatch"}.get(error.code, error.code),
    )


def _held(config: Path | None) -> dict[str, dict[str, object]]:
    try:
        return load_held(config or worker_folder() / "worker.toml", ENGINES)
    except BadConfig as error:
        raise CommandFailed(str(error), exit_code=Exit.USAGE, code="bad_config") from None


def _dial(
    settings: Settings, name: str, gateway: str | None, token: str | None, trust: Trust
) -> _Dial:
    if token is not None and is_join_token(token):
        identity = joined(name, gateway, token, trust)
    else:
        identity = stored_identity(name, gateway) if token is None else None
    if identity is not None:
        return _Dial(identity.server, identity.token, identity.ca.encode() if identity.ca else None)
    server = gateway or f"127.0.0.1:{settings.worker_port}"
    return _Dial(server, token or _own_token(settings, gateway), _trusted(settings, server, trust))


def _trusted(settings: Settings, server: str, trust: Trust) -> bytes | None:
    own = settings.home / "tls" / "ca.crt"
    if trust.ca_file is not None:
        return trust.ca_file.read_bytes()
    if trust.insecure:
        try:
            return fetch_any_authority(server)
        except NotTrusted as error:
            raise CommandFailed(str(error), exit_code=Exit.USAGE, code="not_trusted") from None
        except OSError as error:
            raise CommandFailed(
                f"{server} cannot be reached: {error}",
                exit_code=Exit.UNAVAILABLE,
                code="server_unavailable",
            ) from None
    return own.read_bytes() if own.exists() else None


def _own_token(settings: Settings, gateway: str | None) -> str:
    if gateway is not None and not _here(gateway):
        raise CommandFailed(
            "A worker of another machine needs a token.",
            hint="Copy the command under Settings, Workers, or run `datelier worker join`.",
            exit_code=Exit.NOT_SIGNED_IN,
            code="auth_required",
        )
    from datelier.app.worker import own_worker_token  # noqa: PLC0415  # a worker alone needs no server code

    found: list[str] = []

    async def find() -> None:
        found.append(await own_worker_token(settings))

    run_process(find())
    return found[0]


def _here(gateway: str) -> bool:
    try:
        return all(is_loopback(address.strip()) for address in gateway.split(","))
    except ValueError as error:
        raise CommandFailed(f"--server {error}.", exit_code=Exit.USAGE, code="usage") from None
