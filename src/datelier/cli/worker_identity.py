"""With which token a worker dials, and whom it trusts: joining, or what an earlier join left."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from datelier import __version__
from datelier.cli.outcome import CommandFailed, Exit
from datelier.kit.profiles import config_path
from datelier.worker.held import BadConfig
from datelier.worker.identity import (
    JOIN_PREFIX,
    Identity,
    JoinRefused,
    join,
    load_identity,
    mark,
    save_identity,
)
from datelier.worker.trust import (
    NotTrusted,
    fetch_any_authority,
    fetch_authority,
    split_address,
    split_join_token,
)


@dataclass(frozen=True, slots=True)
class Trust:
    """How the server's certificate is checked, as the command line says."""

    ca_file: Path | None
    insecure: bool


def worker_folder() -> Path:
    """Return where workers keep their tokens and their configuration."""
    return config_path().parent


def stored_path(name: str) -> Path:
    """Return the file of a worker's identity; two workers of a machine have two names."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "worker"
    return worker_folder() / "workers" / f"{plain}.toml"


def stored_identity(name: str, server: str | None) -> Identity | None:
    """Return what an earlier join left for this name, and this server if one is named."""
    identity = read_identity(name)
    if identity is None or (server is not None and server != identity.server):
        return None
    return identity


def read_identity(name: str) -> Identity | None:
    """Return the stored identity of a name.

    Raises:
        CommandFailed: The file is broken, or others may read it.
    """
    try:
        return load_identity(stored_path(name))
    except BadConfig as error:
        raise CommandFailed(str(error), exit_code=Exit.USAGE, code="bad_config") from None


def joined(name: str, server: str | None, token: str, trust: Trust) -> Identity:
    """Exchange a join token, or return what it was exchanged for when it was used here before.

    Raises:
        CommandFailed: The server refuses, cannot be reached, or is not to be trusted.
    """
    earlier = read_identity(name)
    if earlier is not None and earlier.joined_with == mark(token):
        return earlier
    if server is None:
        raise CommandFailed(
            "A join token needs --server host:port.", exit_code=Exit.USAGE, code="usage"
        )
    try:
        identity = _join(server, token, trust)
    except JoinRefused as error:
        raise CommandFailed(
            str(error),
            hint=None if error.version else "Make a new token under Settings, Workers.",
            exit_code=Exit.CONFLICT if error.version else Exit.NOT_SIGNED_IN,
            code="version_mismatch" if error.version else "auth_required",
        ) from None
    except NotTrusted as error:
        raise CommandFailed(str(error), code="not_trusted") from None
    except ValueError as error:
        raise CommandFailed(f"--server {error}.", exit_code=Exit.USAGE, code="usage") from None
    except OSError as error:
        raise CommandFailed(
            f"{server} cannot be reached: {error}",
            hint="Check the address and that nothing blocks the way out to it.",
            exit_code=Exit.UNAVAILABLE,
            code="server_unavailable",
        ) from None
    save_identity(stored_path(name), identity)
    return identity


def _join(server: str, token: str, trust: Trust) -> Identity:
    secret, fingerprint = split_join_token(token)
    failed: OSError | None = None
    for address in server.split(","):
        split_address(address.strip())
        try:
            ca = _authority(address.strip(), fingerprint, trust)
            reply = asyncio.run(join(address.strip(), secret, ca, __version__))
        except OSError as error:
            failed = error
            continue
        return Identity(
            server=server,
            token=reply.token,
            ca=ca.decode("ascii") if ca else None,
            worker_id=reply.worker_id,
            joined_with=mark(token),
        )
    raise failed or OSError("no address")


def _authority(server: str, fingerprint: str | None, trust: Trust) -> bytes | None:
    if trust.ca_file is not None:
        return trust.ca_file.read_bytes()
    if trust.insecure:
        return fetch_any_authority(server)
    return fetch_authority(server, fingerprint) if fingerprint else None


def is_join_token(token: str) -> bool:
    """Whether a token is to be exchanged first."""
    return token.startswith(JOIN_PREFIX)
