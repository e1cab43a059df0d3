"""How a route says who may call it: exactly one of :func:`needs` and :func:`public`."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from fastapi import Depends, params
from starlette.requests import HTTPConnection

from datelier.identity.authenticator import Authenticator
from datelier.identity.rates import Rates
from datelier.kit.context import Context, Resources

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def needs(scope: str, *, session: bool = True, costly: bool = False) -> params.Depends:
    """Require a signed-in caller who holds `scope`, and hand the route a Context.

    Use as ``ctx: Annotated[Context, needs("source:get")]``.

    Args:
        scope: ``noun:verb``, one of :data:`datelier.identity.scopes.SCOPES`.
        session: Whether the context carries an open transaction. It is committed after the
            route has returned and before the response is sent. Streams and long work pass
            False and open their own short transactions with ``ctx.begin()``.
        costly: Whether the route keeps other systems busy, such as a source, a model's endpoint
            or the disk. It then has a rate of its own besides the caller's.
    """
    kind = Transacted if session else Scoped
    return Depends(kind(scope, costly=costly), scope="function")


def public(reason: str) -> params.Depends:
    """Let anybody call the route, and hand it the process's Resources.

    Use as ``resources: Annotated[Resources, public("signing in needs no session")]``.

    Args:
        reason: Why no sign-in is needed; shown by the start-up proof.
    """
    return Depends(Public(reason))


@dataclass(frozen=True, slots=True)
class Scoped:
    """A dependency that gives a Context without a transaction."""

    scope: str
    costly: bool = False

    async def __call__(self, connection: HTTPConnection) -> Context:
        return await _caller(connection, self.scope, costly=self.costly)


@dataclass(frozen=True, slots=True)
class Transacted:
    """A dependency that gives a Context inside the request's transaction."""

    scope: str
    costly: bool = False

    async def __call__(self, connection: HTTPConnection) -> AsyncGenerator[Context]:
        ctx = await _caller(connection, self.scope, costly=self.costly)
        async with ctx.begin() as transaction:
            yield transaction


@dataclass(frozen=True, slots=True)
class Public:
    """A dependency that lets everybody in, for a stated reason."""

    reason: str = field(repr=True)

    async def __call__(self, connection: HTTPConnection) -> Resources:
        return resources_of(connection)


def resources_of(connection: HTTPConnection) -> Resources:
    """Return the resources of the process that serves `connection`."""
    resources: Resources = connection.app.state.resources
    return resources


async def _caller(connection: HTTPConnection, scope: str, *, costly: bool) -> Context:
    resources = resources_of(connection)
    authenticator = resources.get(Authenticator)
    socket = connection.scope["type"] == "websocket"
    principal = await authenticator.principal(
        connection.headers,
        connection.cookies,
        unsafe=socket or connection.scope["method"] not in _SAFE_METHODS,
        ticket=connection.query_params.get("ticket") if socket else None,
    )
    connection.state.principal = principal
    ctx = authenticator.context(principal, getattr(connection.state, "correlation_id", None))
    ctx.require(scope)
    route = getattr(connection.scope.get("route"), "path", "") if costly else None
    resources.get(Rates).admit(ctx, route)
    return ctx
