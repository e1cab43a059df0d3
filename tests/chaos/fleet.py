"""Two servers, two runners, two workers and one PostgreSQL, each a process that can be hurt."""

import asyncio
import base64
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from inspect import isawaitable
from pathlib import Path
from typing import IO, Final

import httpx

from datelier.kit.fail_points import HIT
from tests.chaos.tunnel import Tunnel
from tests.support.cluster import Cluster
from tests.support.installation import ROOT
from tests.support.ports import free_port

_LOOK: Final = 0.05  # between two looks at processes that say nothing by themselves
_LINK = re.compile(r"/welcome#t=(\S+)")
_LEASE: Final = "6"


@dataclass
class Member:
    """One process of the product, started again whenever it ends.

    Attributes:
        tunnels: What lies between it and PostgreSQL, or between a worker and the servers.
        resting: Not to be started again just now.
        starts: How often it was started.
    """

    name: str
    command: tuple[str, ...]
    env: dict[str, str]
    tunnels: tuple[Tunnel, ...]
    log: IO[bytes]
    process: "subprocess.Popen[bytes] | None" = None
    resting: bool = False
    starts: int = 0

    def start(self) -> None:
        """Start it."""
        self.starts += 1
        self.process = subprocess.Popen(
            [sys.executable, "-m", "datelier", *self.command],
            env=self.env,
            cwd=ROOT,
            stdout=self.log,
            stderr=self.log,
        )

    @property
    def alive(self) -> bool:
        """Whether it runs, frozen or not."""
        return self.process is not None and self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it lives."""
        if self.process is not None and self.alive:
            self.process.send_signal(number)


@dataclass
class Fleet:
    """The whole installation.

    Attributes:
        points: Folder that arms fail points.
        lease: Seconds that a claim lasts; None for the product's own.
        hook: Where the person who asks is told of what waits; empty for nowhere.
    """

    home: Path
    cluster: Cluster
    lease: str | None
    hook: str = ""
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    urls: dict[str, str] = field(default_factory=dict[str, str])
    token: str = ""
    _keeper: asyncio.Task[None] | None = None

    @property
    def points(self) -> Path:
        return self.home / "points"

    def client(self, server: str) -> httpx.AsyncClient:
        """Return a signed-in client of one server."""
        return httpx.AsyncClient(
            base_url=f"{self.urls[server]}/api/v1",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=httpx.Timeout(10, read=15),
            trust_env=False,
        )

    async def start(self) -> None:
        """Start everything and make the first account."""
        self.points.mkdir(parents=True)
        await asyncio.to_thread(self.cluster.create, "chaos")
        for letter in "ab":
            await self._add_server(letter)
        first = self.members["server a"]
        first.start()
        await self._healthy("server a")
        await self._sign_up()
        self.members["server b"].start()
        for letter in "ab":
            await self._add(f"runner {letter}", ("runner", "start"), letter)
            self.members[f"runner {letter}"].start()
            await self._add_worker(f"worker {letter}", letter)
            self.members[f"worker {letter}"].start()
        await self._healthy("server b")
        await self._workers_online()
        self._keeper = asyncio.create_task(self._keep())

    async def _add_server(self, letter: str) -> None:
        port, gateway = free_port(), free_port()
        self.urls[f"server {letter}"] = f"http://127.0.0.1:{port}"
        ports = {"DATELIER_PORT": str(port), "DATELIER_GATEWAY_PORT": str(gateway)}
        await self._add(f"server {letter}", ("serve",), letter, ports)

    async def _add(
        self, name: str, command: tuple[str, ...], letter: str, more: dict[str, str] | None = None
    ) -> None:
        tunnels: tuple[Tunnel, ...] = ()
        url = ""
        if command[0] != "worker":
            tunnels = (await _tunnel(self.cluster.port),)
            url = f"postgresql://owner@127.0.0.1:{tunnels[0].port}/chaos"
        server = self.members.get(f"server {letter}")
        env = {
            **{key: value for key, value in os.environ.items() if not key.startswith("DATELIER_")},  # noqa: TID251  # children inherit
            "DATELIER_HOME": str(self.home),
            "DATELIER_DATABASE_URL": url,
            "DATELIER_SECRET_KEY": base64.b64encode(bytes(range(32))).decode(),
            **({} if self.lease is None else {"DATELIER_LEASE_SECONDS": self.lease}),
            "DATELIER_ANALYST_WORKFLOW": "plain",
            "DATELIER_HTTP_HOSTS": self.hook.removeprefix("http://").partition("/")[0],
            "DATELIER_FAIL_POINTS": str(self.points),
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONUNBUFFERED": "1",
            **({} if server is None else {k: v for k, v in server.env.items() if "_PORT" in k}),
            **(more or {}),
        }
        log = (self.home / f"{name.replace(' ', '-')}.log").open("ab")
        self.members[name] = Member(name, command, env, tunnels, log)

    async def _add_worker(self, name: str, letter: str) -> None:
        """Copy the one command, as a person would; it dials both servers."""
        async with self.client("server a") as http:
            made = await http.post("/workers/join", json={"name": name.replace(" ", "-")})
        said = shlex.split(made.raise_for_status().json()["command"])
        assert said[:4] == ["datelier", "worker", "start", "--server"]
        gateways = [int(self.members[s].env["DATELIER_GATEWAY_PORT"]) for s in self.urls]
        tunnels = tuple([await _tunnel(port) for port in gateways])
        said[4] = ",".join(f"127.0.0.1:{tunnel.port}" for tunnel in tunnels)
        await self._add(name, tuple(said[1:]), letter)
        self.members[name].tunnels = tunnels
        own = self.home.parent / name.replace(" ", "-")
        kept = {k: v for k, v in self.members[name].env.items() if not k.startswith("DATELIER_")}
        self.members[name].env = kept | {
            "XDG_CONFIG_HOME": str(own),
            "DATELIER_HOME": str(own / "home"),
            "DATELIER_FAIL_POINTS": str(self.points),
        }

    async def _healthy(self, server: str) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=2) as http:

            async def ready() -> bool:
                try:
                    return (await http.get(f"{self.urls[server]}/ready")).is_success
                except httpx.TransportError:
                    return False

            await until(ready, f"{server} is ready", 90)

    async def _sign_up(self) -> None:
        log = self.home / "server-a.log"
        await until(lambda: _LINK.search(log.read_text()) is not None, "the link", 10)
        found = _LINK.findall(log.read_text())
        url = self.urls["server a"]
        async with httpx.AsyncClient(
            base_url=f"{url}/api/v1", headers={"Origin": url}, timeout=60, trust_env=False
        ) as http:
            person = {
                "name": "Ada",
                "email": "ada@example.com",
                "password": "correct horse battery",
            }
            (
                await http.post("/auth/signup", json={**person, "setup_token": found[-1]})
            ).raise_for_status()
            made = (await http.post("/tokens", json={"name": "chaos"})).raise_for_status()
            self.token = made.json()["token"]

    async def _workers_online(self) -> None:
        async with self.client("server a") as http:

            async def both() -> bool:
                return (await http.get("/status")).json()["workers"]["online"] == 2

            await until(both, "both workers are online", 60)

    async def _keep(self) -> None:
        """Start again whatever has ended."""
        while True:
            await asyncio.sleep(_LOOK)
            for member in self.members.values():
                if not member.alive and not member.resting:
                    member.start()

    def armed(self) -> set[str]:
        """Return the fail points that nobody has reached yet."""
        return {path.name for path in self.points.iterdir()} - {HIT}

    def hits(self) -> list[str]:
        """Return the fail points at which processes died, in order."""
        path = self.points / HIT
        return path.read_text().split() if path.exists() else []

    async def stop(self) -> None:
        """End everything."""
        if self._keeper is not None:
            self._keeper.cancel()
        for member in self.members.values():
            member.signal(signal.SIGCONT)
            member.signal(signal.SIGKILL)
        for member in self.members.values():
            if member.process is not None:
                await asyncio.to_thread(member.process.wait, 30)
            member.log.close()
            for tunnel in member.tunnels:
                await tunnel.close()
        await asyncio.to_thread(self.cluster.stop)


async def _tunnel(port: int) -> Tunnel:
    tunnel = Tunnel(port)
    await tunnel.start()
    return tunnel


async def until(look: Callable[[], Awaitable[bool] | bool], what: str, seconds: float) -> None:
    """Wait until `look()` is true."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                found = look()
                if await found if isawaitable(found) else found:
                    return
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        raise AssertionError(f"never happened within {seconds} s: {what}") from None


def new_fleet(lease: str | None = _LEASE, hook: str = "") -> Fleet:
    """Return a fleet that is not started, with a home of its own."""
    home = Path(tempfile.mkdtemp(prefix="dtl-chaos-"))
    home.chmod(0o755)
    return Fleet(home=home / "home", cluster=Cluster(tcp=True), lease=lease, hook=hook)
