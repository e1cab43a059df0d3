"""`datelier organization`: organizations beside the first one, on the machine that holds the data."""

import click

from datelier.app.organizations import add_organization
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_local_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import print_json
from datelier.cli.processes import run_process, settings_from
from datelier.kit.errors import NotFound


@click.group(cls=NounGroup)
def organization() -> None:
    """Create an organization."""


@organization.command("create")
@click.argument("name")
@click.option("--owner", required=True, metavar="EMAIL", help="Somebody who has an account.")
@with_local_options
def create(options: Options, name: str, owner: str) -> None:
    """Create the organization NAME, owned by EMAIL, who acts in it from the next sign-in on.

    It works on the installation itself, so nobody has to be signed in.
    """

    async def work() -> None:
        try:
            made = await add_organization(settings_from(), name=name, owner=owner)
        except NotFound:
            raise CommandFailed(
                f"Nobody has an account with the address {owner}.",
                hint="Invite them under Settings, Members, first.",
                exit_code=Exit.NOT_FOUND,
                code="not_found",
            ) from None
        if options.as_json:
            print_json({"id": str(made), "name": name, "owner": owner})
        else:
            click.echo(f"{name} ({made})")

    run_process(work())
