"""A database on a host that the platform cannot reach, added in the browser with one command."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.stops import MARIADB_SHAPES
from tests.browser.conftest import NewContext, NewWatch, launched
from tests.browser.journey import ANSWER_MS, adopt, answered, answers, ask, faults, model
from tests.conftest import NewDatabase
from tests.support import network
from tests.support.installation import ROOT, Installation, until
from tests.support.mariadb import ScratchMariaDB, running_mariadb
from tests.support.mariadb_source import PASSWORD, SOURCE_SQL
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread
from tests.support.watched import Watched

pytestmark = [
    pytest.mark.timeout(600),  # a whole day of a person, on a busy machine
    pytest.mark.skipif(not network.possible(), reason="network namespaces need root and iproute2"),
]

QUESTION = "How much did each region sell?"
REGIONS = "SELECT region, SUM(total) AS sold FROM orders GROUP BY region ORDER BY region"
SLOW = MARIADB_SHAPES[0].format(tag="a day in the life")


@dataclass
class OtherHost:
    """An installation here; a MariaDB server and a worker on a machine of their own."""

    installation: Installation
    machine: network.Machine
    database: ScratchMariaDB
    folder: Path
    scripted: ScriptedThread

    def type(self, command: str) -> "subprocess.Popen[bytes]":
        """Run a command there as it is, in a shell where Datelier is installed."""
        programs = self.folder / "programs"
        programs.mkdir()
        program = programs / "datelier"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m datelier "$@"\n')
        program.chmod(0o755)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DATELIER_")}  # noqa: TID251  # children inherit
        env = kept | {
            "PATH": f"{programs}:{kept['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "DATELIER_HOME": str(self.folder / "home"),
        }
        return subprocess.Popen([*self.machine.prefix, "sh", "-c", f"exec {command}"], env=env)

    def running(self) -> int:
        """What the database server itself says our reader is doing."""
        sql = (
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST"
            " WHERE USER = 'reader' AND COMMAND <> 'Sleep'"
        )
        return int(self.database.rows(sql)[0][0])


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """A browser of its own: this file does not run last, as the other journeys do."""
    with launched() as running:
        yield running


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase
) -> Generator[OtherHost]:
    """Two machines, one cable; the database listens on the loopback of the other one."""
    folder = tmp_path_factory.mktemp("other-host")
    with ExitStack() as stack:
        machine = stack.enter_context(network.Machine(2))
        database = stack.enter_context(running_mariadb(prefix=machine.prefix))
        database.run(*SOURCE_SQL)
        for host in ("127.0.0.1", machine.address):
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((host, database.port), timeout=2).close()
        installation = Installation(folder / "here", database_url=new_database())
        installation.env |= {
            "DATELIER_GATEWAY_HOST": "0.0.0.0",
            "DATELIER_GATEWAY_ADDRESS": f"{machine.host}:{installation.gateway_port}",
        }
        stack.enter_context(installation)
        installation.sign_up()
        scripted = stack.enter_context(ScriptedThread())
        yield OtherHost(installation, machine, database, folder, scripted)


@pytest.fixture
def watched(visitor: NewContext, watch: NewWatch, place: OtherHost) -> Watched:
    """Ada's page."""
    context = visitor()
    adopt(context, place.installation)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    return watch(context.new_page(), place.installation.url)


@pytest.fixture
def shell(place: OtherHost) -> Generator[list["subprocess.Popen[bytes]"]]:
    """What was started on the other machine; ended with it."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.terminate()
        process.wait(90)


@pytest.mark.contract("Q13", "Q63")
def test_one_command_brings_a_database_that_only_the_worker_reaches(
    watched: Watched,
    place: OtherHost,
    shell: list["subprocess.Popen[bytes]"],
    visitor: NewContext,
    watch: NewWatch,
) -> None:
    page, url = watched.page, place.installation.url
    _worker(page, place, shell)
    _source(page, place)
    _profile(page)
    profile = page.url
    _question(page, place)
    _stop(page, place)
    context = visitor(reduced_motion="reduce")
    adopt(context, place.installation)
    other = watch(context.new_page(), url)
    pages = (
        ("/settings/workers", other.page.get_by_role("heading", name="shop")),
        (profile.removeprefix(url), other.page.get_by_role("list", name=re.compile("^Columns of"))),
        (page.url.removeprefix(url), answers(other.page).last),
    )
    assert faults(other, url, pages) == {}


def _worker(page: Page, place: OtherHost, shell: list["subprocess.Popen[bytes]"]) -> None:
    """Settings, Workers, Add: one command, and the page sees the worker come."""
    page.goto(f"{place.installation.url}/settings/workers")
    page.get_by_role("button", name="Add worker").click()
    page.get_by_label("Name").fill("shop")
    page.get_by_role("button", name="Make command").click()
    page.get_by_role("button", name="Copy the command").click()
    command: str = until(
        lambda: page.evaluate("navigator.clipboard.readText()"), what="the copied command"
    )
    assert command.startswith("datelier worker start ")
    expect(page.get_by_text("Waiting for shop to connect…")).to_be_visible()
    shell.append(place.type(command))
    expect(page.get_by_text("shop is online.")).to_be_visible(timeout=ANSWER_MS)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="shop")).to_be_visible()


def _source(page: Page, place: OtherHost) -> None:
    """The form; its test runs where the database is, so its address is the worker's."""
    page.goto(f"{place.installation.url}/sources/new")
    page.get_by_role("link", name="MySQL").click()
    page.get_by_label("Name", exact=True).fill("Shop")
    page.get_by_label("Host").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(place.database.port))
    page.get_by_label("Database").fill("app")
    page.get_by_label("User").fill("reader")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Test connection").click()
    # Its last step, and every step stops the test when it fails.
    expect(page.get_by_text("The role can only read.")).to_be_visible(timeout=ANSWER_MS)
    page.get_by_role("button", name="Save source").click()
    expect(page.get_by_role("button", name="orders 40")).to_be_visible(timeout=ANSWER_MS)


def _profile(page: Page) -> None:
    page.get_by_role("button", name="orders 40").click()
    page.get_by_role("link", name="Profile", exact=True).click()
    page.get_by_role("button", name="Profile this table").click()
    columns = page.get_by_role("list", name=re.compile("^Columns of"))
    expect(columns).to_be_visible(timeout=ANSWER_MS)
    expect(columns).to_contain_text("80% filled")


def _question(page: Page, place: OtherHost) -> None:
    name = "knows-the-shop"
    turns = [Turn.call("execute_sql_query", {"sql": REGIONS}), Turn.say("East sold the most.")]
    place.scripted.script(name, [*turns, Turn.call("execute_sql_query", {"sql": SLOW})])
    model_id = model(place.installation, place.scripted.url, name)
    page.get_by_role("link", name="Ask about this source").click()
    address = re.compile(r"/chats/new\?.*source=([\w-]+)")
    expect(page).to_have_url(address)
    source = address.search(page.url)
    assert source is not None
    page.goto(f"{place.installation.url}/chats/new?source={source[1]}&model={model_id}")
    ask(page, QUESTION)
    answered(page)
    expect(page.get_by_role("grid")).to_contain_text("1885.00")
    page.get_by_role("tab", name="SQL").click()
    expect(page.get_by_test_id("sql-card")).to_contain_text("SUM(")


def _stop(page: Page, place: OtherHost) -> None:
    ask(page, "And how many pairs are there?")
    until(lambda: place.running() == 1, what="the statement on the other host")
    page.get_by_test_id("stop").click()
    until(lambda: place.running() == 0, seconds=10, what="the end of the statement")
    expect(answers(page).last).to_have_attribute("data-state", "stopped")
    expect(page.get_by_test_id("stop")).to_have_count(0)
    expect(page.get_by_test_id("sql-card").last).to_contain_text(
        "The query was stopped before it finished."
    )
