"""`datelier version`."""

import platform

import click

from datelier import __version__
from datelier.cli.options import Options, with_local_options
from datelier.cli.output import print_json


@click.command()
@with_local_options
def version(options: Options) -> None:
    """Print the version."""
    if options.as_json:
        print_json({"version": __version__, "python": platform.python_version()})
    else:
        click.echo(__version__)
