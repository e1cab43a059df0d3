"""The embedded PostgreSQL, started for real by root and by an ordinary user."""

import signal
import stat
import threading
from collections.abc import Generator

import psycopg
import pytest

from datelier.kit.postgres_locks import live_processes
from tests.kit.embedded import ORDINARY, ROOT, Actor, Machine, kill_all
from tests.support.processes import is_alive, until

pytestmark = pytest.mark.enable_socket

WHO = [
    pytest.param(0, id="root", marks=pytest.mark.skipif(not ROOT, reason="needs root")),
    pytest.param(ORDINARY, id="ordinary-user"),
]


@pytest.fixture(params=WHO)
def machine(request: pytest.FixtureRequest) -> Generator[Machine]:
    made = Machine(request.param)
    yield made
    made.close()


def works(actor: Actor) -> bool:
    try:
        return actor.sql("select 1") == 1
    except psycopg.OperationalError:
        return False


@pytest.mark.contract("W3", "W20")
def test_a_first_start_makes_a_database_that_suits_the_product(machine: Machine) -> None:
    actor = machine.start()
    assert actor.start["adopted"] is False
    assert any("first start" in step for step in actor.start["steps"])
    settings = {
        "data_checksums": "on",
        "dynamic_shared_memory_type": "mmap",
        "listen_addresses": "",
        "max_connections": "100",
        "shared_buffers": "64MB",
        "server_encoding": "UTF8",
        "fsync": "on",
        "TimeZone": "UTC",
    }
    assert {name: actor.sql(f"show {name}") for name in settings} == settings
    assert actor.sql("select upper('äöü жé')") == "ÄÖÜ ЖÉ"
    actor.sql("create extension vector")
    assert actor.sql("select '[1,2]'::vector <-> '[1,3]'::vector") == 1


def test_only_its_own_user_can_enter_what_it_made(machine: Machine) -> None:
    actor = machine.start()
    base = actor.data.parent
    for path in (base, actor.data, base / "socket"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert actor.data.stat().st_uid != 0


def test_a_second_start_adopts_and_the_last_one_out_stops(machine: Machine) -> None:
    first, second = machine.start(), machine.start()
    assert (first.start["adopted"], second.start["adopted"]) == (False, True)
    postmaster = first.postmaster
    assert first.stop() is False
    assert works(second)
    assert second.stop() is True
    assert not is_alive(postmaster)
    assert not (second.data / "postmaster.pid").exists()


def test_of_three_that_start_at_once_one_starts_and_two_adopt(machine: Machine) -> None:
    actors = [machine.launch() for _ in range(3)]
    assert sorted(actor.start["adopted"] for actor in actors) == [False, True, True]
    assert len({actor.postmaster for actor in actors}) == 1


def test_what_was_stored_is_there_after_stop_and_start(machine: Machine) -> None:
    first = machine.start()
    first.sql("create table kept as select 7 as n")
    assert first.stop() is True
    second = machine.start()
    assert second.sql("select n from kept") == 7
    assert not any("first start" in step for step in second.start["steps"])


def test_a_starter_that_is_killed_leaves_the_server_to_the_next(machine: Machine) -> None:
    first = machine.start()
    postmaster = first.postmaster
    first.kill()
    assert is_alive(postmaster)
    second = machine.start()
    assert second.start["adopted"] is True
    assert second.postmaster == postmaster
    assert second.stop() is True


def test_everything_killed_at_once_comes_back_with_what_was_committed(machine: Machine) -> None:
    actor = machine.start()
    actor.sql("create table kept as select generate_series(1, 1000) as n")
    actor.kill()
    kill_all(sorted(live_processes(actor.data)))
    again = machine.start()
    assert again.start["adopted"] is False
    assert any("Recovering" in step for step in again.start["steps"])
    assert again.sql("select count(*) from kept") == 1000


def test_a_server_that_is_killed_is_started_again_by_who_uses_it(machine: Machine) -> None:
    actor = machine.start()
    old = actor.postmaster
    kill_all([old])
    until(lambda: works(actor))
    assert actor.postmaster != old
    assert actor.stop() is True


def test_one_of_two_users_starts_a_killed_server_again_and_both_go_on(machine: Machine) -> None:
    actors = [machine.start(), machine.start()]
    kill_all([actors[0].postmaster])
    until(lambda: works(actors[0]))
    assert [actor.stop() for actor in actors] == [False, True]


def test_a_stale_pid_that_now_belongs_to_a_stranger_is_not_believed(machine: Machine) -> None:
    actor = machine.start()
    actor.kill()
    kill_all(sorted(live_processes(actor.data)))
    stranger = machine.stranger()
    pid_file = actor.data / "postmaster.pid"
    _, *rest = pid_file.read_text(encoding="utf-8").splitlines()
    pid_file.write_text("\n".join([str(stranger), *rest, ""]), encoding="utf-8")
    again = machine.start()
    assert again.start["adopted"] is False
    assert works(again)
    assert is_alive(stranger)


@pytest.mark.parametrize("left", ["", "no pid\n"])
def test_a_pid_file_cut_short_does_not_block_the_next_start(machine: Machine, left: str) -> None:
    actor = machine.start()
    actor.kill()
    kill_all(sorted(live_processes(actor.data)))
    (actor.data / "postmaster.pid").write_text(left, encoding="utf-8")
    assert works(machine.start())


def test_a_zombie_that_nobody_collects_is_not_taken_for_a_server(machine: Machine) -> None:
    actor = machine.start()
    zombie = actor.postmaster
    actor.signal(signal.SIGSTOP)  # it can no longer collect its child
    kill_all([zombie])
    again = machine.start()
    assert again.start["adopted"] is False
    assert works(again)
    assert again.postmaster != zombie


def test_a_backend_that_outlives_its_server_does_not_block_the_next_start(
    machine: Machine,
) -> None:
    actor = machine.start()
    ended = threading.Event()

    def compute() -> None:
        with pytest.raises(psycopg.OperationalError):
            actor.sql("select count(*) from generate_series(1, 100000000000)")
        ended.set()

    thread = threading.Thread(target=compute)
    thread.start()
    busy = "select count(*) from pg_stat_activity where state = 'active' and query like '%10000%'"
    until(lambda: actor.sql(busy) > 1)  # this query finds itself too
    actor.kill()
    kill_all([actor.postmaster])
    assert live_processes(actor.data)
    again = machine.start()
    assert again.start["adopted"] is False
    assert works(again)
    assert ended.wait(20)
    thread.join()


def test_a_path_too_long_for_a_socket_gets_a_short_one_that_is_found_again(
    machine: Machine,
) -> None:
    home = machine.folder("place") / ("long-" * 20) / "home"
    first = machine.start(home)
    assert works(first)
    second = machine.start(home)
    assert second.start["adopted"] is True
    assert first.start["url"] == second.start["url"]
    assert [first.stop(), second.stop()] == [False, True]


def test_a_data_folder_whose_mode_a_volume_widened_is_started(machine: Machine) -> None:
    actor = machine.start()
    assert actor.stop() is True
    actor.data.chmod(0o770)
    assert works(machine.start())
