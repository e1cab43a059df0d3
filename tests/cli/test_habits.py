"""What every command does alike, server or not."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import datelier, environment, on_a_terminal

NOWHERE = "http://127.0.0.1:9"
_HEAVY = ("pydantic", "sqlalchemy", "langgraph", "langchain_core", "duckdb", "fastapi", "httpx")


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "datelier", "--help"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "datelier.cli.main" in imported
    assert imported.isdisjoint(_HEAVY)
    assert "datelier up" in done.stdout


@pytest.mark.parametrize("command", ["up", "serve", "runner start", "worker start", "version"])
def test_no_option_is_there_twice(tmp_path: Path, command: str) -> None:
    # Click warns about it on standard error.
    assert datelier(tmp_path, *command.split(), "--help").stderr == ""


def test_help_leads_with_examples_and_names_every_command(tmp_path: Path) -> None:
    shown = datelier(tmp_path, "--help").stdout
    assert shown.index("Examples:") < shown.index("Commands:")
    for name in [
        "up",
        "serve",
        "runner",
        "worker",
        "login",
        "ask",
        "query",
        "source",
        "model",
        "doctor",
        "version",
        "openapi",
        "member",
        "organization",
    ]:
        assert f"\n  {name} " in shown


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(["sorce", "list"], "source"), (["source", "lst"], "list"), (["modle"], "model")],
)
def test_a_typo_is_answered_with_what_was_meant(
    tmp_path: Path, typed: list[str], meant: str
) -> None:
    done = datelier(tmp_path, *typed)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"Did you mean '{meant}'?" in done.stderr


@pytest.mark.parametrize(
    "typed",
    [
        ["query", "run"],
        ["ask"],
        ["query", "select 1", "--limit", "0"],
        ["source", "add"],
        ["source", "add", "--sample", "--folder", "x"],
        ["source", "add", "--writable"],
        ["source", "add", "--url", "oracle://host/db"],
        ["model", "add"],
        ["login"],
        ["login", "--email", "ada@example.com"],
        ["organization", "create", "Second"],
        ["worker", "start", "--slots", "0"],
    ],
    ids=" ".join,
)
def test_what_is_missing_or_wrong_is_a_usage_error_and_never_a_prompt(
    tmp_path: Path, typed: list[str]
) -> None:
    done = datelier(tmp_path, *typed)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_secret_names_the_option_that_brings_it(tmp_path: Path) -> None:
    address = ("source", "add", "--url", "postgresql://reader@127.0.0.1:9/shop")
    assert "--password-file" in datelier(tmp_path, *address).stderr
    assert "--password-stdin" in datelier(tmp_path, "login", "--email", "a@example.com").stderr
    key = datelier(tmp_path, "model", "add", "--provider", "openai", "--server", NOWHERE)
    assert "--key-file" in key.stderr


def test_no_secret_is_accepted_on_the_command_line(tmp_path: Path) -> None:
    url = "postgresql://reader:hunter2@127.0.0.1:9/shop"
    done = datelier(tmp_path, "source", "add", "--url", url)
    assert done.returncode == 2
    assert "hunter2" not in done.stdout + done.stderr
    assert "process list" in done.stderr
    for command in (["login"], ["model", "add"], ["source", "add"], ["worker", "start"], ["up"]):
        options = datelier(tmp_path, *command, "--help").stdout
        # A join token works once and for minutes; whoever sees it later has nothing.
        options = options.replace("--token TEXT                 Join token", "")
        for name in ("--password ", "--api-key", "--key ", "--token ", "--secret"):
            assert name not in options


@pytest.mark.parametrize(
    "typed",
    [
        ["ask", "What?", "--source", "x"],
        ["query", "select 1"],
        ["source", "list"],
        ["source", "add", "--sample"],
        ["model", "list"],
        ["model", "test", "1"],
        ["login", "--email", "ada@example.com", "--password-stdin"],
    ],
    ids=" ".join,
)
def test_without_a_server_every_command_ends_with_8_and_one_document(
    tmp_path: Path, typed: list[str]
) -> None:
    done = datelier(tmp_path, *typed, "--server", NOWHERE, "--json", stdin="secret\n")
    assert done.returncode == 8
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "server_unavailable"
    assert "datelier up" in error["hint"]
    assert done.stderr == ""
    plain = datelier(tmp_path, *typed, "--server", NOWHERE, stdin="secret\n")
    assert plain.returncode == 8
    assert plain.stdout == ""
    assert plain.stderr.startswith("Error: No Datelier server answers")


def test_doctor_without_a_server_says_what_to_start(tmp_path: Path) -> None:
    done = datelier(tmp_path, "doctor", "--server", NOWHERE, "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert not report["ok"]
    states = {check["name"]: check["state"] for check in report["checks"]}
    assert states["python"] == "ok"
    assert states["server"] == "failed"


def test_version_and_openapi_need_no_server(tmp_path: Path) -> None:
    version = datelier(tmp_path, "version").stdout.strip()
    assert json.loads(datelier(tmp_path, "version", "--json").stdout)["version"] == version
    document = json.loads(datelier(tmp_path, "openapi").stdout)
    assert document["openapi"].startswith("3.")
    assert document == json.loads(datelier(tmp_path, "openapi", "--json").stdout)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("command", "name"), [("doctor", "DATELIER_PORT"), ("up", "DATELIER_LOG_LEVEL")]
)
def test_a_wrong_variable_is_named(tmp_path: Path, command: str, name: str) -> None:
    done = datelier(tmp_path, command, **{name: "loud"})
    assert done.returncode == 2
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_profile_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config" / "datelier" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[profiles", encoding="utf-8")
    done = datelier(tmp_path, "source", "list")
    assert done.returncode == 1
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_gets_colour_unless_it_is_not_wanted(tmp_path: Path) -> None:
    typed = ("source", "list", "--server", NOWHERE)
    assert "\x1b[31m" in on_a_terminal(tmp_path, *typed)
    assert "\x1b[" not in on_a_terminal(tmp_path, *typed, NO_COLOR="yes please")
    assert "\x1b[" not in datelier(tmp_path, *typed).stderr
    assert "\x1b[31m" in datelier(tmp_path, *typed, FORCE_COLOR="1").stderr


def test_a_profile_is_readable_by_its_owner_alone_and_its_token_stays_at_its_server(
    tmp_path: Path,
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("", encoding="utf-8")
    path.chmod(0o644)
    script = (
        "import pathlib, sys; from datelier.kit.profiles import Profile, save_profile\n"
        "save_profile(Profile('default', 'http://a.test', 't'), path=pathlib.Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], env=environment(tmp_path), check=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
