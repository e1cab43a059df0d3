"""Processes die at every commit around a write; it is made once, or not at all, and said so."""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from datelier.wire.fail_points import HIT
from tests.effects.conftest import Home, Split, write_sql
from tests.runs.processes import Process, processes, until
from tests.support.scripted_openai import Turn

NOTE = "INSERT INTO log (what) VALUES ('corrected')"
LEASE = 1.5
PATIENCE_S = 90
# Where the process dies -> how often the write is made in the end.
ENDS = {
    "effect.before_intended": 1,
    "effect.after_intended": 1,
    "effect.before_begun": 1,
    # The transaction is known, its outcome is not: the database says it was undone.
    "effect.after_begun": 0,
    "effect.before_settled": 1,
    "effect.after_settled": 1,
    "tool.after": 1,
    # The worker itself dies.
    "write.before_commit": 0,
    "write.after_commit": 1,
}


class Fleet:
    """Two runners and a worker; a test lets one of them die, the next test gets another."""

    def __init__(self, split: Split, start: Callable[..., Process], points: Path) -> None:
        self.split, self._start, self.points = split, start, points
        self._runners: list[Process] = []
        self._worker: Process | None = None

    async def whole(self) -> None:
        """Replace what has died."""
        split = self.split
        more = {"DATELIER_FAIL_POINTS": str(self.points)}
        self._runners = [one for one in self._runners if one.alive]
        new: list[Process] = []
        while len(self._runners) < 2:
            args = ("runner", split.database_url, LEASE, split.ca_file)
            new.append(self._start("tests.effects.beside", *args, **more))
            self._runners.append(new[-1])
        if self._worker is None or not self._worker.alive:
            args = ("worker", split.gateway_address, split.worker_token, split.ca_file)
            self._worker = self._start("tests.effects.beside", *args, **more)
            new.append(self._worker)
        for process in new:
            await process.ready()

    async def died_at(self, point: str) -> None:
        """Wait until one has died at a point."""

        async def look() -> bool:
            hits = self.points / HIT
            return hits.exists() and point in hits.read_text(encoding="utf-8").split()

        await until(look, f"a process dies at {point}", PATIENCE_S)
        if point.startswith("write.") and self._worker is not None:
            await self._worker.ended()  # it notes the point before it is gone

    async def approved(self, home: Home, sql: str, point: str) -> str:
        """Let an agent propose a write, arm a point and approve it; return the run."""
        run_id = await self._proposed(home, sql)
        request = await home.request(run_id)
        (self.points / point).touch()
        decided = await home.decide(request, "approve")
        assert decided.status_code == 200, decided.text
        return run_id

    async def _proposed(self, home: Home, sql: str) -> str:
        """Return a run that waits for an approval.

        A runner that has not heard of the new worker yet cannot plan the write: then nobody is
        asked, the model is told, and it is asked again.
        """
        for _ in range(5):
            _, run_id = await home.ask(write_sql(sql), Turn.say("Done."))
            run = await self._settled(run_id, "waiting", "succeeded", "failed")
            if run["status"] == "waiting":
                return run_id
        raise AssertionError("the write was never proposed")

    async def ended(self, run_id: str) -> dict[str, Any]:
        return await self._settled(run_id, "succeeded", "failed")

    async def _settled(self, run_id: str, *wanted: str) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            run = (await self.split.home.place.http.get(f"/runs/{run_id}")).json()
            return run if run["status"] in wanted else None

        return await until(look, f"the run is {' or '.join(wanted)}", PATIENCE_S)


@pytest.fixture(scope="module")
def fleet(split: Split, tmp_path_factory: pytest.TempPathFactory) -> Generator[Fleet]:
    with processes() as start:
        yield Fleet(split, start, tmp_path_factory.mktemp("points"))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("point", ENDS)
async def test_a_write_is_made_once_or_not_at_all_wherever_a_process_dies(
    fleet: Fleet, point: str
) -> None:
    await fleet.whole()
    home = fleet.split.home
    home.shop.run("TRUNCATE log")
    run_id = await fleet.approved(home, NOTE, point)
    await fleet.died_at(point)
    if point.startswith("write."):
        await fleet.whole()
    run = await fleet.ended(run_id)
    assert run["status"] == "succeeded", run
    assert home.rows("SELECT count(*) FROM log") == [(ENDS[point],)]
    [effect] = await home.effects(run_id)
    assert effect["state"] == ("done" if ENDS[point] else "not_done")


CORRECT = "UPDATE log SET what = 'corrected' WHERE what = 'wrong'"


@pytest.fixture
def file() -> Generator[Path]:
    """A SQLite file below the folder of the worker beside, which counts how often it is written."""
    with TemporaryDirectory(prefix="dtl-file-", dir="/tmp") as folder:
        path = Path(folder) / "shop.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(
                "CREATE TABLE log (what TEXT); INSERT INTO log VALUES ('wrong');"
                "CREATE TABLE made (at TEXT); CREATE TRIGGER counted AFTER UPDATE ON log "
                "BEGIN INSERT INTO made VALUES ('once'); END;"
            )
        yield path


async def _home_of(split: Split, path: Path) -> Home:
    home = split.home
    settings = home.place.resources.settings
    settings.allowed_folders = settings.writable_folders = [path.parent]
    body = {"name": path.parent.name, "engine": "sqlite", "config": {"path": str(path)}}
    made = await home.place.http.post("/sources", json=body)
    assert made.status_code == 201, made.text
    source_id = made.json()["id"]
    put = await home.place.http.put(f"/sources/{source_id}/write_connection", json={})
    assert (put.status_code, put.json()["enabled"]) == (200, True), put.text
    return replace(home, source_id=source_id)


def _made(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM made").fetchone()[0]


@pytest.mark.contract("S24")
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("point", "answer", "state", "made"),
    [
        ("write.before_commit", "It did not happen: do it now", "done", 1),
        ("write.after_commit", "It happened", "done", 1),
    ],
)
async def test_where_no_database_can_tell_a_person_is_asked_and_nothing_is_made_twice(
    fleet: Fleet, file: Path, point: str, answer: str, state: str, made: int
) -> None:
    await fleet.whole()
    home = await _home_of(fleet.split, file)
    (fleet.points / HIT).unlink(missing_ok=True)
    run_id = await fleet.approved(home, CORRECT, point)
    await fleet.died_at(point)
    await fleet.whole()
    question = await home.request(run_id, "question")
    assert question["title"] == "Did this happen? Change rows with SQL"
    look = question["preview"]["actions"]["1"]
    assert look["statement"] == CORRECT
    assert len(look["before"]) == (1 if point == "write.before_commit" else 0)
    [effect] = await home.effects(run_id)
    assert effect["state"] == "unknown"
    before = _made(file)
    answered = await home.decide(question, "respond", args=answer)
    assert answered.status_code == 200, answered.text
    run = await fleet.ended(run_id)
    assert run["status"] == "succeeded", run
    [effect] = await home.effects(run_id)
    assert (effect["state"], _made(file)) == (state, made)
    assert made - before == (answer == "It did not happen: do it now")
