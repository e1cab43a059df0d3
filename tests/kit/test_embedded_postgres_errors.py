"""When the embedded PostgreSQL cannot start it says why and what to do, and breaks nothing."""

import json
import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.kit.embedded import ORDINARY, ROOT, Machine, copy_programs

pytestmark = pytest.mark.enable_socket

needs_root = pytest.mark.skipif(not ROOT, reason="needs root")
WHO = [pytest.param(0, id="root", marks=needs_root), pytest.param(ORDINARY, id="ordinary-user")]
NOBODY_KNOWS = 54321  # a user id without an entry in /etc/passwd


@pytest.fixture(params=WHO)
def machine(request: pytest.FixtureRequest) -> Generator[Machine]:
    made = Machine(request.param)
    yield made
    made.close()


@pytest.fixture
def root_machine() -> Generator[Machine]:
    made = Machine(0)
    yield made
    made.close()


@pytest.fixture
def small_disk(root_machine: Machine) -> Generator[Path]:
    """A disk of 80 MB: enough for an empty database and little more."""
    folder = root_machine.folder("disk")
    options = "size=80m,mode=755"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not permit mounting a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)) == 4096:
            pass


def test_a_limit_on_file_sizes_is_told_as_no_room(machine: Machine) -> None:
    found = machine.start(limit=256 * 1024).start
    assert found["error"] == "disk_full"
    assert "Free some space" in found["hint"]
    assert machine.start().start["adopted"] is False  # nothing half-made is in the way


@needs_root
def test_a_disk_without_room_for_a_database_is_told(
    root_machine: Machine, small_disk: Path
) -> None:
    (small_disk / "ballast").write_bytes(bytes(60 * 1024**2))
    found = root_machine.start(small_disk / "home").start
    assert found["error"] == "disk_full"
    assert str(small_disk) in found["detail"]


@needs_root
def test_a_disk_that_filled_up_since_is_told_and_nothing_is_lost(
    root_machine: Machine, small_disk: Path
) -> None:
    actor = root_machine.start(small_disk / "home")
    actor.sql("create table kept as select 7 as n")
    assert actor.stop() is True
    ballast = small_disk / "ballast"
    fill(ballast)
    assert root_machine.start(small_disk / "home").start["error"] == "disk_full"
    ballast.unlink()
    assert root_machine.start(small_disk / "home").sql("select n from kept") == 7


def test_a_folder_of_another_postgresql_version_is_told_and_left_alone(machine: Machine) -> None:
    actor = machine.start()
    assert actor.stop() is True
    version = actor.data / "PG_VERSION"
    version.write_text("14\n", encoding="utf-8")
    found = machine.start().start
    assert found["error"] == "database_version"
    assert "PostgreSQL 14" in found["detail"]
    version.write_text("18\n", encoding="utf-8")
    assert machine.start().start["adopted"] is False


@pytest.mark.parametrize("lost", ["PG_VERSION", "global/pg_control", "pg_wal", "base"])
def test_a_damaged_database_is_told(machine: Machine, lost: str) -> None:
    actor = machine.start()
    database = actor.sql("select oid from pg_database where datname = 'datelier'")
    assert actor.stop() is True
    path = actor.data / (f"base/{database}" if lost == "base" else lost)
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    found = machine.start().start
    assert found["error"] == "database_damaged"
    assert "Restore" in found["hint"]


def test_a_control_file_of_garbage_is_told_as_damage(machine: Machine) -> None:
    actor = machine.start()
    assert actor.stop() is True
    (actor.data / "global" / "pg_control").write_bytes(os.urandom(8192))
    assert machine.start().start["error"] == "database_damaged"


@needs_root
def test_the_database_of_another_user_is_told(root_machine: Machine) -> None:
    actor = root_machine.start()
    assert actor.stop() is True
    home = actor.data.parent.parent
    os.chown(home, ORDINARY, -1)
    found = root_machine.start(home, user=ORDINARY).start
    assert found["error"] == "database_owner"
    assert "another operating-system user" in found["detail"]


@needs_root
def test_root_runs_an_ordinary_users_database_as_that_user() -> None:
    machine = Machine(ORDINARY)
    try:
        actor = machine.start()
        assert actor.stop() is True
        home = actor.data.parent.parent
        by_root = machine.start(home, user=0)
        assert by_root.data.stat().st_uid == ORDINARY
        assert by_root.start["account"] == actor.start["account"]
        assert by_root.stop() is True
        assert machine.start(home).stop() is True  # and the user can still use it
    finally:
        machine.close()


@needs_root
def test_a_user_without_a_name_is_told_what_is_missing(root_machine: Machine) -> None:
    home = root_machine.folder("theirs", owner=NOBODY_KNOWS) / "home"
    found = root_machine.start(home, user=NOBODY_KNOWS).start
    assert found["error"] == "no_account"
    assert "/etc/passwd" in found["detail"]


@needs_root
def test_a_place_that_may_not_be_written_is_told(root_machine: Machine) -> None:
    locked = root_machine.folder("locked", owner=0)
    found = root_machine.start(locked / "home", user=ORDINARY).start
    assert found["error"] == "permission_denied"
    assert "DATELIER_HOME" in found["hint"]


@needs_root
def test_roots_private_home_keeps_its_database_where_the_account_can_go(
    root_machine: Machine,
) -> None:
    home = root_machine.folder("private", mode=0o700) / "home"
    first = root_machine.start(home)
    assert first.data.is_relative_to(root_machine.system)
    assert json.loads((home / "postgres.json").read_text(encoding="utf-8")) == {
        "folder": str(first.data.parent)
    }
    assert home.parent.stat().st_mode & 0o777 == 0o700  # nobody was let in
    second = root_machine.start(home)
    assert second.start["adopted"] is True


@needs_root
def test_a_recorded_place_that_is_gone_is_told_instead_of_starting_empty(
    root_machine: Machine,
) -> None:
    home = root_machine.folder("private", mode=0o700) / "home"
    actor = root_machine.start(home)
    assert actor.stop() is True
    actor.data.parent.rename(root_machine.root / "elsewhere")
    found = root_machine.start(home).start
    assert found["error"] == "database_missing"
    assert "postgres.json" in found["hint"]
    (root_machine.root / "elsewhere").rename(actor.data.parent)
    assert root_machine.start(home).start["adopted"] is False


@needs_root
def test_programs_in_a_private_checkout_are_copied_and_the_checkout_stays_private() -> None:
    machine = Machine(0, on_disk=True)  # programs cannot be executed from memory everywhere
    try:
        private = copy_programs(machine.folder("checkout", mode=0o700))
        actor = machine.start(binaries=private)
        program = Path(f"/proc/{actor.postmaster}/exe").readlink()
        assert program.is_relative_to(machine.system)
        assert private.stat().st_mode & 0o777 == 0o700
    finally:
        machine.close()
