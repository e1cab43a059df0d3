"""A certificate authority of one's own, for the TLS between the gateway and its workers.

`HOME/tls` holds the authority (``ca.crt``, ``ca.key``) and the gateway's certificate
(``server.crt``, ``server.key``). Workers are given ``ca.crt``, never a key.
"""

import fcntl
import ipaddress
import os
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from datelier.kit.clock import now as utc_now

RENEW_BEFORE = timedelta(days=30)
_AUTHORITY_LIFE = timedelta(days=3650)
_SERVER_LIFE = timedelta(days=365)
# Clocks of a worker and a server differ; a certificate from "the future" is refused.
_SKEW = timedelta(hours=1)

_Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


@dataclass(frozen=True)
class TlsFiles:
    """PEM files: the authority workers trust, and the gateway's certificate and key (0600)."""

    ca: Path
    certificate: Path
    key: Path


def ensure_certificates(
    home: Path, hosts: Sequence[str] = (), *, now: datetime | None = None
) -> TlsFiles:
    """Return the gateway's TLS files, made or renewed when needed.

    A certificate is renewed when it ends within 30 days, lacks a wanted name, cannot be read or
    is not signed by the present authority.

    Args:
        home: Datelier's folder.
        hosts: Names and addresses workers dial, beside this machine's name and loopback.
        now: The time to judge by; the present by default.

    Raises:
        OSError: The folder cannot be written.
    """
    moment = now or utc_now()
    folder = home / "tls"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(folder):
        authority = _read(folder, "ca")
        if authority is None or _ends_soon(authority[0], moment):
            authority = _new_authority(moment)
            _write(folder, "ca", authority)
        wanted = _names(hosts)
        server = _read(folder, "server")
        if server is None or not _serves(server[0], authority[0], wanted, moment):
            _write(folder, "server", _new_server(authority, wanted, moment))
    return TlsFiles(folder / "ca.crt", folder / "server.crt", folder / "server.key")


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    # Two processes of one home must not make two authorities.
    with (folder / ".lock").open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    known = dict.fromkeys(["localhost", socket.gethostname(), "127.0.0.1", "::1", *hosts])
    return [_general_name(host) for host in known if host]


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode("ascii"))


def _ends_soon(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_after_utc - moment < RENEW_BEFORE


def _serves(
    certificate: x509.Certificate,
    authority: x509.Certificate,
    wanted: list[x509.GeneralName],
    moment: datetime,
) -> bool:
    if _ends_soon(certificate, moment):
        return False
    try:
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except Exception:  # noqa: BLE001  # InvalidSignature, ValueError, TypeError, …: make a new one
        return False
    return set(wanted) <= set(names.value)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, moment: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - _SKEW)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _new_authority(moment: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    # The date tells two authorities of one machine apart in a trust store.
    name = _name(f"Datelier authority of {socket.gethostname()[:20]} {moment:%Y-%m-%d}")
    certificate = (
        _builder(name, name, key.public_key(), moment)
        .not_valid_after(moment + _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _new_server(authority: _Pair, names: list[x509.GeneralName], moment: datetime) -> _Pair:
    issuer, issuer_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_name("Datelier gateway"), issuer.subject, key.public_key(), moment)
        .not_valid_after(min(moment + _SERVER_LIFE, issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )
    return certificate, key


def _read(folder: Path, stem: str) -> _Pair | None:
    """Return the pair, or None when it is absent, unreadable or does not belong together."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{stem}.crt").read_bytes())
        key = serialization.load_pem_private_key((folder / f"{stem}.key").read_bytes(), None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return None
    return (certificate, key) if certificate.public_key() == key.public_key() else None


def _write(folder: Path, stem: str, pair: _Pair) -> None:
    certificate, key = pair
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _replace(folder / f"{stem}.key", secret, 0o600)
    _replace(folder / f"{stem}.crt", certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole, never readable by others in between."""
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    aside.replace(path)
