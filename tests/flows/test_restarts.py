"""Starting again, starting as somebody else, and starting where something is in the way."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from tests.flows.asking import ask
from tests.support.installation import Installation
from tests.support.ports import free_port


def refused(installation: Installation, *arguments: str, **variables: str) -> str:
    """Start `up` where it must not start; return what it says, which has two lines to act on."""
    done = subprocess.run(
        [sys.executable, "-m", "datelier", "up", "--no-open", *arguments],
        env=installation.env | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_second_start_finds_everything_again(tmp_path: Path) -> None:
    with Installation(tmp_path / "home") as running:
        running.sign_up()
        source_id = running.call("POST", "/sources/sample")["id"]
        told = ask(running, source_id, "Revenue by month")
        assert running.process is not None
        # Only the product dies: its PostgreSQL lives on and is adopted.
        database = {process.pid for process in running.everything()} - {running.process.pid}
        running.process.send_signal(signal.SIGKILL)
        running.process.wait(10)
        assert any(psutil.pid_exists(pid) for pid in database)
        running.start()
        assert running.call("GET", "/status")["workers"]["online"] == 1
        messages = running.call("GET", f"/threads/{told.thread_id}/messages")["data"]
        assert messages[-1]["status"] == "complete"
        # Everything in good order, nothing is left behind, and it starts again.
        running.stop()
        assert running.everything() == []
        running.start()
        assert ask(running, source_id, "Revenue by month").parts[-1][1]["type"] == "finish"


def test_a_second_up_on_a_home_in_use_says_where_the_first_is(installation: Installation) -> None:
    said = refused(installation, "--port", str(free_port()), "--gateway-port", str(free_port()))
    assert "already running" in said
    assert installation.url in said
    assert installation.process is not None
    assert str(installation.process.pid) in said
    assert installation.call("GET", "/status")["workers"]["online"] == 1


def test_a_port_that_is_taken_is_told_with_its_holder_and_a_free_one(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        elsewhere = Installation(tmp_path / "home")
        said = refused(elsewhere, "--port", str(port))
        assert f"Port {port} is taken by" in said
        assert f"(pid {os.getpid()})" in said
        free = int(said.partition("--port ")[2].split(".")[0])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", free))
        assert "--gateway-port" in refused(elsewhere, "--gateway-port", str(port))
        elsewhere.http.close()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root:hunter2@127.0.0.1/db",
        "nonsense",
        "postgresql://reader:hunter2@127.0.0.1:9/db",
        "postgresql://reader:hunter2@127.0.0.1:port/db",
        "postgresql://reader:hunter2@no-such-host.invalid/db",
    ],
)
def test_a_broken_database_address_is_told_without_its_password(tmp_path: Path, url: str) -> None:
    elsewhere = Installation(tmp_path / "home")
    said = refused(elsewhere, DATELIER_DATABASE_URL=url)
    assert "DATELIER_DATABASE_URL" in said
    assert "hunter2" not in said
    elsewhere.http.close()


def test_sealed_secrets_without_their_key_are_not_started_over(tmp_path: Path) -> None:
    with Installation(tmp_path / "home") as running:
        running.sign_up()
        model = {
            "name": "Remote",
            "provider": "generic",
            "model_name": "m",
            "endpoint_url": "http://127.0.0.1:9/v1",
            "api_key": "sk-x",
        }
        running.call("POST", "/models", model)
        running.stop()
        key = running.home / "secret.key"
        kept = key.read_bytes()
        key.unlink()
        said = refused(running)
        assert "secret key" in said
        assert str(key) in said
        assert "DATELIER_SECRET_KEY" in said
        assert not key.exists()
        assert "not base64" in refused(running, DATELIER_SECRET_KEY="short")
        key.write_bytes(kept)
        key.chmod(0o600)
        running.start()
        assert running.call("GET", "/models")["data"]


@pytest.fixture
def own_folder() -> Generator[Path]:
    """A folder of an ordinary user's, outside pytest's, which root alone may enter."""
    folder = Path(tempfile.mkdtemp(prefix="dtl-user-", dir="/tmp"))
    account = pwd.getpwnam("nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_gets_an_installation_of_their_own(own_folder: Path) -> None:
    account = pwd.getpwnam("nobody")
    with OfUser(own_folder / "home", account.pw_uid, account.pw_gid) as running:
        running.sign_up()
        assert {process.uids().real for process in running.everything()} == {account.pw_uid}
        source_id = running.call("POST", "/sources/sample")["id"]
        assert ask(running, source_id, "Revenue by month").parts[-1][1]["type"] == "finish"
        owners = {path.stat().st_uid for path in own_folder.rglob("*")}
        assert owners == {account.pw_uid}


class OfUser(Installation):
    """An installation whose processes belong to another user."""

    def __init__(self, home: Path, uid: int, gid: int) -> None:
        super().__init__(home)
        self.env["HOME"] = str(home.parent)
        self.folder = home.parent
        # An ordinary user in all but one thing: it may read, because the interpreter and the
        # checkout of whoever runs the tests often lie where only root may look.
        self.prefix = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
        self.prefix += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
