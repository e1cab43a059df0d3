"""What can go wrong between a question and the data, named.

NeverRead         404 catalog_unread  nobody has been able to look at the source yet
NoWorker          503 no_worker       nobody is attached who could reach the source
WorkerLost        502 worker_lost     the worker went away in the middle of an action
WorkerLeaving     503 worker_leaving  the worker takes nothing new, because it is being stopped
ActionFailed      502 worker_failed   the worker answered, but not with a result
├── SqlRefused    422 sql_refused
├── SqlFailed     422 sql_failed
├── LimitExceeded 422 limit_exceeded
├── BadFile       422 bad_file
├── SourceMissing 404 source_missing
├── Cancelled     409 cancelled
├── DriverMissing 503 driver_missing
├── NotWritten    409 not_written
├── Unreachable   502 unreachable
├── SignInRefused 502 auth_failed
└── ActionTimeout 504 timeout
"""

from typing import Any, Final

import orjson

from datelier.kit.errors import DatelierError, NotFound, Unavailable


class NoWorker(Unavailable):
    """No worker is connected that holds the source."""

    code, title = "no_worker", "No worker available"

    def __init__(self, held: str | None = None) -> None:
        super().__init__(
            "No data worker is connected that could read this source."
            if held is None
            else f"No connected data worker holds the source {held!r}.",
            hint="Start one with `datelier worker start`.",
            retry_after=5,
        )


class NeverRead(NotFound):
    """Nobody has been able to look at the source yet, so its tables are not known.

    Args:
        last_error: What the last attempt met.
    """

    status, code, title = 404, "catalog_unread", "Not read yet"

    def __init__(self, last_error: str | None) -> None:
        super().__init__("catalog")
        self.detail = "The tables of this source have not been read yet."
        self.hint = last_error or "Refresh reads them."


class ActionFailed(DatelierError):
    """A worker could not perform an action.

    Args:
        detail: What happened, in the worker's words.
        hint: What can be done about it.
        position: 1-based character position in the statement, when the database names one.
    """

    status, code, title = 502, "worker_failed", "The data worker failed"

    def __init__(
        self,
        detail: str,
        *,
        hint: str | None = None,
        position: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail, hint=hint, retry_after=retry_after)
        self.position = position

    def as_error(self) -> dict[str, Any]:
        """Return `{code, message, hint?, position?}`, as query versions and the wire carry it."""
        body = {
            "code": self.code,
            "message": self.detail,
            "hint": self.hint,
            "position": self.position,
        }
        return {key: value for key, value in body.items() if value is not None}


class WorkerLost(ActionFailed):
    """The worker's stream ended before its answer was complete."""

    status, code, title = 502, "worker_lost", "The data worker went away"

    def __init__(self) -> None:
        super().__init__(
            "The data worker disconnected before the answer was complete.",
            hint="Try again; if it happens again, look at the worker's log.",
        )


class WorkerLeaving(ActionFailed):
    """The worker takes nothing new, because it is being stopped."""

    status, code, title = 503, "worker_leaving", "The data worker is being stopped"

    def __init__(self) -> None:
        super().__init__("The data worker is being stopped.", hint="Try again.", retry_after=5)


class SqlRefused(ActionFailed):
    """The statement is not a single read-only query of allowed parts."""

    status, code, title = 422, "sql_refused", "Statement refused"


class SqlFailed(ActionFailed):
    """The database could not run the statement."""

    status, code, title = 422, "sql_failed", "Statement failed"


class LimitExceeded(ActionFailed):
    """The statement needs more memory or bytes than is allowed."""

    status, code, title = 422, "limit_exceeded", "Limit exceeded"


class BadFile(ActionFailed):
    """A file cannot be read as what it claims to be."""

    status, code, title = 422, "bad_file", "File not readable"


class SourceMissing(ActionFailed):
    """The table, file or database is not there."""

    status, code, title = 404, "source_missing", "Not found at the source"


class Cancelled(ActionFailed):
    """The action was stopped on request."""

    status, code, title = 409, "cancelled", "Cancelled"


class DriverMissing(ActionFailed):
    """The driver of an extra engine is not installed beside the worker."""

    status, code, title = 503, "driver_missing", "Driver not installed"


class NotWritten(ActionFailed):
    """A write was not made, for certain."""

    status, code, title = 409, "not_written", "Nothing was changed"


class Unreachable(ActionFailed):
    """The worker cannot reach the database."""

    status, code, title = 502, "unreachable", "Source unreachable"


class SignInRefused(ActionFailed):
    """The database refused the account."""

    status, code, title = 502, "auth_failed", "Sign-in refused by the source"


class ActionTimeout(ActionFailed):
    """The action took longer than allowed and was cancelled."""

    status, code, title = 504, "timeout", "Timed out"


TIMEOUT_HINT: Final = (
    "Check that the worker is connected and its log, and that the source is reachable from it; "
    "then ask for less, or allow more time."
)

_KINDS: Final[dict[str, type[ActionFailed]]] = {
    kind.code: kind
    for kind in (
        SqlRefused,
        SqlFailed,
        LimitExceeded,
        BadFile,
        SourceMissing,
        Cancelled,
        DriverMissing,
        NotWritten,
        Unreachable,
        SignInRefused,
        ActionTimeout,
    )
}


def action_error(error_json: str) -> ActionFailed | NoWorker:
    """Return the typed error of a worker's or replica's error text; unknown codes are its failure.

    Args:
        error_json: JSON `{code, message, hint?, position?}`; anything else is kept out of sight.
    """
    try:
        body: dict[str, Any] = dict(orjson.loads(error_json))
        code, message = str(body["code"]), str(body["message"])[:2000]
    except (ValueError, KeyError, TypeError):
        return ActionFailed("The data worker failed without a readable reason.")
    if code == NoWorker.code:
        return NoWorker()
    if code == WorkerLost.code:
        return WorkerLost()
    if code == WorkerLeaving.code:
        return WorkerLeaving()
    hint, position = body.get("hint"), body.get("position")
    kind = _KINDS.get(code, ActionFailed)
    if hint is None and kind is ActionTimeout:
        hint = TIMEOUT_HINT
    return kind(
        message,
        hint=str(hint)[:2000] if hint is not None else None,
        position=position if isinstance(position, int) else None,
    )


class UploadStalled(DatelierError):
    """The sender of a file stopped sending."""

    status, code, title = 408, "upload_stalled", "Upload stalled"


class DiskFull(Unavailable):
    """There is no room for more files."""

    code, title = "disk_full", "No disk space left"
