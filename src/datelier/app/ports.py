"""Whether a port is free, who has it, and which one to suggest instead."""

import socket
from contextlib import suppress
from pathlib import Path

from datelier.app.resources import StartFailed


def require_free(host: str, port: int, option: str) -> None:
    """Raise unless `host:port` can be bound.

    Args:
        host: Address to bind.
        port: The port; 0 is always free.
        option: The command-line option that chooses another.

    Raises:
        StartFailed: The port is taken; the error says by whom and names a free one.
    """
    if port == 0 or _is_free(host, port):
        return
    holder = _holder(port)
    free = next((other for other in range(port + 2, port + 200) if _is_free(host, other)), None)
    advice = f"Use {option} {free}." if free else f"Choose another with {option}."
    raise StartFailed(
        f"Port {port} is taken{f' by {holder}' if holder else ''}.",
        hint=f"{advice} If that is Datelier itself, it is already running.",
    )


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As the server itself does: a port in TIME_WAIT may be bound again.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str | None:
    """Return ``name (pid n)`` of the listener where Linux tells us, else None."""
    inodes = _listening_inodes(port)
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                with suppress(OSError):
                    if str(descriptor.readlink()) in inodes:
                        name = (process / "comm").read_text(encoding="utf-8").strip()
                        return f"{name} (pid {process.name})"
    return None


def _listening_inodes(port: int) -> set[str]:
    found: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{fields[9]}]")
    return found
