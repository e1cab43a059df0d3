"""A fresh installation of the product in a home of its own, driven like any client would."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.load import cpu_of, tree
from tests.support.ports import free_port

UNHELD = {"ORG_MAX_RUNNING": "1000", "SLOTS": "1000"}
_LINK = re.compile(r"/welcome#t=(\S+)")


def on_cpu(cpu: int | None) -> list[str]:
    """Return the words that keep a command on one CPU, so that load and server do not compete."""
    taskset = shutil.which("taskset")
    if cpu is None or taskset is None:
        return []
    return [taskset, "-c", str(cpu % (os.cpu_count() or 1))]


def _kind(process: psutil.Process) -> str:
    """Return what a process is to the product: up, worker or postgres."""
    return next((word for word in process.cmdline() if word in {"up", "worker"}), process.name())


class Product:
    """One `datelier up` process.

    Args:
        home: Its data folder.
        cpu: The CPU it may use, or None for all.
        settings: `DATELIER_*` settings, without the prefix; by default nothing is held back.
    """

    def __init__(
        self, home: Path, *, cpu: int | None, settings: dict[str, str] | None = None
    ) -> None:
        self.home = home
        self._settings = UNHELD if settings is None else settings
        self.port = free_port()
        self._cpu = cpu
        self._process: subprocess.Popen[str] | None = None
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/v1", timeout=60, trust_env=False
        )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Start and return the seconds until `/health` answered."""
        environment = {
            **os.environ,  # noqa: TID251  # the child is the product itself
            "DATELIER_HOME": str(self.home),
            "DATELIER_PORT": str(self.port),
            "DATELIER_GATEWAY_PORT": str(free_port()),
            **{f"DATELIER_{name}": value for name, value in self._settings.items()},
            "DATELIER_LOG_LEVEL": "warning",
            "DATELIER_ANALYST_WORKFLOW": "plain",
            "XDG_CONFIG_HOME": str(self.home / "config"),
        }
        start = time.perf_counter()
        self._process = subprocess.Popen(
            [*on_cpu(self._cpu), sys.executable, "-m", "datelier", "up"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.link = ""
        health = f"http://127.0.0.1:{self.port}/health"
        while True:
            if self._process.poll() is not None:
                raise RuntimeError(f"datelier up ended with {self._process.returncode}")
            try:
                if httpx.get(health, timeout=1, trust_env=False).is_success:
                    return time.perf_counter() - start
            except httpx.TransportError:
                time.sleep(0.02)

    def sign_up(self) -> None:
        """Make the first account with the one-time link and use a personal token from then on."""
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := _LINK.search(line):
                self.link = found[1]
                break
        body = {"name": "Bench", "email": "bench@example.com", "password": "correct horse battery"}
        self.call("POST", "/auth/signup", body | {"setup_token": self.link})
        token = self.call("POST", "/tokens", {"name": "bench"}, same_origin=True)["token"]
        self.http.cookies.clear()
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.token = token

    def call(self, method: str, path: str, body: Any = None, *, same_origin: bool = False) -> Any:
        headers = {"Origin": f"http://127.0.0.1:{self.port}"} if same_origin else {}
        response = self.http.request(method, path, json=body, headers=headers)
        if response.is_error:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.text[:300]}")
        return response.json() if response.content else None

    def cpu_seconds(self) -> float:
        """Return what all its processes have used so far."""
        return cpu_of(tree(self.pid) + self._postgres())

    def idle_megabytes(self) -> dict[str, float]:
        """Return proportional set size per kind of process, in MB."""
        sizes: dict[str, float] = {}
        for process in tree(self.pid) + self._postgres():
            try:
                kind = _kind(process)
                sizes[kind] = sizes.get(kind, 0) + process.memory_full_info().pss / 1e6
            except psutil.NoSuchProcess:
                continue
        return sizes

    def _postgres(self) -> list[psutil.Process]:
        """The embedded server's processes, when it is not a child of ours."""
        ours = {process.pid for process in tree(self.pid)}
        found: list[psutil.Process] = []
        for process in psutil.process_iter():
            try:
                if (
                    process.name() == "postgres"
                    and process.pid not in ours
                    and str(self.home) in process.cwd()
                ):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process = None
