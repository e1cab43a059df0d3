"""Who this worker is: the token it got for its join token, kept with mode 0600."""

import asyncio
import hashlib
import json
import os
import socket
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grpc
import grpc.aio

from datelier.wire.handshake import PROTOCOL
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import GatewayStub
from datelier.worker.held import BadConfig, require_private

JOIN_PREFIX: Final = "dtj_"
_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Identity:
    """A worker's token, the server it is for, and the authority it trusts (PEM; None: system)."""

    server: str
    token: str
    ca: str | None
    worker_id: str = ""
    joined_with: str = ""


class JoinRefused(Exception):
    """The server refused the join token; the text is its reason."""

    def __init__(self, reason: str, *, version: bool) -> None:
        super().__init__(reason)
        self.version = version


def load_identity(path: Path) -> Identity | None:
    """Return the stored identity, None when there is none.

    Raises:
        BadConfig: Others may read the file, or it is broken.
    """
    try:
        require_private(path)
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        ca = values.get("ca")
        return Identity(
            server=str(values["server"]),
            token=str(values["token"]),
            ca=None if ca is None else str(ca),
            worker_id=str(values.get("worker_id", "")),
            joined_with=str(values.get("joined_with", "")),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError):
        raise BadConfig(f"{path} cannot be read; remove it and join again.") from None


def save_identity(path: Path, identity: Identity) -> None:
    """Write an identity, readable by this user only, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fields = {
        "server": identity.server,
        "token": identity.token,
        "ca": identity.ca,
        "worker_id": identity.worker_id,
        "joined_with": identity.joined_with,
    }
    # A JSON string is a valid TOML basic string.
    lines = [f"{key} = {json.dumps(value)}" for key, value in fields.items() if value]
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join([*lines, ""]))
    partial.replace(path)


def mark(join_token: str) -> str:
    """Return what is kept of a used join token, to know it again."""
    return hashlib.sha256(join_token.encode()).hexdigest()


async def join(server: str, secret: str, ca: bytes | None, version: str) -> pb.JoinReply:
    """Exchange a join token for a worker token, over TLS that is checked against `ca`.

    Raises:
        JoinRefused: Used, expired, unknown, or the versions do not go together.
        OSError: The server cannot be reached, or its certificate is not trusted.
    """
    credentials = grpc.ssl_channel_credentials(ca)
    async with grpc.aio.secure_channel(server, credentials) as channel:
        stub: Any = GatewayStub(channel)
        request = pb.JoinRequest(protocol=PROTOCOL, version=version, host=socket.gethostname())
        try:
            async with asyncio.timeout(_SECONDS):
                return await stub.Join(request, metadata=(("authorization", f"Bearer {secret}"),))
        except TimeoutError:
            raise OSError(f"{server} did not answer in time.") from None
        except grpc.aio.AioRpcError as error:
            reason = (error.details() or error.code().name)[:500]
            if error.code() == grpc.StatusCode.UNAUTHENTICATED:
                raise JoinRefused(reason, version=False) from None
            if error.code() == grpc.StatusCode.FAILED_PRECONDITION:
                raise JoinRefused(reason, version=True) from None
            raise OSError(f"{server} cannot be joined: {reason}") from None
