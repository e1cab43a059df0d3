"""Stop reaches the statement in the database, whoever stops it and however."""

import statistics
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from bench import stops
from tests.support.cluster import Cluster
from tests.support.installation import Installation, until
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

# Minutes of work for a database, and nothing to read meanwhile.
SLOW = "select count(*) from generate_series(1, 30000000) a, generate_series(1, 1000) b"
MODEL = "asks-something-slow"


@dataclass(frozen=True, slots=True)
class Outside:
    """A database beside the installation, added as a source."""

    source_id: str
    url: str

    def running(self) -> int:
        """Return how many of our statements the server itself says are running."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(
                "select count(*) from pg_stat_activity where state = 'active' and query like"
                " '%generate_series%' and pid <> pg_backend_pid()"
            ).fetchone()
        assert row is not None
        return int(row[0])

    def starts(self) -> None:
        until(lambda: self.running() == 1, what="the statement")

    def ends(self) -> None:
        until(lambda: self.running() == 0, seconds=10, what="the end of the statement")


@pytest.fixture(scope="module")
def outside(installation: Installation) -> Generator[Outside]:
    """A PostgreSQL server whose statements can be counted."""
    server = Cluster(tcp=True)
    try:
        url = server.create("slow")
        config = {"host": "127.0.0.1", "port": server.port, "database": "slow", "user": "owner"}
        body = {"name": "Slow", "engine": "postgresql", "config": config | {"sslmode": "disable"}}
        yield Outside(installation.call("POST", "/sources", body)["id"], url)
    finally:
        server.stop()


def query(installation: Installation, outside: Outside, **more: Any) -> httpx.Response:
    body = {"source_id": outside.source_id, "sql": SLOW, "timeout_seconds": 60}
    return installation.http.post("/queries", json=body | more)


def in_background(work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_stopping_a_run(installation: Installation, outside: Outside) -> None:
    with ScriptedThread() as scripted:
        scripted.respond(MODEL, lambda _: Turn.call("execute_sql_query", {"sql": SLOW}))
        added = ("model", "add", "--name", MODEL, "--provider", "generic", "--model-name", MODEL)
        model = installation.run_json(*added, "--endpoint", scripted.url, "--no-key")
        body = {"source_ids": [outside.source_id], "model_id": model["id"]}
        thread = installation.call("POST", "/threads", body)
        sent = installation.call("POST", f"/threads/{thread['id']}/messages", {"text": "Count"})
        outside.starts()
        installation.call("POST", f"/runs/{sent['run_id']}/stop")
        outside.ends()
        run = f"/runs/{sent['run_id']}"
        until(lambda: installation.call("GET", run)["status"] == "cancelled", what="the end")


def test_cancelling_a_query(installation: Installation, outside: Outside) -> None:
    first = query(installation, outside, sql="select 1").json()["query_id"]
    answers: list[httpx.Response] = []
    asking = in_background(lambda: answers.append(query(installation, outside, query_id=first)))
    outside.starts()
    installation.call("POST", f"/queries/{first}/cancel")
    outside.ends()
    asking.join(30)
    assert answers[0].json()["status"] == "cancelled"


def test_a_client_that_goes_away(installation: Installation, outside: Outside) -> None:
    with httpx.Client(headers=dict(installation.http.headers), timeout=2) as client:
        client.cookies = installation.http.cookies
        body = {"source_id": outside.source_id, "sql": SLOW, "timeout_seconds": 60}
        with pytest.raises(httpx.ReadTimeout):
            client.post(f"{installation.url}/api/v1/queries", json=body)
    outside.ends()


def test_the_command_line_is_interrupted(installation: Installation, outside: Outside) -> None:
    asking = subprocess.Popen(
        [sys.executable, "-m", "datelier", "query", SLOW, "--source", "Slow"],
        env=installation.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    outside.starts()
    asking.terminate()
    asking.communicate(timeout=30)
    outside.ends()


@pytest.mark.parametrize("make", [stops.postgres, stops.mariadb], ids=["postgresql", "mariadb"])
def test_stop_in_a_chat_and_on_a_card_empties_the_servers_own_list(
    installation: Installation, make: Callable[[], AbstractContextManager[stops.Database]]
) -> None:
    """Statements of several kinds; `make bench` does it a hundred times."""
    with (
        make() as database,
        stops.obedient_model(installation) as model_id,
        stops.Presses(installation, database, model_id) as presses,
    ):
        found = [stopped.gone for stopped in presses.each(10)]
    # One may meet a busy moment of the machine; half of them cannot.
    assert statistics.median(found) < stops.WITHIN_S, found
    assert max(found) < 10, found
