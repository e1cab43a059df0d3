"""`datelier up`: everything on this machine with one command."""

from pathlib import Path

import click

from datelier.app.up import run_up
from datelier.cli.options import Options, with_local_options
from datelier.cli.processes import run_process, say_to, settings_from, tell_address


@click.command()
@click.option("--host", help="Address to bind; 127.0.0.1 by default.")
@click.option("--port", type=int, help="Port of the web app; 8484 by default.")
@click.option(
    "--gateway-port", type=int, help="Port of the worker gateway; the web port + 1 by default."
)
@click.option(
    "--data-dir", type=click.Path(path_type=Path), help="Where data, keys and files live."
)
@click.option("--no-worker", is_flag=True, help="Start no local data worker.")
@click.option("--no-open", is_flag=True, help="Open no browser.")
@with_local_options
def up(
    options: Options,
    host: str | None,
    port: int | None,
    gateway_port: int | None,
    data_dir: Path | None,
    no_worker: bool,
    no_open: bool,
) -> None:
    """Start an embedded PostgreSQL, the server, the runner and a local data worker.

    The last line holds a link that works once, until the first account is made.
    """
    settings = settings_from(host=host, port=port, gateway_port=gateway_port, home=data_dir)
    run_process(
        run_up(
            settings,
            say=say_to(options),
            ready=lambda address: tell_address(options, address),
            worker=not no_worker,
            open_browser=not no_open and options.human,
        )
    )
