"""`datelier`: the command table. Commands are imported when they are called."""

import sys

import click

from datelier import __version__
from datelier.cli.lazy import LazyGroup
from datelier.cli.outcome import run
from datelier.kit import collector
from datelier.kit.environment import keep_grpc_quiet_about_forks

_COMMANDS = {
    "up": ("datelier.cli.up:up", "Start everything on this machine."),
    "ask": ("datelier.cli.ask:ask", "Ask a question and print the answer."),
    "query": ("datelier.cli.query:query", "Run SQL on a source, read-only."),
    "source": ("datelier.cli.source:source", "Add and list sources."),
    "agent": ("datelier.cli.agent:agent", "List, edit, try and publish agents."),
    "definitions": (
        "datelier.cli.definitions:definitions",
        "Certify, export and import what metrics and terms mean.",
    ),
    "document": ("datelier.cli.document:document", "List and save what was written in chats."),
    "model": ("datelier.cli.model:model", "Add, test and list models."),
    "run": ("datelier.cli.run:run", "Start agents in the background; list and watch runs."),
    "inbox": ("datelier.cli.inbox:inbox", "Read and answer what agents ask."),
    "webhook": ("datelier.cli.webhook:webhook", "Tell other systems of what waits."),
    "eval": (
        "datelier.cli.evaluate:evaluate",
        "Ask suites of questions; say how many answers are right.",
    ),
    "login": ("datelier.cli.login:login", "Sign in and keep a token for this machine."),
    "member": ("datelier.cli.member:member", "Reset a member's password."),
    "organization": ("datelier.cli.organization:organization", "Create an organization."),
    "doctor": ("datelier.cli.doctor:doctor", "Check this installation and say how to fix it."),
    "serve": ("datelier.cli.serve:serve", "Start a server on an external PostgreSQL."),
    "runner": ("datelier.cli.runner:runner", "Start a process that executes runs."),
    "worker": ("datelier.cli.worker:worker", "Start a data worker; list, add and revoke them."),
    "openapi": ("datelier.cli.openapi:openapi", "Print the OpenAPI document."),
    "version": ("datelier.cli.version:version", "Print the version."),
}

_EXAMPLES = """\b
Examples:
  datelier up                                       start here
  datelier source add --sample                      50,000 rows to try it on
  datelier ask "Revenue by month as a chart"        ask the sample
  datelier query "select count(*) from orders"      run SQL without a model
  datelier model add --provider ollama --model-name llama3.2
  datelier doctor                                   what is wrong, and how to fix it
"""


@click.group(
    cls=LazyGroup,
    commands_table=_COMMANDS,
    help=f"Datelier: answers from your data, with the SQL that made them.\n\n{_EXAMPLES}",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="datelier")
def cli() -> None:
    """Datelier: answers from your data, with the SQL that made them."""


def main() -> None:
    """Run the command line and exit with its code (see `datelier.cli.outcome`)."""
    collector.begin()
    keep_grpc_quiet_about_forks()
    sys.exit(run(cli))
