"""Every failure a caller may expect, named, coded and rendered in one shape.

    DatelierError
    ├── Malformed         400 malformed
    ├── Unauthenticated   401 auth_required
    ├── Forbidden         403 forbidden
    ├── NotFound          404 not_found         absent and foreign answer the same
    ├── Conflict          409 conflict
    ├── Gone              410 gone
    ├── TooLarge          413 too_large
    ├── Unsupported       415 unsupported
    ├── Invalid           422 validation_failed
    ├── TooMany           429 rate_limited
    ├── BadGateway        502 upstream_failed
    ├── Unavailable       503 unavailable
    └── UpstreamTimeout   504 timeout

A slice subclasses these with a `code` of its own. Anything else that escapes is a bug: the
caller sees only a correlation id.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, TypedDict


class FieldError(TypedDict):
    """One rejected field: `path` like ``config.host``, `message` a sentence."""

    path: str
    message: str


class DatelierError(Exception):
    """An expected failure.

    Args:
        detail: What happened, as a sentence that is safe to show to the caller.
        hint: What the caller can do next.
        errors: The rejected fields, for validation failures.
        resource: The noun concerned, such as ``source``.
        service: The outside service concerned, such as ``openai``.
        retry_after: Seconds after which another try makes sense.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        detail: str,
        *,
        hint: str | None = None,
        errors: Sequence[FieldError] | None = None,
        resource: str | None = None,
        service: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.errors = errors
        self.resource = resource
        self.service = service
        self.retry_after = retry_after

    def problem(self, correlation_id: str) -> dict[str, Any]:
        """Return the RFC 7807 body; fields that are None are left out."""
        body: dict[str, Any] = {
            "type": f"urn:datelier:error:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "hint": self.hint,
            "errors": list(self.errors) if self.errors is not None else None,
            "resource": self.resource,
            "service": self.service,
            "retry_after": self.retry_after,
            "correlation_id": correlation_id,
        }
        return {key: value for key, value in body.items() if value is not None}


class Malformed(DatelierError):
    """The request cannot be read."""

    status, code, title = 400, "malformed", "Malformed request"


class Unauthenticated(DatelierError):
    """No credentials, or credentials that are expired, revoked or wrong."""

    status, code, title = 401, "auth_required", "Sign-in required"


class Forbidden(DatelierError):
    """The object is known to the caller's organization, but the caller's role is too small."""

    status, code, title = 403, "forbidden", "Not permitted"


class NotFound(DatelierError):
    """The object does not exist, or belongs to another organization: both answer the same."""

    status, code, title = 404, "not_found", "Not found"

    def __init__(self, resource: str, key: object = None) -> None:
        del key  # the id is the caller's own input; echoing it would add nothing
        super().__init__(f"No such {resource.replace('_', ' ')}.", resource=resource)


class Conflict(DatelierError):
    """The object is not in the state that the action needs."""

    status, code, title = 409, "conflict", "Conflict"


class Gone(DatelierError):
    """The object existed and has been removed for good."""

    status, code, title = 410, "gone", "Gone"


class TooLarge(DatelierError):
    """The body or file is over the limit."""

    status, code, title = 413, "too_large", "Too large"


class Unsupported(DatelierError):
    """The content type or file format is not supported."""

    status, code, title = 415, "unsupported", "Unsupported format"


class Invalid(DatelierError):
    """The request was read but its values are not acceptable."""

    status, code, title = 422, "validation_failed", "Validation failed"

    @classmethod
    def field(cls, path: str, message: str) -> "Invalid":
        """Return the error for one rejected field."""
        return cls(f"{path}: {message}", errors=[{"path": path, "message": message}])


class TooMany(DatelierError):
    """A rate limit or quota is used up."""

    status, code, title = 429, "rate_limited", "Too many requests"


class BadGateway(DatelierError):
    """An outside service refused or answered with something unusable."""

    status, code, title = 502, "upstream_failed", "Outside service failed"


class Unavailable(DatelierError):
    """Something needed is not there just now."""

    status, code, title = 503, "unavailable", "Temporarily unavailable"


class UpstreamTimeout(DatelierError):
    """An outside service did not answer in time."""

    status, code, title = 504, "timeout", "Timed out"
