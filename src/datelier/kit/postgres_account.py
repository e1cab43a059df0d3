"""Who PostgreSQL runs as, and where that user can keep a database.

PostgreSQL refuses to run as root. Started by root it runs as the owner of the data folder if
there is one, else as ``postgres``, else as ``nobody``: no account is made, and no folder that
is not Datelier's own changes its mode. A home that such a user cannot enter (the default one,
below ``/root``) keeps its database in ``/var/lib/datelier/<hash of the home>`` and records
that place in ``HOME/postgres.json``.
"""

import hashlib
import json
import os
import pwd
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from datelier.kit.postgres_errors import (
    EXTERNAL_HINT,
    DataMissing,
    NoAccount,
    NoPermission,
    wrong_owner,
)

SYSTEM_FOLDER = Path("/var/lib/datelier")
# sun_path is 104 bytes on macOS and 108 on Linux, with a NUL; the name below takes 14.
_LONGEST_SOCKET = 103
SOCKET_NAME = ".s.PGSQL.5432"


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The operating-system user PostgreSQL runs as; `drops` when that is not us."""

    uid: int
    gid: int
    name: str
    drops: bool

    def popen(self) -> _Identity:
        """Return the keywords that make `subprocess` run as this user."""
        if not self.drops:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Hand `path`, one of Datelier's own, to this user."""
        if self.drops and path.stat().st_uid != self.uid:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user can reach and search `folder`, asked of the kernel."""
        if not self.drops:
            return os.access(folder, os.X_OK)
        done = subprocess.run(  # noqa: S603  # a fixed command; the folder is an argument
            ["/bin/sh", "-c", 'cd "$1"', "sh", folder],
            cwd="/",
            stderr=subprocess.DEVNULL,
            check=False,
            **self.popen(),
        )
        return done.returncode == 0


def choose_account(owner: int | None) -> Account:
    """Return who to run as; `owner` is the user id of an existing data folder.

    Raises:
        NoAccount: Started by root on a system with neither ``postgres`` nor ``nobody``.
    """
    uid = os.geteuid()
    if uid != 0:
        return Account(uid, os.getegid(), _name(uid), drops=False)
    if owner:
        return Account(owner, _group(owner), _name(owner), drops=True)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, name, drops=True)
    raise NoAccount(
        "PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`.",
        hint=f"Start Datelier as an ordinary user, {EXTERNAL_HINT}.",
    )


@dataclass(frozen=True)
class Place:
    """Where one home keeps its database.

    `base` belongs to the account and holds `data`, the log, the locks and, when its path is
    short enough, the socket.
    """

    base: Path
    account: Account

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """What PostgreSQL says."""
        return self.base / "postgres.log"

    def socket_folder(self) -> Path:
        """Return the 0700 folder of the unix socket, made if needed.

        A path that is too long for a socket gets a folder with a random name below the
        temporary folder, recorded so that the next start finds the running server.
        """
        near = self.base / "socket"
        if len(os.fsencode(near / SOCKET_NAME)) <= _LONGEST_SOCKET:
            self._private(near)
            return near
        record = self.base / "socket.path"
        if record.exists():
            recorded = Path(record.read_text(encoding="utf-8"))
            if self._is_private(recorded):
                return recorded
        folder = Path(tempfile.mkdtemp(prefix="datelier-", dir=_short_temporary()))
        self.account.own(folder)
        record.write_text(str(folder), encoding="utf-8")
        return folder

    def _private(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self.account.own(folder)
        folder.chmod(0o700)

    def _is_private(self, folder: Path) -> bool:
        # Anyone may write to the temporary folder: only a folder that is ours will do.
        try:
            found = folder.lstat()
        except OSError:
            return False
        return (
            stat.S_ISDIR(found.st_mode)
            and found.st_uid == self.account.uid
            and stat.S_IMODE(found.st_mode) == 0o700
        )


def choose_place(home: Path, system_folder: Path = SYSTEM_FOLDER) -> Place:
    """Return where the database of `home` is or will be; the folders exist afterwards.

    Raises:
        NoPermission: The home cannot be written, or the account can reach no place.
        DataMissing: The home records a place that is gone, so an empty database would
            quietly replace the old one.
        WrongOwner: The place belongs to another user and we are not root.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    base = _recorded(home) or home / "postgres"
    account = choose_account(_owner(base))
    if account.drops and base.parent == home:
        base = _reachable(home, account, system_folder)
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    account.own(base)
    if base.stat().st_uid != account.uid:
        raise wrong_owner(base)
    base.chmod(0o700)
    return Place(base, account)


def _owner(base: Path) -> int | None:
    for path in (base / "data", base):
        try:
            return path.stat().st_uid
        except FileNotFoundError:
            continue
        except PermissionError as error:
            raise wrong_owner(base) from error
    return None


def _recorded(home: Path) -> Path | None:
    record = home / "postgres.json"
    if not record.exists():
        return None
    base = Path(json.loads(record.read_text(encoding="utf-8"))["folder"])
    if not base.is_dir():
        raise DataMissing(
            f"The database of {home} was kept in {base}, which is not there.",
            hint=f"Bring that folder back (is a volume missing?), or remove {record} to begin "
            "with an empty database.",
        )
    return base


def _reachable(home: Path, account: Account, system_folder: Path) -> Path:
    near = home / "postgres"
    if account.can_enter(home):
        return near
    if account.can_enter(home.parent) and home.stat().st_uid == os.geteuid():
        # The home itself is Datelier's own; its files are 0600 and stay unreadable.
        home.chmod(home.stat().st_mode | 0o011)
        return near
    if near.exists():
        raise NoPermission(
            f"{near} holds a database, but {account.name} can no longer enter {home}.",
            hint=f"Let it through (`chmod o+x` on each folder above {near}), or move {home} to "
            "such a place and set DATELIER_HOME.",
        )
    base = system_folder / hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    system_folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    base.mkdir(mode=0o700, exist_ok=True)
    account.own(base)
    if not account.can_enter(base):
        raise NoPermission(
            f"{account.name}, who runs PostgreSQL for root, can enter neither {home} nor {base}.",
            hint="Set DATELIER_HOME to a folder below one that everybody may enter, such as /srv.",
        )
    aside = home / ".postgres.json"
    aside.write_text(json.dumps({"folder": str(base)}) + "\n", encoding="utf-8")
    aside.replace(home / "postgres.json")
    return base


def _short_temporary() -> str:
    folder = tempfile.gettempdir()
    return folder if len(os.fsencode(folder)) < _LONGEST_SOCKET - 40 else "/tmp"  # noqa: S108  # mkdtemp makes a private folder with a random name in it


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"


def _group(uid: int) -> int:
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid
