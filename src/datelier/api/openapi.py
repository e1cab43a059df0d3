"""The interface description: every operation named by its function, every failure told."""

import json
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from datelier.api.boot_proof import prove_scopes
from datelier.api.errors import PROBLEM_TYPE
from datelier.identity.access import Public
from datelier.identity.authenticator import ACCESS_COOKIE

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 7807).",
    "required": ["type", "title", "status", "detail", "code", "correlation_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable, for programs."},
        "hint": {"type": "string", "description": "What you can do next."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "resource": {"type": "string"},
        "service": {"type": "string"},
        "retry_after": {"type": "integer", "description": "Seconds."},
        "correlation_id": {"type": "string"},
    },
}
_PROBLEM: dict[str, Any] = {
    "description": "It failed; the body says why.",
    "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_METHODS = frozenset({"get", "put", "post", "delete", "patch"})


class DuplicateOperation(RuntimeError):
    """Two routes have functions of one name, so a generated client could not tell them apart."""


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of every route."""
    described = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    components = described.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM_SCHEMA
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": ACCESS_COOKIE},
    }
    access = {
        (method.lower(), door.path): door.access
        for door in prove_scopes(app)
        for method in door.methods
    }
    for method, path, operation in operations(described):
        responses = operation["responses"]
        responses.pop("422", None)
        for status in ("4XX", "5XX"):
            responses.setdefault(status, _PROBLEM)
        declared = access[method, path]
        if isinstance(declared, Public):
            operation["security"] = []
        else:
            operation["security"] = [{"bearer": []}, {"cookie": []}]
            operation["x-scope"] = declared.scope
    return described


def require_distinct_names(app: FastAPI) -> None:
    """Raise unless every operation has a name of its own.

    Raises:
        DuplicateOperation: An operation id occurs twice.
    """
    seen: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if not isinstance(route.original_route, APIRoute) or not route.include_in_schema:
            continue
        name = route.original_route.name
        if name in seen:
            raise DuplicateOperation(f"{route.path}: a function named {name} exists already")
        seen.add(name)


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (method, path, operation) of a document."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if method in _METHODS:
                yield method, path, operation


def render(app: FastAPI) -> str:
    """Return the document as text that is the same on every machine."""
    return json.dumps(document(app), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
