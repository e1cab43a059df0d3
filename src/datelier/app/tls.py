"""The certificates of the worker gateway."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from datelier.kit.certificates import ensure_certificates
from datelier.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM bytes of the gateway, and the file with the authority that workers trust."""

    key: bytes
    certificate: bytes
    ca: bytes
    ca_file: Path


async def open_tls(settings: Settings) -> Tls:
    """Return this home's certificates, made or renewed when needed."""
    files = await asyncio.to_thread(ensure_certificates, settings.home, [settings.gateway_host])
    return Tls(
        files.key.read_bytes(), files.certificate.read_bytes(), files.ca.read_bytes(), files.ca
    )
