"""`datelier worker`: the process that sits beside the data, and the organization's workers."""

import click

from datelier.cli.lazy import LazyGroup

_COMMANDS = {
    "join": (
        "datelier.cli.workers:join_",
        "Print the one command that makes another machine a worker, within 15 minutes.",
    ),
    "list": ("datelier.cli.workers:list_", "List the organization's workers and how each is."),
    "remove": (
        "datelier.cli.workers:remove",
        "Revoke WORKER (its name, number or id); its stream ends within five seconds.",
    ),
    "start": (
        "datelier.cli.worker_start:start",
        "Dial out to a server and perform actions on data until told to stop.",
    ),
}


@click.group(cls=LazyGroup, commands_table=_COMMANDS)
def worker() -> None:
    """Start a data worker; list, add and revoke the organization's."""
