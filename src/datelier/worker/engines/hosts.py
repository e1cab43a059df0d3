"""Hosts of databases: one plain name, resolved by us, without addresses no database has."""

import asyncio
import hashlib
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from datelier.worker.errors import WorkerError

CONNECT_SECONDS = 10


def plain(settings: Mapping[str, Any], key: str) -> str:
    """A text of the settings that must be there."""
    value = settings.get(key)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise bad_setting(f"The setting {key!r} is missing.")
    return value.strip()


def place(settings: Mapping[str, Any], default_port: int) -> tuple[str, int]:
    """Host and port of the settings; a path, a list or an option is refused."""
    host = plain(settings, "host")
    if any(mark in host for mark in "/\\,@= ") or host.startswith("-"):
        raise bad_setting("The host must be one name or one address, not a path or a list.")
    port = settings.get("port") or default_port
    if not isinstance(port, int) or not 0 < port < 65536:
        raise bad_setting("The port must be a number from 1 to 65535.")
    return host, port


def allowed(source: Mapping[str, Any], keys: frozenset[str], engine: str) -> dict[str, Any]:
    """The settings of a source in one piece: only known keys pass, no driver option does."""
    settings: dict[str, Any] = dict(source)
    settings.update(settings.pop("config", None) or {})
    unknown = sorted(set(settings) - keys)
    if unknown:
        raise bad_setting(f"The setting {unknown[0]!r} is not allowed for a {engine} source.")
    return settings


def digest(*parts: object) -> str:
    """A key for sessions to the same place: no secret is kept in the keys of a pool."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def bad_setting(message: str) -> WorkerError:
    """A setting of the source that is not accepted."""
    return WorkerError("unreachable", message, hint="Correct the settings of the source.")


async def resolve(host: str) -> list[str]:
    """The addresses of the host, without those no database listens on (metadata services)."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WorkerError(
            "unreachable",
            f"The host {host!r} is not known.",
            hint="Check the spelling, and that the worker can resolve the name.",
        ) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    usable = [address for address in addresses if not _forbidden(address)]
    if not usable:
        raise bad_setting(f"The address of {host!r} is link-local or reserved.")
    return usable


def _forbidden(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return parsed.is_link_local or parsed.is_multicast or parsed.is_unspecified


async def reach(host: str, addresses: Sequence[str], port: int) -> str:
    """Open and close a TCP connection; returns the address that answered."""
    reason = "no address"
    for address in addresses:
        try:
            _, writer = await asyncio.open_connection(address, port)
        except OSError as error:
            reason = error.strerror or "no answer"
            continue
        writer.close()
        return f"{address}:{port}"
    raise WorkerError(
        "unreachable",
        f"{host}:{port}: {reason}",
        hint="Check the port, that the database listens there, and the firewall.",
    )
