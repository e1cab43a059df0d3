"""The whole product as a stranger runs it: `datelier up` in a home of its own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import psutil

from tests.support.forks import Fork
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
_LINK = re.compile(r"/welcome#t=(\S+)")
T = TypeVar("T")
_homes: set[Path] = set()
"""Of every installation of this process."""


def until(check: Callable[[], T | None], *, seconds: float = 30, what: str = "condition") -> T:
    """Return the first truthy value of `check`; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        value = check()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not come true within {seconds} s"
        pause.wait(0.05)


def remove_databases() -> None:
    """Remove the databases that are not in the homes they belong to; nothing may be running."""
    for home in _homes:
        record = home / "postgres.json"
        if record.exists():
            shutil.rmtree(json.loads(record.read_text())["folder"], ignore_errors=True)


class Installation:
    """One home with its processes; usable as a context manager.

    Args:
        home: A fresh folder.
        settings: Further `DATELIER_*` settings, without the prefix.
    """

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        _homes.add(home)
        self.port = free_port()
        self.gateway_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env: dict[str, str] = {
            **{key: value for key, value in os.environ.items() if not key.startswith("DATELIER_")},  # noqa: TID251  # children inherit
            "DATELIER_HOME": str(home),
            "DATELIER_PORT": str(self.port),
            "DATELIER_GATEWAY_PORT": str(self.gateway_port),
            "XDG_CONFIG_HOME": str(home.parent / f"{home.name}-config"),
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONUNBUFFERED": "1",
            # Most scripts are those of the plain loop; tests of the other name it.
            "DATELIER_ANALYST_WORKFLOW": "plain",
            **{f"DATELIER_{key.upper()}": value for key, value in settings.items()},
        }
        self.process: Fork | subprocess.Popen[str] | None = None
        self.lines: list[str] = []
        # Words before the command, such as those that make the processes another user's.
        self.prefix: list[str] = []
        self.folder: Path | None = None
        self.http = httpx.Client(base_url=f"{self.url}/api/v1", timeout=60, trust_env=False)
        self.http.headers["Origin"] = self.url

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.http.close()

    def start(self) -> None:
        """Start `datelier up` and wait until it is ready."""
        if self.prefix:
            self.process = self._prefixed("up", "--no-open")
        else:
            self.process = self.spawn("up", "--no-open")
        until(self._healthy, seconds=90, what="the server")

    def _prefixed(self, *command: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "datelier", *command],
            env=self.env,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.follow_lines(process)
        return process

    def spawn(self, *command: str, **more: str) -> Fork:
        """Start one `datelier` command of this home, with further variables; its lines are kept."""
        process = Fork(
            "datelier",
            *command,
            env=self.env | more,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.follow_lines(process)
        return process

    def follow_lines(self, process: "Fork | subprocess.Popen[str]") -> None:
        """Keep what a process prints in `lines`."""
        threading.Thread(target=self._read, args=(process,), daemon=True).start()

    def _read(self, process: "Fork | subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line.rstrip("\n"))
        process.stdout.close()

    def _healthy(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "\n".join(self.lines)
        try:
            # By the client there is: making one reads all certificates, which takes longer.
            return self.http.get(f"{self.url}/ready", timeout=2).is_success
        except httpx.TransportError:
            return False

    def setup_token(self) -> str:
        """Return the token of the one-time link that was printed."""

        def find() -> str | None:
            found = [match[1] for line in self.lines if (match := _LINK.search(line))]
            return found[-1] if found else None

        return until(find, seconds=10, what="the one-time link")

    def sign_up(self, email: str = "ada@example.com") -> dict[str, Any]:
        """Make the first account; this client is signed in from then on."""
        body = {"name": "Ada", "email": email, "password": "correct horse battery staple"}
        return self.call("POST", "/auth/signup", body | {"setup_token": self.setup_token()})

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Return the decoded answer; fail with its text when it is an error."""
        response = self.http.request(method, path, json=body, **options)
        assert not response.is_error, (
            f"{method} {path}: {response.status_code} {response.text}\n{self.last_lines()}"
        )
        return response.json() if response.content else None

    def last_lines(self) -> str:
        """Return the end of what the process printed, to explain a failure."""
        return "\n".join(self.lines[-25:])

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one `datelier` command against this installation."""
        return subprocess.run(
            [sys.executable, "-m", "datelier", *arguments],
            env=self.env | {"DATELIER_URL": self.url},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def popen(self, *arguments: str) -> Fork:
        """Start one `datelier` command against this installation and let it run."""
        return Fork(
            "datelier",
            *arguments,
            env=self.env | {"DATELIER_URL": self.url},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def run_json(self, *arguments: str) -> Any:
        """Run a command with --json and return its document."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def everything(self) -> list[psutil.Process]:
        """Every process of this home: server, worker and embedded PostgreSQL."""
        found: dict[int, psutil.Process] = {}
        if self.process is not None and self.process.poll() is None:
            root = psutil.Process(self.process.pid)
            found = {process.pid: process for process in [root, *root.children(recursive=True)]}
        record = self.home / "postgres.json"
        # As root, a home that the database's account cannot reach has its data elsewhere.
        base = (
            json.loads(record.read_text())["folder"] if record.exists() else self.home / "postgres"
        )
        pid_file = Path(base) / "data" / "postmaster.pid"
        if pid_file.exists():
            postmaster = int(pid_file.read_text().split()[0])
            if psutil.pid_exists(postmaster):
                server = psutil.Process(postmaster)
                for process in [server, *server.children(recursive=True)]:
                    found[process.pid] = process
        return list(found.values())

    def kill_everything(self) -> None:
        """End every process at once, as a power cut would."""
        for process in self.everything():
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        assert self.process is not None
        self.process.wait(10)

    def stop(self) -> None:
        """Stop in good order."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill_everything()
            raise
