"""Which options a command has."""

import warnings

import click
import pytest
from click.testing import CliRunner

from datelier.cli.login import login
from datelier.cli.main import cli
from datelier.cli.runner import runner
from datelier.cli.serve import serve
from datelier.cli.up import up
from datelier.cli.worker_start import start as worker_start


def option_names(command: click.Command) -> list[str]:
    return [text for parameter in command.params for text in parameter.opts]


@pytest.mark.parametrize("command", [up, serve, runner.commands["start"]])
def test_commands_that_start_processes_name_no_server(command: click.Command) -> None:
    assert not {"--server", "--profile"} & set(option_names(command))


def test_client_commands_name_one() -> None:
    assert {"--server", "--profile"} <= set(option_names(login))


@pytest.mark.parametrize("words", [["worker", "start"], ["up"], ["serve"], ["runner", "start"]])
def test_no_option_is_declared_twice(words: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert CliRunner().invoke(cli, [*words, "--help"]).exit_code == 0
    names = option_names(worker_start)
    assert len(names) == len(set(names))
