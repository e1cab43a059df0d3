"""`datelier openapi`: the interface as a document."""

import click

from datelier.app.server import openapi_document
from datelier.cli.options import Options, with_local_options
from datelier.cli.output import print_json


@click.command()
@with_local_options
def openapi(options: Options) -> None:
    """Print the OpenAPI document."""
    del options  # the document is JSON whatever was asked for
    print_json(openapi_document())
