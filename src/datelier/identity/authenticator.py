"""Turns the credentials of a request into a caller, with rights that are at most 3 s old."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, LiteralString
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from starlette.datastructures import Headers

from datelier.identity.access_tokens import AccessTokens, Claims
from datelier.identity.errors import OriginRefused, SessionInvalid
from datelier.identity.scopes import Role, as_role, effective
from datelier.kit.context import Actor, Context, Resources
from datelier.kit.db import Statement
from datelier.kit.errors import Malformed, Unauthenticated

ACCESS_COOKIE = "datelier_session"
REFRESH_COOKIE = "datelier_refresh"
TOKEN_PREFIX = "dtl"  # noqa: S105  # the visible start of a personal token, not a secret
# Half of the five seconds within which a revocation must be felt everywhere.
_TTL_SECONDS = 2.5
_CACHE_SIZE = 10_000

# One statement per look-up. When somebody was last seen is said to the minute, so that most
# look-ups write nothing.
_ACTIVE: LiteralString = """
    update membership m set last_active_at = now() from found
    where m.org_id = found.org_id and m.person_id = found.person_id
        and (m.last_active_at is null or m.last_active_at < now() - interval '5 minutes')
"""
_SESSION: LiteralString = f"""
    with found as (
        select s.org_id, s.person_id, p.name, m.role
        from login_session s
        join person p on p.id = s.person_id
        join membership m on m.org_id = s.org_id and m.person_id = s.person_id
        where s.id = %(id)s and s.org_id = %(org)s and s.person_id = %(person)s
            and s.revoked_at is null and s.expires_at > now() and p.disabled_at is null
    ), active as ({_ACTIVE})
    select name, role from found
"""  # noqa: S608  # only a constant is interpolated


def _token_by(known: LiteralString) -> LiteralString:
    return f"""
    with found as (
        select t.id, t.org_id, t.person_id, t.name, t.scopes, p.name as person, m.role
        from personal_token t
        join person p on p.id = t.person_id
        join membership m on m.org_id = t.org_id and m.person_id = t.person_id
        where t.{known} = %(key)s and t.revoked_at is null
            and (t.expires_at is null or t.expires_at > now()) and p.disabled_at is null
    ), used as (
        update personal_token t set last_used_at = now() from found
        where t.org_id = found.org_id and t.id = found.id
            and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute')
    ), active as ({_ACTIVE})
    select id, org_id, person_id, name, scopes, person, role from found
    """  # noqa: S608  # as above


_TOKEN_BY_HASH = _token_by("token_hash")
_TOKEN_BY_ID = _token_by("id")


def digest(secret: str) -> bytes:
    """Return the stored form of a secret that has its own entropy: SHA-256."""
    return hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a request acts for.

    Attributes:
        kind: ``session`` for people signed in, ``token`` for a personal token.
        id: The login session's or the personal token's id.
        name: The person's name; for tokens ``Ada (token ci)``.
        ticket_id: The ticket that stood for the credentials; whoever lets it in sees to it that
            it is used once.
    """

    kind: Literal["session", "token"]
    id: UUID
    person_id: UUID
    name: str
    org_id: UUID
    role: Role
    scopes: frozenset[str]
    ticket_id: UUID | None = None


class Authenticator:
    """Verifies cookies, bearer tokens and tickets.

    Args:
        resources: The process's resources.
        clock: Seconds that only go forward; tests pass their own.
    """

    def __init__(self, resources: Resources, clock: Callable[[], float] = time.monotonic) -> None:
        self._resources = resources
        self._tokens = AccessTokens(resources.cipher)
        self._clock = clock
        self._known: OrderedDict[UUID | bytes, tuple[float, Principal]] = OrderedDict()
        self._reading: dict[UUID | bytes, asyncio.Task[Principal]] = {}

    async def authenticate(
        self, headers: Headers, cookies: Mapping[str, str], *, ticket: str | None = None
    ) -> Context:
        """Return the caller of a connection that may change things, such as a WebSocket.

        Raises:
            Unauthenticated: No credentials, or invalid ones.
            OriginRefused: The cookie came along from another site.
        """
        principal = await self.principal(headers, cookies, unsafe=True, ticket=ticket)
        return self.context(principal)

    async def principal(
        self,
        headers: Headers,
        cookies: Mapping[str, str],
        *,
        unsafe: bool,
        ticket: str | None = None,
    ) -> Principal:
        """Return who the credentials stand for.

        Args:
            headers: The request's headers.
            cookies: The request's cookies.
            unsafe: Whether the request can change something; the cookie then needs our origin.
            ticket: A WebSocket ticket from the query string.
        """
        bearer = _bearer(headers)
        if bearer is not None:
            if bearer.startswith(f"{TOKEN_PREFIX}_"):
                return await self._by_personal_token(digest(bearer))
            return await self._by_claims(self._tokens.verify(bearer))
        if ticket is not None:
            return await self._by_ticket(self._tokens.verify(ticket, audience="datelier:ticket"))
        cookie = cookies.get(ACCESS_COOKIE)
        if not cookie:
            raise Unauthenticated("Sign in to continue.")
        if unsafe:
            self.require_own_origin(headers)
        return await self._by_claims(self._tokens.verify(cookie))

    async def recheck(self, principal: Principal) -> Principal:
        """Return the caller's present rights, for streams that outlive their access token.

        Raises:
            SessionInvalid: The session or token was revoked, or the person removed.
        """
        if principal.kind == "token":
            return await self._load(principal.id, lambda: self._read_token(principal.id))
        claims = Claims(principal.person_id, principal.org_id, principal.id)
        return await self._by_claims(claims)

    def context(self, principal: Principal, correlation_id: str | None = None) -> Context:
        """Return the context, without a transaction, that acts for `principal`."""
        return Context(
            actor=Actor(
                "user" if principal.kind == "session" else "token",
                principal.person_id,
                principal.name,
            ),
            org_id=principal.org_id,
            scopes=principal.scopes,
            resources=self._resources,
            correlation_id=correlation_id or str(uuid4()),
        )

    def forget(self, person_id: UUID) -> None:
        """Look the person's rights up anew at the next request, in this process."""
        stale = [key for key, (_, known) in self._known.items() if known.person_id == person_id]
        for key in stale:
            del self._known[key]
        # What is being read now may already be out of date: it is neither shared nor kept.
        self._reading.clear()

    def require_own_origin(self, headers: Headers) -> None:
        """Raise OriginRefused unless a browser says that one of our own pages asks."""
        self.refuse_foreign_origin(headers)
        if "sec-fetch-site" not in headers and "origin" not in headers:
            raise OriginRefused

    def refuse_foreign_origin(self, headers: Headers) -> None:
        """Raise OriginRefused if a browser says that another site's page asks."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None and site != "same-origin":
            raise OriginRefused
        if origin is None:
            return
        public = self._resources.settings.public_url
        if public is not None and origin.lower() == _origin_of(public):
            return
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or parts.netloc.lower() != _host(headers):
            raise OriginRefused

    def ticket(self, principal: Principal) -> str:
        """Return a ticket that opens one WebSocket as `principal`, within 30 seconds."""
        claims = Claims(principal.person_id, principal.org_id, principal.id, principal.kind)
        return self._tokens.issue(claims, audience="datelier:ticket")

    async def _by_ticket(self, claims: Claims) -> Principal:
        if claims.kind == "session":
            found = await self._by_claims(claims)
        else:
            key = claims.session_id
            found = await self._load(key, lambda: self._read_token(key))
            if found.person_id != claims.person_id or found.org_id != claims.org_id:
                raise SessionInvalid
        return replace(found, ticket_id=claims.ticket_id)

    async def _by_claims(self, claims: Claims) -> Principal:
        found = await self._load(claims.session_id, lambda: self._read_session(claims))
        if found.person_id != claims.person_id or found.org_id != claims.org_id:
            raise SessionInvalid
        return found

    async def _by_personal_token(self, token_hash: bytes) -> Principal:
        return await self._load(token_hash, lambda: self._read_token(token_hash))

    async def _load(
        self, key: UUID | bytes, read: Callable[[], Awaitable[Principal | None]]
    ) -> Principal:
        cached = self._known.get(key)
        if cached is not None and cached[0] > self._clock():
            return cached[1]
        reading = self._reading.get(key)
        if reading is None:
            reading = asyncio.create_task(self._look_up(key, read), name="look up caller")
            self._reading[key] = reading
        # One look-up serves everybody who asks meanwhile; who leaves must not end it.
        return await asyncio.shield(reading)

    async def _look_up(
        self, key: UUID | bytes, read: Callable[[], Awaitable[Principal | None]]
    ) -> Principal:
        # The age counts from before the look-up, so that a slow one makes nothing older.
        until = self._clock() + _TTL_SECONDS
        current = False
        try:
            found = await read()
        finally:
            if self._reading.get(key) is asyncio.current_task():
                del self._reading[key]
                current = True
        if found is None:
            self._known.pop(key, None)
            raise SessionInvalid
        if current:
            self._known[key] = (until, found)
            self._known.move_to_end(key)
            if len(self._known) > _CACHE_SIZE:
                self._known.popitem(last=False)
        return found

    async def _read_session(self, claims: Claims) -> Principal | None:
        values = {"id": claims.session_id, "org": claims.org_id, "person": claims.person_id}
        [rows] = await self._resources.db.once([Statement(_SESSION, values)], claims.org_id)
        if not rows:
            return None
        [(name, stored_role)] = rows
        role = as_role(stored_role)
        return Principal(
            "session",
            claims.session_id,
            claims.person_id,
            name,
            claims.org_id,
            role,
            effective(role, None),
        )

    async def _read_token(self, key: UUID | bytes) -> Principal | None:
        # The organization is known only after the token is found, so this look-up sees all.
        known_by = _TOKEN_BY_HASH if isinstance(key, bytes) else _TOKEN_BY_ID
        [rows] = await self._resources.db.once([Statement(known_by, {"key": key})], None)
        if not rows:
            return None
        [(token_id, org_id, person_id, token_name, scopes, name, stored_role)] = rows
        role = as_role(stored_role)
        return Principal(
            "token",
            token_id,
            person_id,
            f"{name} (token {token_name})",
            org_id,
            role,
            effective(role, scopes),
        )


def _bearer(headers: Headers) -> str | None:
    values = headers.getlist("authorization")
    if not values:
        return None
    if len(values) > 1:
        raise Malformed("Send one Authorization header.")
    scheme, _, secret = values[0].partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("The Authorization header must be a Bearer token.")
    return secret.strip()


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _host(headers: Headers) -> str:
    return headers.get("host", "").lower()
