"""The gateway's certificates are trusted by whoever holds the authority, and renewed in time."""

import ipaddress
import socket
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from datelier.kit.certificates import TlsFiles, ensure_certificates

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def names(files: TlsFiles) -> x509.SubjectAlternativeName:
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def content(files: TlsFiles) -> tuple[bytes, bytes]:
    return files.ca.read_bytes(), files.certificate.read_bytes()


def handshake(files: TlsFiles, name: str) -> None:
    """Shake hands in memory as a client that trusts only the authority."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(files.certificate, files.key)
    client_context = ssl.create_default_context(cafile=str(files.ca))
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        side = waiting.pop(0)
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(side)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", socket.gethostname()])
def test_a_client_that_trusts_the_authority_accepts_the_gateway_under_each_name(
    tmp_path: Path, name: str
) -> None:
    handshake(ensure_certificates(tmp_path), name)


def test_a_client_refuses_a_name_that_is_not_in_the_certificate(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=r"example\.test"):
        handshake(ensure_certificates(tmp_path), "example.test")


def test_a_client_of_another_home_refuses_the_gateway(tmp_path: Path) -> None:
    ours, theirs = (ensure_certificates(tmp_path / name) for name in ("a", "b"))
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(TlsFiles(theirs.ca, ours.certificate, ours.key), "localhost")


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    ensure_certificates(tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "tls").iterdir()}
    assert modes["ca.key"] == modes["server.key"] == 0o600
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700


def test_a_second_call_changes_nothing(tmp_path: Path) -> None:
    first = content(ensure_certificates(tmp_path, now=NOW))
    assert content(ensure_certificates(tmp_path, now=NOW + timedelta(days=1))) == first


def test_the_certificate_is_renewed_a_month_before_it_ends_and_the_authority_stays(
    tmp_path: Path,
) -> None:
    ca, certificate = content(ensure_certificates(tmp_path, now=NOW))
    kept = content(ensure_certificates(tmp_path, now=NOW + timedelta(days=334)))
    assert kept == (ca, certificate)
    renewed = content(ensure_certificates(tmp_path, now=NOW + timedelta(days=336)))
    assert renewed[0] == ca
    assert renewed[1] != certificate


def test_an_authority_near_its_end_is_replaced_together_with_what_it_signed(tmp_path: Path) -> None:
    old = content(ensure_certificates(tmp_path, now=NOW - timedelta(days=3650 - 20)))
    files = ensure_certificates(tmp_path, now=NOW)
    assert all(new != before for new, before in zip(content(files), old, strict=True))
    authority, certificate = (x509.load_pem_x509_certificate(pem) for pem in content(files))
    certificate.verify_directly_issued_by(authority)


def test_a_new_name_is_added_by_renewing(tmp_path: Path) -> None:
    ensure_certificates(tmp_path)
    found = names(ensure_certificates(tmp_path, ["gateway.test", "10.1.2.3"]))
    assert "gateway.test" in found.get_values_for_type(x509.DNSName)
    assert ipaddress.ip_address("10.1.2.3") in found.get_values_for_type(x509.IPAddress)


@pytest.mark.parametrize("name", ["ca.crt", "ca.key", "server.crt", "server.key"])
@pytest.mark.parametrize("damage", [None, b"not a certificate"])
def test_a_lost_or_damaged_file_is_made_anew(
    tmp_path: Path, name: str, damage: bytes | None
) -> None:
    ensure_certificates(tmp_path)
    path = tmp_path / "tls" / name
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    handshake(ensure_certificates(tmp_path), "localhost")


def test_a_key_that_belongs_to_another_certificate_is_replaced(tmp_path: Path) -> None:
    ours, other = (ensure_certificates(tmp_path / name) for name in ("a", "b"))
    ours.key.write_bytes(other.key.read_bytes())
    handshake(ensure_certificates(tmp_path / "a"), "localhost")
