"""The worker's own configuration file, and the credit that bounds what is on its way."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from datelier.wire.handshake import NEWER_WORKERS, OLDER_WORKERS, Tally, is_job, refusal
from datelier.worker.engines.opening import ENGINES, Engines
from datelier.worker.errors import WorkerError
from datelier.worker.held import BadConfig, folders_of, load_held
from datelier.worker.jobs import IN_FLIGHT_BYTES, START_CREDIT, Credit
from datelier.worker.trust import split_address, split_join_token

GOOD = """
[sources.warehouse]
engine = "postgresql"
password = "s3cret"
[sources.warehouse.config]
host = "db.internal"
[sources.exports]
engine = "files"
[sources.exports.config]
folder = "/srv/exports"
"""


def written(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    path = tmp_path / "worker.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_held_sources_are_read_as_the_engines_take_them(tmp_path: Path) -> None:
    held = load_held(written(tmp_path, GOOD), ENGINES)
    assert held["warehouse"] == {
        "engine": "postgresql",
        "password": "s3cret",
        "host": "db.internal",
    }
    assert folders_of(held) == ("/srv/exports",)
    assert load_held(tmp_path / "absent.toml", ENGINES) == {}


async def test_a_held_sqlite_database_is_read_and_nothing_beside_it(tmp_path: Path) -> None:
    for name in ("shop.db", "other.db"):
        with contextlib.closing(sqlite3.connect(tmp_path / name)) as database:
            database.execute("CREATE TABLE orders (id INTEGER)")
    text = (
        f'[sources.shop]\nengine = "sqlite"\n[sources.shop.config]\npath = "{tmp_path}/shop.db"\n'
    )
    held = load_held(written(tmp_path, text), ENGINES)
    engines = Engines(str(tmp_path / "uploads"), folders_of(held), held)
    held_one = engines.engine({"worker_source": "shop"})
    assert [table.name for table in await held_one.catalog()] == ["orders"]
    await held_one.close()
    beside = engines.engine({"engine": "sqlite", "path": str(tmp_path / "other.db")})
    with pytest.raises(WorkerError) as refused:
        await beside.open()
    assert refused.value.code == "source_missing"
    await engines.close()


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o666])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(BadConfig, match="chmod 600"):
        load_held(written(tmp_path, GOOD, mode), ENGINES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sources", "not valid TOML"),
        ("other = 1", "'other' is not known"),
        ("sources = 1", "are tables"),
        ("[sources]\nx = 1", "must be a table"),
        ('[sources.x]\nengine = "oracle"', "engine must be one of"),
        ('[sources.x]\nengine = "files"', "needs a table"),
        ('[sources.x]\nengine = "files"\nhost = "h"', "'host' is not known"),
        ('[sources.x]\nengine = "files"\npassword = 1\n[sources.x.config]\na = 1', "must be text"),
        ('[sources."a\\u0007"]\nengine = "files"', "needs a name"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_without_any_secret(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(BadConfig, match=said) as caught:
        load_held(written(tmp_path, text), ENGINES)
    assert "worker.toml" in str(caught.value)


def test_what_the_platform_says_of_a_held_source_changes_nothing_of_it() -> None:
    engines = Engines("/nowhere", (), {"vault": {"engine": "nothing we have"}})
    with pytest.raises(WorkerError, match="an engine this worker lacks"):
        engines.engine({"engine": "postgresql", "host": "elsewhere", "worker_source": "vault"})
    with pytest.raises(WorkerError, match="does not hold"):
        engines.engine({"engine": "postgresql", "host": "elsewhere", "worker_source": "other"})


async def test_credit_bounds_batches_and_bytes() -> None:
    small = Credit()
    for _ in range(START_CREDIT):
        await asyncio.wait_for(small.spend(1), 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(small.spend(1), 0.05)
    small.grant(1)
    await asyncio.wait_for(small.spend(1), 1)
    large = Credit()
    for _ in range(2):
        await asyncio.wait_for(large.spend(IN_FLIGHT_BYTES // 2), 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(large.spend(1), 0.05)
    large.grant(1)
    await asyncio.wait_for(large.spend(IN_FLIGHT_BYTES // 2), 1)
    huge = Credit()
    await asyncio.wait_for(huge.spend(IN_FLIGHT_BYTES * 2), 1)  # refused by the other side


@pytest.mark.contract("Q94")
def test_a_server_takes_workers_two_older_and_one_newer() -> None:
    server = 9
    fine = [worker for worker in range(20) if refusal(server, worker) is None]
    assert fine == list(range(server - OLDER_WORKERS, server + NEWER_WORKERS + 1))
    assert (OLDER_WORKERS, NEWER_WORKERS) == (2, 1)
    assert "Upgrade the worker" in str(refusal(server, 6))
    assert "Upgrade the server" in str(refusal(server, 11))
    assert refusal(1, 0) is not None  # it said nothing at all


def test_a_tally_notices_every_difference() -> None:
    one, two = Tally(), Tally()
    one.add(b"ab", 1)
    two.add(b"a", 1)
    two.add(b"b", 0)
    assert one.crc32 == two.crc32
    assert not two.matches(one.trailer())
    assert one.matches(one.trailer())


def test_modes_and_addresses_are_read_as_written() -> None:
    assert is_job(["job"])
    assert not is_job([])
    assert not is_job(["worker", "job"])
    assert split_join_token("dtj_a.b") == ("dtj_a", "b")
    assert split_join_token("dtj_a") == ("dtj_a", None)
    assert split_address("[::1]:8485") == ("::1", 8485)
    for wrong in ("", "host", "host:", ":1", "host:x", "host:70000"):
        with pytest.raises(ValueError, match="host:port"):
            split_address(wrong)
