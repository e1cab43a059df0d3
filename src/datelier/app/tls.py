"""The certificates of the worker gateway."""

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from datelier.kit.certificates import TlsFiles, ensure_certificates
from datelier.kit.settings import Settings
from datelier.sources.worker_join import ANYWHERE, dial_address, host_of


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM bytes of the gateway, and the file with the authority that workers trust.

    The authority is part of the chain that is presented: a worker that knows only its fingerprint
    finds it there.
    """

    key: bytes
    certificate: bytes
    ca: bytes
    ca_file: Path


async def open_tls(settings: Settings) -> Tls:
    """Return this home's certificates, made or renewed when needed."""
    files = await asyncio.to_thread(_made, settings)
    ca = files.ca.read_bytes()
    return Tls(files.key.read_bytes(), files.certificate.read_bytes() + ca, ca, files.ca)


def _made(settings: Settings) -> TlsFiles:
    return ensure_certificates(settings.home, _names(settings))


def _names(settings: Settings) -> list[str]:
    """Everything that workers and other processes may call this gateway."""
    names = [settings.gateway_host, host_of(dial_address(settings))]
    if settings.replica_address:
        names.append(host_of(settings.replica_address))
    if settings.gateway_host in ANYWHERE:
        with suppress(OSError):
            found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
            names += sorted({str(entry[4][0]).partition("%")[0] for entry in found})
    return names
