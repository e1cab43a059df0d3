"""Server, runner and worker as processes of their own, on a PostgreSQL that is not ours."""

import base64
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typing_extensions import override

from tests.flows.asking import ask, follow
from tests.support.cluster import Cluster
from tests.support.forks import Fork
from tests.support.installation import Installation, until
from tests.support.model_server import model_server, words
from tests.support.ports import free_port

_DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
_WORDS = 250


class Split(Installation):
    """The three commands on one external database; `start` starts them all."""

    def __init__(self, home: Path, url: str) -> None:
        key = base64.b64encode(bytes(range(32))).decode()
        super().__init__(home, database_url=url, secret_key=key, lease_seconds="3")
        self.parts: dict[str, Fork | subprocess.Popen[str]] = {}

    @override
    def start(self) -> None:
        self.process = self.begin("serve")
        until(self._healthy, seconds=90, what="the server")
        self.begin("runner", "start")
        self.begin("worker", "start", "--name", "beside the data")

    def begin(self, *command: str) -> Fork:
        """Start one process; a part of the same name that ended is forgotten."""
        process = self.spawn(*command)
        self.parts[command[0]] = process
        return process

    @override
    def sign_up(self, email: str = "ada@example.com") -> dict[str, object]:
        made = super().sign_up(email)
        until(
            lambda: self.call("GET", "/status")["workers"]["online"] == 1,
            what="the worker's stream",
        )
        return made

    @override
    def stop(self) -> None:
        for name in ("worker", "runner", "serve"):
            process = self.parts.pop(name, None)
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            assert process.wait(30) == 0, f"{name}\n{self.last_lines()}"


@contextmanager
def split(tmp_path: Path, url: str) -> Generator[Split]:
    with Split(tmp_path / "home", url) as running:
        running.sign_up()
        yield running


@pytest.fixture
def external(cluster: Cluster) -> str:
    return cluster.create(f"split_{free_port()}")


@pytest.mark.contract("Q2", "Q3")
def test_an_answer_works_and_survives_the_runner_that_gave_it(
    tmp_path: Path, external: str
) -> None:
    with split(tmp_path, external) as running, model_server() as endpoint:
        assert not (running.home / "postgres").exists()
        source_id = running.call("POST", "/sources/sample")["id"]
        told = ask(running, source_id, "Revenue by month as a chart")
        assert told.parts[-1][1]["type"] == "finish"
        assert told.data("query")[-1]["status"] == "done"
        assert told.data("chart")
        model = {
            "name": "Slow",
            "provider": "generic",
            "model_name": f"{_WORDS}tok-20ms",
            "endpoint_url": endpoint,
            "api_key": "sk-x",
        }
        model_id = running.call("POST", "/models", model)["id"]
        thread = running.call("POST", "/threads", {"source_ids": [source_id], "model_id": model_id})
        path = f"/threads/{thread['id']}/messages"
        run_id = running.call("POST", path, {"text": "Tell me."})["run_id"]
        until(lambda: _spoke(running, run_id), what="the first words")
        first = running.parts["runner"]
        first.kill()
        first.wait(10)
        running.begin("runner", "start")
        parts = follow(running.http, run_id)
        assert [seq for seq, _ in parts] == list(range(1, len(parts) + 1))
        assert parts[-1][1]["type"] == "finish"
        answer = running.call("GET", path)["data"][-1]
        said = "".join(part["text"] for part in answer["parts"] if part["type"] == "text")
        assert said.strip() == words(_WORDS).strip()


def _spoke(running: Installation, run_id: str) -> bool:
    with running.http.stream("GET", f"/runs/{run_id}/events") as response:
        return any('"text-delta"' in line for line in response.iter_lines())


@pytest.mark.contract("W1")
def test_without_a_runner_questions_wait_and_then_are_answered(
    tmp_path: Path, external: str
) -> None:
    with split(tmp_path, external) as running:
        source_id = running.call("POST", "/sources/sample")["id"]
        running.parts["runner"].terminate()
        assert running.parts["runner"].wait(30) == 0

        def send() -> str:
            thread = running.call("POST", "/threads", {"source_ids": [source_id]})
            path = f"/threads/{thread['id']}/messages"
            return running.call("POST", path, {"text": "Revenue by month"})["run_id"]

        run_id, suspect = send(), send()
        assert running.call("GET", f"/runs/{run_id}")["status"] == "queued"
        with psycopg.connect(external, autocommit=True) as connection:
            # As if it had ended two processes: it goes on in one of its own.
            connection.execute("update run set attempt = 2 where id = %s", (suspect,))
        running.begin("runner", "start")
        assert follow(running.http, run_id)[-1][1]["type"] == "finish"
        parts = [part for _, part in follow(running.http, suspect)]
        assert parts[-1]["type"] == "finish"
        assert [p["data"]["status"] for p in parts if p["type"] == "data-query"][-1] == "done"
        said = "\n".join(running.lines)
        assert "run_apart" in said
        assert "run_not_begun_apart" not in said


@pytest.mark.skipif(not _DEBIAN, reason="PostgreSQL of the distribution is not installed")
def test_the_distribution_s_postgresql_serves_as_well(tmp_path: Path) -> None:
    with distribution_postgresql(_DEBIAN[-1].parent) as url, split(tmp_path, url) as running:
        source_id = running.call("POST", "/sources/sample")["id"]
        told = ask(running, source_id, "Revenue by month")
        assert told.parts[-1][1]["type"] == "finish"
        assert told.data("query")[-1]["status"] == "done"


@contextmanager
def distribution_postgresql(binaries: Path) -> Generator[str]:
    """Yield the URL of an empty database of a server that is only reachable by its socket."""
    root = Path(tempfile.mkdtemp(prefix="dtl-pg-", dir="/tmp"))
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    who: dict[str, Any] = (
        {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    )
    if account:
        os.chown(root, account.pw_uid, account.pw_gid)
    data, port = root / "data", free_port()
    make = [binaries / "initdb", "-D", data, "-U", "owner", "--auth=trust", "-N", "-E", "UTF8"]
    subprocess.run([*make, "--locale=C"], check=True, cwd=root, stdout=subprocess.DEVNULL, **who)
    options = ["-k", root, "-c", "listen_addresses=", "-c", f"port={port}", "-c", "fsync=off"]
    with (root / "log").open("wb") as log:
        server = subprocess.Popen[bytes](
            [binaries / "postgres", "-D", data, *options], cwd=root, stdout=log, stderr=log, **who
        )
    ready = [binaries / "pg_isready", "-q", "-h", root, "-p", str(port), "-t", "1"]
    try:
        until(lambda: subprocess.run(ready, check=False).returncode == 0, what="the server")
        yield f"postgresql://owner@/postgres?host={root}&port={port}"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(root, ignore_errors=True)
