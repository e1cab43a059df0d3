"""Signatures of webhooks, as Standard Webhooks 1.0 describes them: made here, checked by receivers.

A receiver needs nothing but this file's :func:`verify` (standard library only):

    from datelier import webhooks

    webhooks.verify(request.headers, request.body, "whsec_…")
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
TOLERANCE_S = 300
_BYTES = 32


class SignatureInvalid(ValueError):
    """The request does not come from where it says, or comes too late."""


def new_secret() -> str:
    """Return a fresh secret, ``whsec_`` and base64 of 32 bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def sign(event_key: str, at: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """Return the three headers of a request.

    Args:
        event_key: The notice's id, the same for every attempt.
        at: Seconds since 1970.
        body: The bytes that are sent.
        keys: Secrets; a receiver accepts a request that any of them signed.
    """
    made = [f"v1,{base64.b64encode(_mac(key, event_key, str(at), body)).decode()}" for key in keys]
    return {
        "webhook-id": event_key,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(made),
    }


def verify(
    headers: Mapping[str, str], body: bytes, secret: str, *, now: float | None = None
) -> str:
    """Return the id of a genuine request; seen before, it is to be ignored.

    Args:
        headers: Of the request; names in any case.
        body: The bytes as they came, before any parsing.
        secret: As it was shown, ``whsec_…``.
        now: Seconds since 1970; the clock's when left out.

    Raises:
        SignatureInvalid: A header is missing or malformed, no signature fits, or the request was
            made more than five minutes ago or ahead.
    """
    plain = {name.lower(): value for name, value in headers.items()}
    key, stamp = plain.get("webhook-id", ""), plain.get("webhook-timestamp", "")
    # Dots part what is signed: with one in the id the same bytes could be read in two ways.
    whole = key and key.isascii() and "." not in key
    if not whole or not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        raise SignatureInvalid("a header is missing or malformed")
    if abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE_S:
        raise SignatureInvalid("the request is too old or too new")
    wanted = _mac(secret, key, stamp, body)
    for entry in plain.get("webhook-signature", "").split(" "):
        version, _, text = entry.partition(",")
        if version == "v1" and hmac.compare_digest(_decoded(text), wanted):
            return key
    raise SignatureInvalid("no signature fits")


def _mac(secret: str, key: str, stamp: str, body: bytes) -> bytes:
    signed = f"{key}.{stamp}.".encode() + body
    return hmac.digest(base64.b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
