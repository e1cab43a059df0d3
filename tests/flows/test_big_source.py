"""A hundred million rows: what is asked is read, and no more; memory keeps within its bound."""

import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from tests.conftest import NewDatabase
from tests.support.installation import Installation
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

ROWS = 100_000_000
MODEL = "asks-big-questions"
# What docs/howto/large-data.md promises, in MiB.
WORKER_MEMORY, SERVER_MEMORY = 1024, 512
GROUP = f"""
    create table grp as
    select ((i // 1000) % 500)::smallint as store, (hash(i) % 1000)::smallint as cents,
           ['north', 'south', 'east', 'west'][1 + (i // {ROWS // 400})] as region
    from range({ROWS // 100}) t(i)
"""


def write_many_rows(path: Path) -> str:
    """Write `ROWS` rows, a hundred times the same million; return the cents of all."""
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(GROUP)
        connection.execute(
            f"copy (select grp.* from range(100), grp) to '{path}'"
            " (format parquet, row_group_size 1000000)"
        )
        total = connection.execute("select 100 * sum(cents) from grp").fetchone()
    assert total is not None
    return str(total[0])


@dataclass(frozen=True, slots=True)
class Big:
    """The large source, the size of its file in bytes, the sum of its cents."""

    installation: Installation
    source_id: str
    size: int
    cents: str


@dataclass(slots=True)
class Watch:
    """The worker's and the server's memory at their highest, and what the worker has read."""

    installation: Installation
    peaks: dict[str, int] = field(default_factory=dict[str, int])
    done: threading.Event = field(default_factory=threading.Event)

    def worker(self) -> psutil.Process:
        return next(one for one in self.installation.everything() if "worker" in one.cmdline())

    def follow(self) -> None:
        server = psutil.Process(self.installation.process.pid if self.installation.process else 0)
        named = {"worker": self.worker(), "server": server}
        while not self.done.wait(0.05):
            for name, process in named.items():
                resident = process.memory_info().rss >> 20
                self.peaks[name] = max(self.peaks.get(name, 0), resident)

    def read(self) -> int:
        """Return the bytes that the worker has asked the system for since it started."""
        return int(self.worker().io_counters().read_chars)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Generator[Big]:
    """An installation that may read a folder with one large file."""
    folder = tmp_path_factory.mktemp("big")
    path = folder / "sales.parquet"
    cents = write_many_rows(path)
    home: Path = tmp_path_factory.mktemp("home") / "home"
    settings = {"allowed_folders": str(folder), "database_url": new_database()}
    try:
        with Installation(home, **settings) as installation:
            installation.sign_up()
            body = {"name": "Big", "engine": "files", "config": {"folder": str(folder)}}
            source = installation.call("POST", "/sources", body)
            yield Big(installation, source["id"], path.stat().st_size, cents)
    finally:
        path.unlink()


def query(installation: Installation, source_id: str, sql: str) -> list[list[Any]]:
    made = installation.call("POST", "/queries", {"source_id": source_id, "sql": sql})
    assert made["status"] == "done", made["error"]
    return installation.call("GET", f"/results/{made['result_id']}/rows")["data"]


def test_only_what_is_asked_is_read(big: Big) -> None:
    installation, source_id = big.installation, big.source_id
    watch = Watch(installation)
    before = watch.read()
    table = installation.call("POST", f"/sources/{source_id}/refresh")["tables"][0]
    assert (table["rows"], len(table["columns"])) == (ROWS, 3)
    page = installation.call("GET", f"/sources/{source_id}/preview?table=sales&limit=100")
    assert (page["total"], len(page["data"][0])) == (ROWS, 100)
    assert query(installation, source_id, "select count(*) from sales") == [[str(ROWS)]]
    assert query(installation, source_id, "select max(store) from sales") == [[499]]
    # A description, a page, a count and the narrowest of three columns.
    assert watch.read() - before < big.size // 2


def test_every_row_is_aggregated_within_the_bound(big: Big) -> None:
    installation, source_id = big.installation, big.source_id
    watch = Watch(installation)
    following = threading.Thread(target=watch.follow)
    following.start()
    try:
        assert query(installation, source_id, "select sum(cents) from sales") == [[big.cents]]
        regions = "select region, count(*) from sales group by region order by region"
        found = query(installation, source_id, regions)
        assert found == [["east", "north", "south", "west"], [str(ROWS // 4)] * 4]
        stores = "select store, count(*) from sales group by store order by store"
        assert query(installation, source_id, stores)[1] == [str(ROWS // 500)] * 500
        first = query(installation, source_id, "select * from sales order by cents desc, store")
        assert set(first[1]) == {999}
    finally:
        watch.done.set()
        following.join()
    assert watch.peaks["worker"] < WORKER_MEMORY
    assert watch.peaks["server"] < SERVER_MEMORY


def test_the_tools_sample_and_count_it(big: Big) -> None:
    installation = big.installation
    calls = iter(
        [
            Turn.call("sample_source_data", {"table": "sales", "n": 5}),
            Turn.call("count_rows", {"table": "sales", "condition": "cents < 10"}),
            Turn.say("Done."),
        ]
    )
    with ScriptedThread() as scripted:
        scripted.respond(MODEL, lambda _: next(calls))
        added = ("model", "add", "--name", MODEL, "--provider", "generic", "--model-name", MODEL)
        installation.run_json(*added, "--endpoint", scripted.url, "--no-key")
        answer = installation.run_json("ask", "Show me", "--source", "Big", "--model", MODEL)
    assert [one["row_count"] for one in answer["queries"]] == [5, 1]
    said = [str(one["messages"][-1]["content"]) for one in scripted.requests]
    assert "|" in said[-2]
    few = query(installation, big.source_id, "select count(*) from sales where cents < 10")
    assert few[0][0] in said[-1]
