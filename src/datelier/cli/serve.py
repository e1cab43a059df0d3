"""`datelier serve` and `datelier runner`: the parts as processes of their own."""

import click

from datelier.app.split import run_runner, run_server
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_local_options
from datelier.cli.output import print_json
from datelier.cli.processes import run_process, say_to, settings_from, tell_address


@click.command()
@click.option("--host", help="Address to bind; 127.0.0.1 by default.")
@click.option("--port", type=int, help="Port of the web app; 8484 by default.")
@click.option("--gateway-host", help="Address the worker gateway binds.")
@click.option(
    "--gateway-port", type=int, help="Port of the worker gateway; the web port + 1 by default."
)
@with_local_options
def serve(
    options: Options,
    host: str | None,
    port: int | None,
    gateway_host: str | None,
    gateway_port: int | None,
) -> None:
    """Start a server: web app, API and worker gateway. It executes no runs."""
    settings = settings_from(
        host=host, port=port, gateway_host=gateway_host, gateway_port=gateway_port
    )
    run_process(
        run_server(
            settings,
            say=say_to(options),
            ready=lambda address: tell_address(options, address),
        )
    )


@click.group(cls=NounGroup)
def runner() -> None:
    """Start a process that executes runs."""


@runner.command("start")
@click.option("--slots", type=click.IntRange(min=1), help="Runs executed at once.")
@with_local_options
def start(options: Options, slots: int | None) -> None:
    """Execute runs until told to stop; SIGTERM hands them over first."""
    settings = settings_from(slots=slots)

    def ready() -> None:
        if options.as_json or options.as_jsonl:
            print_json({"slots": settings.slots})

    run_process(run_runner(settings, say=say_to(options), ready=ready))
