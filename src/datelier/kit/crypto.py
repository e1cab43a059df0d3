"""Secrets at rest: AES-256-GCM with a key id, a fresh nonce and associated data.

Envelope: ``version(1) | key id(4) | nonce(12) | ciphertext and tag``. The associated data is
``table:row:column:organization``, so a value copied to another place cannot be opened there.
"""

import base64
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from datelier.kit.errors import Unavailable

_VERSION = b"\x01"


class SecretUnreadable(Unavailable):
    """A stored secret was sealed with a key that this process does not hold."""

    code = "secret_unreadable"


class Cipher:
    """Seals and opens secrets, and derives keys for signing.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("the secret key must be 32 bytes, as base64 in DATELIER_SECRET_KEY")
        self._key = key
        self._key_id = hashlib.sha256(b"datelier key id" + key).digest()[:4]

    def seal(self, plaintext: str, aad: str) -> bytes:
        """Encrypt `plaintext` bound to `aad` (``table:row:column:organization``)."""
        nonce = os.urandom(12)
        sealed = AESGCM(self._key).encrypt(nonce, plaintext.encode(), aad.encode())
        return _VERSION + self._key_id + nonce + sealed

    def open(self, blob: bytes, aad: str) -> str:
        """Decrypt what :meth:`seal` made for the same `aad`.

        Raises:
            SecretUnreadable: Wrong key, wrong place, or changed bytes.
        """
        if blob[:1] != _VERSION or blob[1:5] != self._key_id:
            raise SecretUnreadable(
                "A stored secret was sealed with another key.",
                hint="Start with the secret key this data was made with, or enter the secret anew.",
            )
        try:
            return AESGCM(self._key).decrypt(blob[5:17], blob[17:], aad.encode()).decode()
        except InvalidTag:
            raise SecretUnreadable("A stored secret cannot be opened in this place.") from None

    def derive(self, purpose: str) -> bytes:
        """Return a 32-byte key for one purpose, such as signing access tokens."""
        return hmac.new(self._key, purpose.encode(), hashlib.sha256).digest()


def load_key(secret_key: str | None, home: Path, *, create: bool) -> bytes:
    """Return the process's secret key.

    Args:
        secret_key: Base64 of 32 bytes from the configuration, or None to use the file in `home`.
        home: The data folder; the key lies in ``secret.key`` with mode 0600.
        create: Whether a fresh home may get a new key.

    Raises:
        FileNotFoundError: There is no key and `create` is False.
    """
    if secret_key:
        return base64.b64decode(secret_key, validate=True)
    path = home / "secret.key"
    try:
        return base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)
    except FileNotFoundError:
        if not create:
            raise
    home.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    key = os.urandom(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.b64encode(key).decode())
    return key
