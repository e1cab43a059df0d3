"""Who acts, for which organization, with which rights, on which resources."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from datelier.kit.blobs import Blobs
from datelier.kit.crypto import Cipher
from datelier.kit.db import Database
from datelier.kit.errors import Forbidden
from datelier.kit.settings import Settings

T = TypeVar("T")
ActorKind = Literal["user", "token", "run", "worker", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, a personal token, a run, a worker, or the product itself."""

    kind: ActorKind
    id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class Resources:
    """What a process holds for its whole life, plus the services registered by the app."""

    settings: Settings
    db: Database
    blobs: Blobs
    cipher: Cipher
    _services: dict[type, Any] = field(default_factory=dict[type, Any], repr=False)

    def register(self, kind: type[T], service: T) -> None:
        """Make `service` available to verbs under its interface."""
        self._services[kind] = service

    def get(self, kind: type[T]) -> T:
        """Return the registered service; a missing one is a wiring bug (LookupError)."""
        try:
            return self._services[kind]
        except KeyError:
            raise LookupError(f"{kind.__name__} is not registered in this process") from None

    def find(self, kind: type[T], otherwise: T) -> T:
        """Return the registered service, or `otherwise` in a process that has none."""
        found: T = self._services.get(kind, otherwise)
        return found


@dataclass(frozen=True, slots=True)
class Context:
    """The first argument of every verb.

    A context without a session can open transactions with :meth:`begin`; one inside a
    transaction also carries the session that the verb reads and writes through.
    """

    actor: Actor
    org_id: UUID
    scopes: frozenset[str]
    resources: Resources
    correlation_id: str = field(default_factory=lambda: str(uuid4()))
    _session: AsyncSession | None = None

    @property
    def session(self) -> AsyncSession:
        """The open transaction's session."""
        if self._session is None:
            raise RuntimeError("this verb needs an open transaction: use `async with ctx.begin()`")
        return self._session

    @property
    def db(self) -> Database:
        """The platform database."""
        return self.resources.db

    @property
    def in_transaction(self) -> bool:
        """Whether this context carries a session."""
        return self._session is not None

    def require(self, scope: str) -> None:
        """Raise Forbidden unless the caller holds `scope`."""
        if scope not in self.scopes:
            raise Forbidden(f"Your role does not include {scope}.", hint="Ask an admin for access.")

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator["Context"]:
        """Open a transaction of this organization; commit on success, roll back on error."""
        async with self.db.transaction(self.org_id) as session:
            yield replace(self, _session=session)

    def on_commit(self, call: Callable[[], None]) -> None:
        """Run `call` once, right after the open transaction has committed."""

        def after_commit(_session: Session) -> None:
            call()

        event.listen(self.session.sync_session, "after_commit", after_commit, once=True)
