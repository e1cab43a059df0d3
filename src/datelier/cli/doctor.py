"""`datelier doctor`: what is wrong with this installation, and how to fix it."""

import shutil
import socket
import sys
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import click

from datelier.cli.client import Client, chosen_profile
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import print_json, progress

State = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, how it is, and what to do when it is not well."""

    name: str
    state: State
    detail: str
    fix: str | None = None


@click.command()
@with_options
def doctor(options: Options) -> int:
    """Check Python, disk, ports, the server, its database, worker, model and sources."""
    with progress(options, "Checking"):
        findings = list(_examine(options))
    failed = any(finding.state == "failed" for finding in findings)
    if options.as_json:
        print_json({"ok": not failed, "checks": [asdict(finding) for finding in findings]})
        return Exit.FAILED if failed else Exit.OK
    colours = {"ok": "green", "warning": "yellow", "failed": "red", "skipped": None}
    for finding in findings:
        click.secho(f"{finding.state:<8}", fg=colours[finding.state], nl=False)
        click.echo(f"{finding.name:<10} {finding.detail}")
        if finding.fix and finding.state != "ok":
            click.echo(f"{'':<19}{finding.fix}")
    return Exit.FAILED if failed else Exit.OK


def _examine(options: Options) -> Generator[Finding]:
    from datelier.cli.processes import settings_from  # noqa: PLC0415  # lazy: settings load a validation library

    settings = settings_from()
    yield _python()
    yield _disk(settings.home)
    profile = chosen_profile(options)
    client = Client(profile, timeout=10)
    try:
        ready = client.probe("/ready")
    except CommandFailed as failure:
        yield _port(settings.host, settings.port)
        yield Finding("server", "failed", failure.message, "Start it with `datelier up`.")
        return
    yield Finding("server", "ok", f"answers at {profile.server}")
    checks: dict[str, bool] = ready.get("checks", {})
    for name, check in checks.items():
        if check:
            yield Finding(name, "ok", "ready")
        else:
            yield Finding(name, "failed", "not ready", "Look at the server's log.")
    yield from _signed_in(client, has_token=profile.token is not None)


def _python() -> Finding:
    return Finding("python", "ok", ".".join(map(str, sys.version_info[:3])))


def _disk(home: Any) -> Finding:
    folder = home
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    detail = f"{free:.1f} GB free at {home}"
    if free < 1:
        return Finding("disk", "failed", detail, "Free some space, or set DATELIER_HOME elsewhere.")
    return Finding(
        "disk", "warning" if free < 5 else "ok", detail, "Results and uploads need room."
    )


def _port(host: str, port: int) -> Finding:
    with socket.socket() as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return Finding(
                "port",
                "failed",
                f"{host}:{port} is taken by another program",
                "Choose one with --port.",
            )
    return Finding("port", "ok", f"{host}:{port} is free")


def _signed_in(client: Client, *, has_token: bool) -> Generator[Finding]:
    if not has_token:
        yield Finding("sign-in", "warning", "not signed in here", "Run `datelier login`.")
        return
    checks: tuple[Callable[[Client], Finding], ...] = (_worker, _model, _sources)
    for check in checks:
        try:
            yield check(client)
        except CommandFailed as failure:
            yield Finding(check.__name__.strip("_"), "failed", failure.message, failure.hint)


def _worker(client: Client) -> Finding:
    online = client.call("GET", "/status")["workers"]["online"]
    if online:
        return Finding("worker", "ok", f"{online} online")
    return Finding("worker", "failed", "none is connected", "Run `datelier worker start`.")


def _model(client: Client) -> Finding:
    model = client.call("GET", "/status")["model"]
    if not model["configured"]:
        return Finding("model", "failed", "no model is active", "Run `datelier model add`.")
    if model["is_demo"]:
        return Finding(
            "model", "warning", "the demo model answers", "Run `datelier model add` for a real one."
        )
    return Finding("model", "ok", str(model["name"]))


def _sources(client: Client) -> Finding:
    sources = client.every("/sources")
    broken = [source["name"] for source in sources if source["status"] == "error"]
    if broken:
        return Finding(
            "sources", "failed", f"not reachable: {', '.join(broken)}", "Test them under Sources."
        )
    if not sources:
        return Finding("sources", "warning", "none yet", "Run `datelier source add --sample`.")
    return Finding("sources", "ok", f"{len(sources)} ready")
