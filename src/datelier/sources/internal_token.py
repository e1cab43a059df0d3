"""Short-lived tokens with which one process of the platform calls another's gateway."""

from datetime import timedelta
from typing import Final
from uuid import UUID

import jwt

from datelier.kit.clock import now
from datelier.kit.crypto import Cipher
from datelier.kit.errors import Unauthenticated

_AUDIENCE: Final = "datelier-gateway"
_LIFE: Final = timedelta(seconds=30)


def issue(cipher: Cipher, org_id: UUID) -> str:
    """Return a token good for calls in the name of one organization, for half a minute."""
    claims = {"aud": _AUDIENCE, "org": str(org_id), "iat": now(), "exp": now() + _LIFE}
    return jwt.encode(claims, cipher.derive("internal"), algorithm="HS256")


def verify(cipher: Cipher, token: str) -> UUID:
    """Return the organization a token speaks for.

    Raises:
        Unauthenticated: Forged, expired, or made for something else.
    """
    try:
        claims = jwt.decode(
            token,
            cipher.derive("internal"),
            algorithms=["HS256"],
            audience=_AUDIENCE,
            options={"require": ["aud", "org", "exp"]},
        )
        return UUID(str(claims["org"]))
    except (jwt.InvalidTokenError, ValueError):
        raise Unauthenticated("The internal token is not valid.") from None
