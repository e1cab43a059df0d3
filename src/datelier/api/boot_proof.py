"""The process does not start when a door has no lock, or one nobody has a key to."""

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from datelier.identity.access import Public, Scoped, Transacted
from datelier.identity.scopes import SCOPES
from datelier.kit.tools import Tool


class UnprovenAccess(RuntimeError):
    """A route or tool does not say, in one way, who may use it."""


@dataclass(frozen=True, slots=True)
class Door:
    """One proven route: `access` is a scope, or why none is needed."""

    methods: tuple[str, ...]
    path: str
    access: Scoped | Transacted | Public


def prove_scopes(app: FastAPI, tools: Iterable[Tool] = ()) -> tuple[Door, ...]:
    """Return every route with its declared access.

    Args:
        app: All routes, HTTP and WebSocket.
        tools: Everything an agent can call.

    Raises:
        UnprovenAccess: A route without exactly one of `needs` and `public`, a public route
            without a reason, or a scope that no role holds.
    """
    doors = tuple(_doors(app))
    for door in doors:
        if isinstance(door.access, Public):
            if not door.access.reason.strip():
                raise UnprovenAccess(f"{door.path} is public without a reason")
        else:
            _require_known(door.access.scope, door.path)
    for tool in tools:
        _require_known(tool.scope, f"tool {tool.name}")
    return doors


def _doors(app: FastAPI) -> Iterable[Door]:
    for route in iter_route_contexts(app.routes):
        path = route.path or repr(route.original_route)
        dependant = getattr(route, "dependant", None)
        declared = list(_declared(dependant)) if isinstance(dependant, Dependant) else []
        if len(declared) != 1:
            raise UnprovenAccess(
                f"{path} declares its access {len(declared)} times; use needs() or public() once"
            )
        yield Door(tuple(sorted(route.methods or {"WS"})), path, declared[0])


def _declared(dependant: Dependant) -> Iterable[Scoped | Transacted | Public]:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, (Scoped, Transacted, Public)):
            yield dependency.call
        yield from _declared(dependency)


def _require_known(scope: str, what: str) -> None:
    if scope not in SCOPES:
        raise UnprovenAccess(f"{what} needs {scope!r}, which no role holds")
