"""`datelier runner`: a process of its own that executes runs."""

import click

from datelier.app.runner_process import run_runner
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_local_options
from datelier.cli.output import print_json
from datelier.cli.processes import run_process, say_to, settings_from


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
