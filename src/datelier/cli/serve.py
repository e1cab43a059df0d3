"""`datelier serve`: a server as a process of its own."""

import click

from datelier.app.serve import run_server
from datelier.cli.options import Options, with_local_options
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
