"""Settings of servers that are reached through a driver, and the steps to them."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from typing_extensions import override

from datelier.worker.engines.blocking import Steps
from datelier.worker.engines.hosts import bad_setting, place, plain, reach, resolve

TLS: Final = ("disable", "require", "verify")
_SHOWN: Final = 3  # addresses: those of a cloud are many


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is and as whom to come. `tls`: disable, require (no check), verify."""

    host: str
    port: int
    user: str
    password: str | None = field(repr=False)
    tls: str

    @property
    def encrypted(self) -> bool:
        """Whether the connection is."""
        return self.tls != "disable"


def refuse_unknown(source: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise WorkerError when a setting is none of `known`: it would reach the driver."""
    unknown = sorted(source.keys() - {*known, "engine", "password"})
    if unknown:
        raise bad_setting(f"The setting {unknown[0]!r} is not known.")


def secret_of(source: Mapping[str, Any]) -> str | None:
    """The password of a source; None when it has none."""
    password = source.get("password")
    return None if password is None else str(password)


def place_of(source: Mapping[str, Any], default_port: int, further: Collection[str]) -> Place:
    """The place a source names; raises WorkerError on a setting that is not accepted."""
    refuse_unknown(source, {"host", "port", "user", "tls", *further})
    host, port = place(source, default_port)
    tls = source.get("tls") or "verify"
    if tls not in TLS:
        raise bad_setting(f"The setting tls is one of {', '.join(TLS)}.")
    return Place(host, port, plain(source, "user"), secret_of(source), str(tls))


class HostSteps(Steps):
    """Name and port of what listens on one port."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._addresses: list[str] = []

    @override
    async def resolve(self) -> str:
        self._addresses = await resolve(self._host)
        return ", ".join(self._addresses[:_SHOWN])

    @override
    async def reach(self) -> str:
        return await reach(self._host, self._addresses, self._port)


class ServerSteps(HostSteps):
    """Name, port and encryption of a server of one's own."""

    def __init__(self, target: Place) -> None:
        super().__init__(target.host, target.port)
        self.encrypted = target.encrypted


def checked_host(target: Place) -> None:
    """Refuse a host whose addresses no database has; blocking, for the engine's thread."""
    asyncio.run(resolve(target.host))
