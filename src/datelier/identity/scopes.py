"""What each role may do: the one table of rights.

Roles are nested: each holds everything of the role below it.
"""

from typing import Literal, get_args

Role = Literal["owner", "admin", "builder", "analyst", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)

SELF = "self:get"
"""Held by everyone who is signed in, whatever a token was narrowed to."""

_VIEWER = frozenset(
    {
        SELF,
        "agent:get",
        "chart:get",
        "definition:get",
        "document:get",
        "issue:get",
        "member:get",
        "model:get",
        "org:get",
        "query:get",
        "request:get",
        "run:get",
        "source:get",
        "thread:get",
        "token:manage",  # their own; a token never holds more than its person's role
        "worker:get",
    }
)
_ANALYST = _VIEWER | {
    "chart:update",
    "definition:create",
    "document:update",
    "http:send",
    "query:run",
    "request:decide",
    "run:create",
    "run:stop",
    "thread:create",
    "thread:delete",
    "thread:update",
}
_BUILDER = _ANALYST | {
    "agent:manage",
    "definition:certify",
    "query:write",
    "source:create",
    "source:delete",
    "source:update",
}
_ADMIN = _BUILDER | {
    "audit:get",
    "budget:manage",
    "member:manage",
    "model:manage",
    "usage:get",
    "webhook:manage",
    "worker:manage",
    "write_connection:manage",
}
_OWNER = _ADMIN | {"org:manage"}

ROLE_SCOPES: dict[Role, frozenset[str]] = {
    "owner": _OWNER,
    "admin": _ADMIN,
    "builder": _BUILDER,
    "analyst": _ANALYST,
    "viewer": _VIEWER,
}
SCOPES = _OWNER
"""Every scope there is; a route or tool that names another is refused at start."""


def as_role(value: str) -> Role:
    """Return a stored role; anything else is a broken row (ValueError), never a guess."""
    for role in ROLES:
        if role == value:
            return role
    raise ValueError(f"unknown role {value!r}")


def effective(role: Role, narrowed_to: list[str] | None) -> frozenset[str]:
    """Return the scopes of `role`, or those of them that a token was narrowed to."""
    held = ROLE_SCOPES[role]
    return held if narrowed_to is None else (held & frozenset(narrowed_to)) | {SELF}
