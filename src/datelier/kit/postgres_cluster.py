"""One data folder: made once, checked before each start, configured for a small machine."""

import os
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from datelier.kit.postgres_account import SOCKET_NAME, Place
from datelier.kit.postgres_binaries import Binaries
from datelier.kit.postgres_errors import damaged, diagnose, disk_full, wrong_owner, wrong_version
from datelier.kit.postgres_locks import recorded_pid

USER = "datelier"
DATABASE = "datelier"
PORT = 5432
_LOG_BYTES = 10 * 1024**2

# Written anew at each start, so that a new release's values reach old folders. All processes of
# the product share 300 MB when idle, hence no I/O workers and no parallel workers held ready.
_SETTINGS = """\
# Written by Datelier at each start. Put changes below the include line of postgresql.conf.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 64MB
work_mem = 8MB
maintenance_work_mem = 64MB
io_method = sync
max_worker_processes = 4
max_parallel_workers = 2
max_parallel_workers_per_gather = 1
max_logical_replication_workers = 0
autovacuum_max_workers = 2
# A plan made while a table was empty may read all of it. Prepared statements are planned anew once
# the table was looked at, so new installations, which grow fast, are looked at often.
autovacuum_naptime = 10s
autovacuum_analyze_threshold = 20
# /dev/shm is 64 MB in a container; building an index in parallel needs more.
dynamic_shared_memory_type = mmap
wal_level = minimal
max_wal_senders = 0
max_wal_size = 512MB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_checkpoints = off
log_line_prefix = '%m [%p] '
"""


def environment() -> dict[str, str]:
    """Return all that the programs see: nothing of ours, such as PGHOST or LD_PRELOAD."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def initialize(place: Place, binaries: Binaries) -> None:
    """Make the data folder, whole or not at all.

    Raises:
        PostgresFailed: initdb failed; nothing is left behind.
    """
    aside = place.base / "data.new"
    shutil.rmtree(aside, ignore_errors=True)
    # The built-in locale sorts and folds UTF-8 alike on every machine; the C library's
    # C.UTF-8 is missing on some.
    done = subprocess.run(  # noqa: S603  # the wheel's own program
        [
            binaries.folder / "initdb",
            f"--pgdata={aside}",
            f"--username={USER}",
            "--auth=trust",  # whoever can enter the 0700 socket folder owns the files anyway
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--data-checksums",
            "--no-instructions",
        ],
        cwd=place.base,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **place.account.popen(),
    )
    if done.returncode:
        shutil.rmtree(aside, ignore_errors=True)
        if done.returncode == -signal.SIGXFSZ:
            raise disk_full(place.base, "the limit on file sizes is too low")
        raise diagnose(done.stderr or done.stdout, place.data)
    with (aside / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude_if_exists = 'datelier.conf'\n# Your own settings go below.\n")
    aside.rename(place.data)


def check(place: Place, binaries: Binaries) -> bool:
    """Return whether there is a data folder to start; False when it is yet to be made.

    Raises:
        PostgresFailed: It is of another version or owner, or is not whole.
    """
    data = place.data
    if not data.exists():
        return False
    if data.stat().st_uid != place.account.uid:
        raise wrong_owner(data)
    # Volumes that set a group (fsGroup) widen the mode, and PostgreSQL then refuses.
    if stat.S_IMODE(data.stat().st_mode) not in {0o700, 0o750}:
        data.chmod(0o700)
    version = data / "PG_VERSION"
    if not version.exists():
        raise damaged(data, "PG_VERSION is missing.")
    found = version.read_text(encoding="utf-8", errors="replace").strip()
    if found != binaries.major:
        raise wrong_version(data, found, binaries.version)
    return True


def configure(place: Place, socket: Path) -> None:
    """Write our settings and put aside a long log."""
    file = place.data / "datelier.conf"
    quoted = str(socket).replace("'", "''")
    file.write_text(_SETTINGS.format(port=PORT, socket=quoted), encoding="utf-8")
    file.chmod(0o600)
    place.account.own(file)
    if place.log.exists() and place.log.stat().st_size > _LOG_BYTES:
        place.log.replace(place.log.with_suffix(".log.1"))


def clear_leftovers(place: Place, socket: Path) -> None:
    """Remove what a killed server left and a new one would take for a sign of life.

    Only for when ``alive.lock`` has shown that none lives. The socket's lock file names a pid
    that may be a zombie; a postmaster.pid cut short by a full disk names none and would be
    refused. A whole postmaster.pid stays: it carries PostgreSQL's own interlock.
    """
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (socket / name).unlink(missing_ok=True)
    if recorded_pid(place.data) is None:
        (place.data / "postmaster.pid").unlink(missing_ok=True)


def launch(
    place: Place, binaries: Binaries, *, stale_pid: int | None, inherit: int
) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that Ctrl-C does not reach it.

    Args:
        place: Where its data is.
        binaries: The programs.
        stale_pid: What postmaster.pid says, known to be dead. PostgreSQL would believe it when
            the number now belongs to a zombie or a stranger; told that this is its
            grandparent, it ignores the number and keeps its other interlocks. Removing the
            file instead would remove those.
        inherit: The descriptor of ``alive.lock``.
    """
    env = environment()
    if stale_pid is not None:
        env["PG_GRANDPARENT_PID"] = str(stale_pid)
    with place.log.open("ab") as log:
        place.log.chmod(0o600)
        place.account.own(place.log)
        return subprocess.Popen(  # noqa: S603  # the wheel's own program
            [binaries.folder / "postgres", "-D", place.data],
            cwd=place.base,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(inherit,),
            **place.account.popen(),
        )


def has_room(place: Place) -> bool:
    """Whether a few pages can still be written beside the data."""
    return shutil.disk_usage(place.base).free > 64 * 1024


def ensure_database(place: Place, socket: Path) -> None:
    """Create our database unless it is there, and see that it opens.

    Raises:
        PostgresFailed: The server answers, but cannot.
    """
    try:
        with _connect(socket, "postgres") as connection:
            known = connection.execute(
                "select 1 from pg_database where datname = %s", [DATABASE]
            ).fetchone()
            if known is None:
                connection.execute(f"create database {DATABASE}")
        with _connect(socket, DATABASE):
            pass
    except psycopg.Error as error:
        raise diagnose(str(error), place.data, place.log) from error


def _connect(socket: Path, database: str) -> psycopg.Connection:
    return psycopg.connect(host=str(socket), port=PORT, user=USER, dbname=database, autocommit=True)


def answer(socket: Path) -> psycopg.pq.Ping:
    """Return what the server says: OK, REJECT (starting or stopping) or NO_RESPONSE."""
    conninfo = make_conninfo(
        host=str(socket), port=PORT, user=USER, dbname=DATABASE, connect_timeout=2
    )
    return psycopg.pq.Ping(psycopg.pq.PGconn.ping(conninfo.encode()))
