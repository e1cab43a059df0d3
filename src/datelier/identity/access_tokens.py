"""Access tokens: short-lived JWTs that name a session; rights are looked up, never carried."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal
from uuid import UUID

import jwt

from datelier.identity.errors import SessionInvalid
from datelier.kit.clock import now
from datelier.kit.crypto import Cipher
from datelier.kit.ids import uuid7

ACCESS_LIFETIME = timedelta(minutes=15)
TICKET_LIFETIME = timedelta(seconds=30)
_ISSUER = "datelier"
_ALGORITHM = "HS256"
_MAX_LENGTH = 4096
Audience = Literal["datelier:api", "datelier:ticket"]


@dataclass(frozen=True, slots=True)
class Claims:
    """Whose session a token names.

    Attributes:
        kind: Of a ticket, ``token`` where `session_id` is that of a personal token.
        ticket_id: Of a ticket, which opens one connection.
    """

    person_id: UUID
    org_id: UUID
    session_id: UUID
    kind: Literal["session", "token"] = "session"
    ticket_id: UUID | None = None


class AccessTokens:
    """Signs and verifies access tokens and WebSocket tickets.

    Args:
        cipher: The process's cipher; the signing key is derived from its key.
    """

    def __init__(self, cipher: Cipher) -> None:
        self._key = cipher.derive("access token")

    def issue(self, claims: Claims, *, audience: Audience = "datelier:api") -> str:
        """Return a signed token: 15 minutes for the API, 30 seconds for a ticket."""
        moment = now()
        lifetime = ACCESS_LIFETIME if audience == "datelier:api" else TICKET_LIFETIME
        return jwt.encode(
            {
                "iss": _ISSUER,
                "aud": audience,
                "iat": moment,
                "nbf": moment,
                "exp": moment + lifetime,
                "sub": str(claims.person_id),
                "org": str(claims.org_id),
                "sid": str(claims.session_id),
                **_ticket_claims(claims, audience),
            },
            self._key,
            algorithm=_ALGORITHM,
        )

    def verify(self, token: str, *, audience: Audience = "datelier:api") -> Claims:
        """Return what a token says.

        Raises:
            SessionInvalid: Not ours, changed, expired, or made for another audience.
        """
        if len(token) > _MAX_LENGTH:
            raise SessionInvalid
        try:
            payload = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=audience,
                issuer=_ISSUER,
                leeway=2,
                options={"require": ["exp", "nbf", "iat", "sub", "org", "sid"]},
            )
            claims = Claims(UUID(payload["sub"]), UUID(payload["org"]), UUID(payload["sid"]))
            if audience == "datelier:api":
                return claims
            kind: Literal["session", "token"] = "token" if payload["knd"] == "token" else "session"
            return replace(claims, kind=kind, ticket_id=UUID(payload["jti"]))
        except (jwt.InvalidTokenError, KeyError, ValueError, AttributeError, TypeError):
            raise SessionInvalid from None


def _ticket_claims(claims: Claims, audience: Audience) -> dict[str, str]:
    return {} if audience == "datelier:api" else {"jti": str(uuid7()), "knd": claims.kind}
