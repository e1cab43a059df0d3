"""What can go wrong with the embedded PostgreSQL, each with what to do about it.

Every error is a `PostgresFailed`, so a caller that only wants to say why and stop needs one
`except`.
"""

import errno
import re
from pathlib import Path

from datelier.kit.errors import Unavailable

EXTERNAL_HINT = "or set DATELIER_DATABASE_URL to a PostgreSQL server of your own"


class PostgresFailed(Unavailable):
    """The embedded PostgreSQL could not be started or stopped."""

    code = "embedded_postgres_failed"
    title = "Embedded PostgreSQL failed"


class DiskFull(PostgresFailed):
    """The disk, or a quota or file-size limit, is used up."""

    code = "disk_full"


class WrongVersion(PostgresFailed):
    """The data folder was made by another major version of PostgreSQL."""

    code = "database_version"


class WrongOwner(PostgresFailed):
    """The data folder belongs to another operating-system user."""

    code = "database_owner"


class NoAccount(PostgresFailed):
    """The operating-system user has no name, or root has nobody to drop to."""

    code = "no_account"


class NoPermission(PostgresFailed):
    """A folder cannot be read or written."""

    code = "permission_denied"


class Damaged(PostgresFailed):
    """The data folder is incomplete or fails its checksums."""

    code = "database_damaged"


class DataMissing(PostgresFailed):
    """The home names a data folder that is not there."""

    code = "database_missing"


class StillInUse(PostgresFailed):
    """Something still uses the data folder, but does not answer."""

    code = "database_in_use"


class StartTimeout(PostgresFailed):
    """PostgreSQL did not become ready in time."""

    code = "database_timeout"


def wrong_version(data: Path, found: str, ours: str) -> WrongVersion:
    """Return the error for a data folder of PostgreSQL `found` under binaries of `ours`."""
    return WrongVersion(
        f"{data} was made by PostgreSQL {found}, this Datelier brings PostgreSQL {ours}.",
        hint="Start the Datelier version that made it, run `datelier backup create`, and restore "
        "the backup here. Nothing was changed.",
    )


_DISK_FULL = re.compile(r"No space left on device|File too large|Disk quota exceeded")
_DAMAGED = re.compile(
    r"incorrect checksum in control file|could not locate a valid checkpoint record"
    r"|invalid checkpoint record|could not find WAL|is not a valid data directory"
    r"|could not open (?:control )?file \"[^\"]*\": No such file|invalid page in block"
    r"|page verification failed|control file appears to be corrupt|could not read file"
    r"|contains invalid data|bogus data|could not find the database system"
    r"|database files are incompatible|directory \"[^\"]*\" does not exist|is missing\."
)
_LEVELS = re.compile(r"\b(?:PANIC|FATAL|ERROR|error|could not|initdb):?")


def diagnose(output: str, data: Path, log: Path | None = None) -> PostgresFailed:
    """Return the error that `output`, what initdb or postgres last said, amounts to.

    Args:
        output: Text in English: the binaries are run in the C locale.
        data: The data folder, named in the message.
        log: Where the rest can be read.
    """
    said = _telling_line(output)
    more = f" The log is {log}." if log else ""
    if _DISK_FULL.search(output):
        return disk_full(data, said)
    if "could not look up effective user ID" in output:
        return no_account(said)
    if "Permission denied" in output or "Operation not permitted" in output:
        return no_permission(data, said)
    if _DAMAGED.search(output):
        return damaged(data, said + more)
    return PostgresFailed(
        f"PostgreSQL ended before it was ready: {said or 'it said nothing.'}",
        hint=f"Run `datelier doctor`.{more}",
    )


def no_account(said: str) -> NoAccount:
    """Return the error for a user id without a name, which initdb refuses."""
    return NoAccount(
        f"The operating-system user has no entry in /etc/passwd: {said}",
        hint="Give the user id a name (`useradd --uid …`, or a line in /etc/passwd of the "
        f"image), {EXTERNAL_HINT}.",
    )


def disk_full(where: Path, said: str) -> DiskFull:
    """Return the error for a full disk under `where`."""
    return DiskFull(
        f"There is no room left for the database in {where}: {said}",
        hint="Free some space (or lift the quota or file-size limit) and start again; what was "
        "stored is kept. Another place can be chosen with DATELIER_HOME.",
    )


def wrong_owner(data: Path) -> WrongOwner:
    """Return the error for a data folder of another user."""
    try:
        owner = f" to {data.owner()}"
    except (OSError, KeyError):
        owner = ""
    return WrongOwner(
        f"{data} belongs{owner}, another operating-system user.",
        hint="Start Datelier as that user, choose another DATELIER_HOME, or hand the folder over: "
        f"`sudo chown -R $(id -u):$(id -g) {data.parent}`.",
    )


def no_permission(where: Path, said: str) -> NoPermission:
    """Return the error for a folder that may not be read or written."""
    return NoPermission(
        f"Not permitted in {where}: {said}",
        hint="Make the folder writable for the user that runs Datelier, or choose another one "
        "with DATELIER_HOME.",
    )


def damaged(data: Path, said: str) -> Damaged:
    """Return the error for a data folder that PostgreSQL refuses."""
    return Damaged(
        f"The database in {data} is damaged: {said}",
        hint="Restore it with `datelier backup restore`. To begin with an empty one, move that "
        "folder away; nothing was deleted.",
    )


def from_os_error(error: OSError, where: Path) -> PostgresFailed:
    """Return the error for a failed system call under `where`."""
    said = error.strerror or str(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return disk_full(where, said)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return no_permission(Path(error.filename or where), said)
    return PostgresFailed(f"{error.filename or where}: {said}", hint="Run `datelier doctor`.")


def _telling_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if _LEVELS.search(line)]
    chosen = (telling or lines)[:1] if "initdb" in output else (telling or lines)[-1:]
    return re.sub(r"^\S+ \S+ UTC (?:\[\d+\] )?", "", chosen[0]) if chosen else ""
