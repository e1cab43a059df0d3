"""Whom a worker trusts: the certificate authority behind a fingerprint, looked up in the chain.

A gateway presents its authority at the end of its certificate chain. Only the certificate with the
very SHA-256 of the join token is taken from there; the real connection is then made with it as the
one trusted root, and names are checked as ever. Nothing is said before that.
"""

import base64
import hashlib
import socket
import ssl
from typing import Any, Final

_SECONDS: Final = 10.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class NotTrusted(Exception):
    """The server is not who the join token says; the text says what to do."""


def split_address(server: str) -> tuple[str, int]:
    """Return host and port of `host:port` or `[host]:port`; ValueError for anything else."""
    host, _, port = server.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("must be host:port")
    return host.strip("[]"), int(port)


def is_loopback(server: str) -> bool:
    """Whether an address cannot leave this machine."""
    return split_address(server)[0] in _LOOPBACK


def split_join_token(token: str) -> tuple[str, str | None]:
    """Return the secret and the fingerprint of a join token."""
    secret, _, fingerprint = token.partition(".")
    return secret, fingerprint or None


def fetch_authority(server: str, fingerprint: str) -> bytes:
    """Return the PEM of the authority with this fingerprint (base64url of its SHA-256).

    Raises:
        NotTrusted: The server presents no such certificate.
        OSError: It cannot be reached.
    """
    for der in _presented(server):
        digest = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")
        if digest == fingerprint:
            return ssl.DER_cert_to_PEM_cert(der).encode("ascii")
    raise NotTrusted(
        f"{server} is not the server that made this join token: its certificate does not match. "
        "Check --server; if it is right, somebody stands in between."
    )


def fetch_any_authority(server: str) -> bytes:
    """Return whatever authority a server of this machine presents.

    Raises:
        NotTrusted: The server is on another machine.
        OSError: It cannot be reached.
    """
    if not is_loopback(server):
        raise NotTrusted("--insecure is for a server on this machine (127.0.0.1) only.")
    return ssl.DER_cert_to_PEM_cert(_presented(server)[-1]).encode("ascii")


def _presented(server: str) -> list[bytes]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Nothing is sent or believed here; what is found is compared with a fingerprint.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    host, port = split_address(server)
    with (
        socket.create_connection((host, port), timeout=_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return _chain(secured)


def _chain(secured: ssl.SSLSocket) -> list[bytes]:
    public: Any = getattr(secured, "get_unverified_chain", None)
    if public is not None:  # Python 3.13
        return [bytes(der) for der in public()]
    # Before 3.13 the same list is there, under the object that the socket wraps.
    inner: Any = getattr(secured, "_sslobj")  # noqa: B009  # private to the type checker
    found: list[Any] = inner.get_unverified_chain()
    return [ssl.PEM_cert_to_DER_cert(str(certificate.public_bytes())) for certificate in found]
