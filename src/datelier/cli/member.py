"""`datelier member`: help for people, on the machine that holds the database."""

import click

from datelier.app.members import reset_link
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_local_options
from datelier.cli.output import print_json
from datelier.cli.processes import run_process, settings_from


@click.group(cls=NounGroup)
def member() -> None:
    """Reset a member's password."""


@member.command("reset")
@click.argument("email")
@with_local_options
def reset(options: Options, email: str) -> None:
    """Print a link with which EMAIL can choose a new password, once, within an hour.

    It works on the installation itself, so no mail server is needed and nobody has to be
    signed in.
    """

    async def work() -> None:
        link = await reset_link(settings_from(), email)
        if options.as_json:
            print_json({"url": link})
        else:
            click.echo(link)

    run_process(work())
