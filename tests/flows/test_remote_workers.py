"""Two servers and two workers with sources of their own; processes die, freeze and lose the line.

Whatever happens, a question ends within its deadline: in its result, or in a typed error.
"""

import json
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from typing_extensions import override

from tests.flows.test_separate_processes import Split
from tests.support import network
from tests.support.cluster import Cluster
from tests.support.forks import Fork
from tests.support.installation import until
from tests.support.ports import free_port

FAST = "select sum(amount) as s from orders"
# Seconds of work and one row: dying in the middle of it is easy.
SLOW = "select count(*) as n from range(14000) a, range(14000) b where (a.range + b.range) % 7 = 3"
ENDLESS = "select count(*) from range(1000000000) a, range(1000000) b"
DEADLINE = 120
GRACE = 3 + 5 + 22  # of the server for the worker, for a cancel, and for this busy machine

pytestmark = [
    pytest.mark.timeout(600),  # deadlines of minutes, one after the other, on a busy machine
    pytest.mark.skipif(not network.possible(), reason="network namespaces need root and iproute2"),
]


class Fleet(Split):
    """Servers A and B on one database; workers `near` (of A) and `far` (of B, another machine)."""

    def __init__(self, home: Path, url: str, machine: network.Machine) -> None:
        super().__init__(home, url)
        self.machine = machine
        self.ports = {"a": (self.port, self.gateway_port), "b": (free_port(), free_port())}
        self.env |= {
            "DATELIER_GATEWAY_HOST": "0.0.0.0",  # seen from the namespace
            "DATELIER_STATEMENT_TIMEOUT_S": str(DEADLINE),
        }
        self.commands: dict[str, list[str]] = {}
        self.clients: dict[str, httpx.Client] = {"a": self.http}
        self.pool = ThreadPoolExecutor(8)
        self.source_id = ""

    @override
    def start(self) -> None:
        self.process = self.server("a")
        try:
            until(self._healthy, seconds=90, what="server a")
        except BaseException:
            self.process.kill()
            raise

    def server(self, name: str) -> Fork:
        port, gateway = self.ports[name]
        more = {
            "DATELIER_PORT": str(port),
            "DATELIER_GATEWAY_PORT": str(gateway),
            "DATELIER_GATEWAY_ADDRESS": f"{self.machine.host}:{gateway}",
            "DATELIER_REPLICA_ADDRESS": f"127.0.0.1:{gateway}",
        }
        process = self.spawn("serve", **more)
        self.parts[name] = process
        return process

    def _popen(self, name: str, command: list[str], env: dict[str, str]) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.follow_lines(process)
        self.parts[name] = process
        return process

    def healthy(self, name: str) -> bool:
        try:
            url = f"http://127.0.0.1:{self.ports[name][0]}/ready"
            return self.http.get(url, timeout=2).is_success
        except httpx.TransportError:
            return False

    @override
    def sign_up(self, email: str = "ada@example.com") -> dict[str, object]:
        made = super(Split, self).sign_up(email)
        # Not earlier: each start prints a link of its own and voids the one before.
        self.server("b")
        until(lambda: self.healthy("b"), seconds=90, what="server b")
        token = self.call("POST", "/tokens", {"name": "fleet"})["token"]
        for name, (port, _) in self.ports.items():
            self.clients[name] = httpx.Client(
                base_url=f"http://127.0.0.1:{port}/api/v1",
                headers={"Authorization": f"Bearer {token}"},
                timeout=DEADLINE + 2 * GRACE,
                trust_env=False,
            )
        return made

    def add_worker(self, name: str, servers: str, prefix: list[str]) -> None:
        """Copy the one command, as a person would, onto the machine of the worker."""
        made = self.clients["a"].post("/workers/join", json={"name": name}).json()
        said = shlex.split(made["command"])
        assert said[:4] == ["datelier", "worker", "start", "--server"]
        addresses = ",".join(f"{self.machine.host}:{self.ports[s][1]}" for s in servers)
        said[4] = addresses
        self.commands[name] = [*prefix, sys.executable, "-m", *said]
        folder = self.config(name) / "datelier"
        folder.mkdir(parents=True)
        config = folder / "worker.toml"
        data = self.home.parent / "orders"
        data.mkdir(exist_ok=True)
        (data / "orders.csv").write_text("city,amount\nOslo,1\nRome,2\n", encoding="utf-8")
        config.write_text(
            f'[sources.vault]\nengine = "files"\n[sources.vault.config]\nfolder = "{data}"\n',
            encoding="utf-8",
        )
        config.chmod(0o600)
        self.run_worker(name)

    def config(self, name: str) -> Path:
        return self.home.parent / f"machine-{name}"

    def run_worker(self, name: str) -> None:
        kept = {key: self.env[key] for key in self.env if not key.startswith("DATELIER_")}
        own = self.config(name)
        before = self.row(name).get("connected_at")
        env = kept | {"XDG_CONFIG_HOME": str(own), "DATELIER_HOME": str(own / "home")}
        self._popen(name, self.commands[name], env)
        # The stream of the process before may be on record for a moment.

        def attached() -> bool:
            row = self.row(name)
            return row.get("state") == "online" and row["connected_at"] != before

        until(attached, seconds=60, what=f"{name} online")

    def worker(self, name: str) -> psutil.Process:
        return psutil.Process(self.parts[name].pid)

    def wait_for(self, name: str, state: str, seconds: float = 60) -> None:
        until(lambda: self.state(name) == state, seconds=seconds, what=f"{name} {state}")

    def state(self, name: str) -> str | None:
        return self.row(name).get("state")

    def row(self, name: str) -> dict[str, Any]:
        """What a server that answers says of a worker; empty when it says nothing."""
        for client in self.clients.values():
            try:
                answer = client.get("/workers", timeout=10)
            except httpx.TransportError:
                continue
            rows: list[dict[str, Any]] = answer.json()["data"] if answer.is_success else []
            found = [row for row in rows if row["name"] == name]
            return found[0] if found else {}
        return {}

    def ask(self, server: str, sql: str, seconds: int = DEADLINE) -> "Answer":
        body = {"source_id": self.source_id, "sql": sql, "timeout_seconds": seconds}
        began = time.monotonic()
        answer = self.clients[server].post("/queries", json=body).json()
        return Answer(answer, time.monotonic() - began)

    def asked(self, server: str, sql: str, seconds: int = DEADLINE) -> "Future[Answer]":
        return self.pool.submit(self.ask, server, sql, seconds)

    def at_work(self, name: str, server: str, sql: str) -> "Future[Answer]":
        """Ask, and return once a worker is at it: its processor time grows."""
        process = self.worker(name)
        before = sum(process.cpu_times()[:2])
        asked = self.asked(server, sql)
        # A machine that leaves this thread waiting for long may have answered meanwhile.
        until(
            lambda: sum(process.cpu_times()[:2]) > before + 0.3 or asked.done(),
            seconds=60,
            what=f"{name} at work",
        )
        return asked

    def routing(self) -> str:
        """What the servers said about workers lately, to explain a failure."""
        told = ("moves_on", "replica_failed", "attached", "detached")
        return "\n".join(line for line in self.lines if any(word in line for word in told))[-4000:]

    @override
    def stop(self) -> None:
        self.pool.shutdown(cancel_futures=True)
        for client in self.clients.values():
            client.close()
        for process in self.parts.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
        for name in ("near", "far", "a", "b"):
            process = self.parts.pop(name, None)
            if process is not None and process.poll() is None:
                process.terminate()
                assert process.wait(90) == 0, f"{name}\n{self.last_lines()}"


class Answer:
    """What `POST /queries` said, and after how long."""

    def __init__(self, body: dict[str, Any], seconds: float) -> None:
        self.body, self.seconds = body, seconds

    @property
    def code(self) -> str:
        """`done`, or the code of the typed error."""
        error: dict[str, Any] = self.body.get("error") or {}
        return str(self.body.get("code") or error.get("code") or self.body.get("status"))


@contextmanager
def running(tmp_path: Path, url: str) -> Generator[Fleet]:
    with network.Machine(1) as machine, Fleet(tmp_path / "home", url, machine) as fleet:
        fleet.sign_up()
        fleet.add_worker("near", "ab", [])
        fleet.add_worker("far", "ba", machine.prefix)
        body = {
            "name": "Vault",
            "engine": "files",
            "credentials": "worker",
            "worker_source": "vault",
        }
        fleet.source_id = fleet.clients["a"].post("/sources", json=body).json()["id"]
        yield fleet


@pytest.fixture(scope="module")
def fleet(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Generator[Fleet]:
    url = cluster.create(f"fleet_{free_port()}")
    with running(tmp_path_factory.mktemp("fleet"), url) as made:
        yield made


@pytest.fixture(scope="module")
def truth(fleet: Fleet) -> Any:
    """What the slow question's answer is, undisturbed."""
    return _number(fleet, fleet.ask("a", SLOW))


def _number(fleet: Fleet, answer: Answer) -> Any:
    assert answer.code == "done", (answer.body, fleet.routing())
    result = fleet.clients["b"].get(f"/results/{answer.body['result_id']}/rows").json()
    return result["data"]


@pytest.mark.contract("Q63", "W28")
def test_the_copied_command_is_all_a_machine_needs_and_its_token_is_private(
    fleet: Fleet,
) -> None:
    for server in ("a", "b"):
        assert _number(fleet, fleet.ask(server, FAST)) == [["3"]]
    for name in ("near", "far"):
        path = fleet.config(name) / "datelier" / "workers" / f"{name}.toml"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "dtw_" in path.read_text(encoding="utf-8")
    listed = fleet.clients["a"].get("/workers").json()["data"]
    assert {row["name"] for row in listed} == {"near", "far"}
    assert all(row["sources"] == [{"name": "vault", "engine": "files"}] for row in listed)
    # The platform knows the name of the source, and nothing else of it.
    source = fleet.clients["a"].get(f"/sources/{fleet.source_id}").json()
    assert "orders" not in json.dumps(source["config"])


def test_killing_the_worker_in_the_middle_of_a_question_does_not_lose_the_answer(
    fleet: Fleet, truth: Any
) -> None:
    asked = fleet.at_work("near", "a", SLOW)
    fleet.parts["near"].kill()
    fleet.parts["near"].wait(10)
    answer = asked.result(DEADLINE + GRACE)
    assert _number(fleet, answer) == truth
    assert answer.seconds < DEADLINE + GRACE
    # The same command once more: the used token is not needed again.
    fleet.run_worker("near")


def test_a_frozen_worker_is_given_up_and_what_it_says_later_is_not_heard(
    fleet: Fleet, truth: Any
) -> None:
    soon = fleet.asked("a", ENDLESS, 4)
    late = fleet.at_work("near", "a", SLOW)
    fleet.parts["near"].send_signal(signal.SIGSTOP)
    try:
        hopeless = soon.result(DEADLINE)
        assert hopeless.code in {"timeout", "worker_lost"}
        assert hopeless.seconds < 4 + GRACE
        assert _number(fleet, late.result(DEADLINE + GRACE)) == truth
        assert fleet.ask("a", FAST).code == "done"  # asked of the other meanwhile
    finally:
        fleet.parts["near"].send_signal(signal.SIGCONT)
    fleet.wait_for("near", "online")
    assert _number(fleet, fleet.ask("a", FAST)) == [["3"]]


def test_a_worker_that_is_cut_off_is_replaced_and_comes_back_by_itself(
    fleet: Fleet, truth: Any
) -> None:
    asked = fleet.at_work("far", "b", SLOW)
    fleet.machine.cut()
    try:
        # Either it finished before the cut, or the other worker answers.
        answer = asked.result(DEADLINE + GRACE)
        assert _number(fleet, answer) == truth
        fleet.wait_for("far", "offline")
        assert fleet.ask("b", FAST).code == "done"
    finally:
        fleet.machine.heal()
    fleet.wait_for("far", "online", 90)


def test_a_server_that_dies_leaves_its_workers_to_the_other(fleet: Fleet, truth: Any) -> None:
    asked = fleet.asked("b", SLOW)
    fleet.parts["a"].kill()
    fleet.parts["a"].wait(10)
    assert _number(fleet, asked.result(DEADLINE + GRACE)) == truth
    until(lambda: fleet.clients["b"].get("/status").json()["workers"]["online"] == 2, seconds=60)
    assert fleet.ask("b", FAST).code == "done"
    fleet.process = fleet.server("a")
    until(lambda: fleet.healthy("a"), seconds=90, what="server a")
    assert fleet.ask("a", FAST).code == "done"  # through the server that holds the streams


def test_a_frozen_server_is_not_waited_for(fleet: Fleet) -> None:
    """Both workers hang on server b here; it freezes with their streams in its hands."""
    fleet.parts["b"].send_signal(signal.SIGSTOP)
    try:
        answer = fleet.ask("a", ENDLESS, 6)
        assert answer.code in {"timeout", "worker_lost", "no_worker"}, answer.body
        assert answer.seconds < 6 + GRACE
        # The workers notice too, and go to the server that lives.
        until(lambda: fleet.ask("a", FAST, 10).code == "done", seconds=45, what="an answer")
    finally:
        fleet.parts["b"].send_signal(signal.SIGCONT)
    until(lambda: fleet.ask("b", FAST, 10).code == "done", seconds=60, what="an answer")


def test_sigterm_finishes_what_runs_refuses_what_is_new_and_exits_with_zero(
    fleet: Fleet, truth: Any
) -> None:
    fleet.parts["far"].terminate()
    assert fleet.parts["far"].wait(90) == 0
    asked = fleet.at_work("near", "a", SLOW)
    fleet.parts["near"].terminate()
    assert _number(fleet, asked.result(DEADLINE + GRACE)) == truth
    assert fleet.parts["near"].wait(90) == 0
    nobody = fleet.ask("a", FAST)
    assert nobody.code == "no_worker"
    assert nobody.seconds < GRACE  # and not the deadline
    fleet.run_worker("near")


@pytest.mark.contract("Q94")
def test_mode_job_performs_one_action_and_ends(fleet: Fleet) -> None:
    if fleet.parts["near"].poll() is None:
        fleet.parts["near"].terminate()
        assert fleet.parts["near"].wait(90) == 0
    command = fleet.commands["near"]
    fleet.commands["near"] = [*command, "--mode", "job"]
    try:
        fleet.run_worker("near")
    finally:
        fleet.commands["near"] = command
    assert fleet.ask("a", FAST).code == "done"
    assert fleet.parts["near"].wait(90) == 0


def test_a_revoked_worker_ends_and_says_why(fleet: Fleet) -> None:
    if fleet.parts["near"].poll() is not None:
        fleet.run_worker("near")
    near, said = fleet.row("near"), len(fleet.lines)
    began = time.monotonic()
    assert fleet.clients["b"].delete(f"/workers/{near['id']}").status_code == 204
    assert fleet.parts["near"].wait(90) == 3
    assert time.monotonic() - began < 5 + GRACE  # five for the stream, the rest for the process
    until(lambda: any("revoked" in line or "not valid" in line for line in fleet.lines[said:]))


def test_a_configuration_that_others_may_read_is_refused(fleet: Fleet) -> None:
    config = fleet.config("far") / "datelier" / "worker.toml"
    config.chmod(0o644)
    env = fleet.env | {"XDG_CONFIG_HOME": str(fleet.config("far"))}
    try:
        done = subprocess.run(
            fleet.commands["far"],
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    finally:
        config.chmod(0o600)
    assert done.returncode == 2
    assert f"chmod 600 {config}" in done.stderr
