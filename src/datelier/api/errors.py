"""One shape for every failure: RFC 7807 with a stable code and the correlation id.

Expected failures are :class:`DatelierError`; the framework's own are translated to them here.
What is left is a bug: it is logged with its traceback and the caller sees only the id.
"""

import json
from collections.abc import Sequence
from typing import Any, cast

import psycopg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketState

from datelier.kit.errors import (
    DatelierError,
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
)
from datelier.kit.log import get_logger

log = get_logger(__name__)

PROBLEM_TYPE = "application/problem+json"
_MAX_ERRORS = 50
_MAX_PATH = 200
_RETRY_AFTER = {429: 1, 503: 5}
_POLICY_VIOLATION = 1008


class PathUnknown(NotFound):
    """No route has this path."""

    code = "path_unknown"

    def __init__(self) -> None:
        super().__init__("path")


class MethodNotAllowed(DatelierError):
    """The path exists, with other methods."""

    status, code, title = 405, "method_not_allowed", "Method not allowed"


class RequestStalled(DatelierError):
    """A request was not complete in time."""

    status, code, title = 408, "request_stalled", "Request stalled"


class DatabaseUnavailable(Unavailable):
    """The platform database does not answer."""

    code = "database_unavailable"


class Internal(DatelierError):
    """A bug; the caller learns only the id under which it was logged."""


def add_error_handlers(app: FastAPI) -> None:
    """Let every failure of a route be answered in the one shape."""
    app.add_exception_handler(DatelierError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    # The driver's own come from the short ways beside sessions.
    for kind in (OperationalError, InterfaceError, PoolTimeout, psycopg.OperationalError):
        app.add_exception_handler(kind, _database_down)
    # A NUL or half a surrogate pair inside free-form JSON is the caller's, not a bug.
    for kind in (DataError, UnicodeEncodeError):
        app.add_exception_handler(kind, _unstorable)


def correlation_id_of(connection: HTTPConnection) -> str:
    """Return the id under which this request is logged."""
    return str(getattr(connection.state, "correlation_id", ""))


def render(error: DatelierError, correlation_id: str) -> Response:
    """Return the problem response of `error`, with the headers its status calls for."""
    headers: dict[str, str] = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="datelier"'
    wait = error.retry_after or _RETRY_AFTER.get(error.status)
    if wait is not None:
        headers["Retry-After"] = str(wait)
    # ASCII, so that no text of a caller can fail to encode.
    body = json.dumps(error.problem(correlation_id), ensure_ascii=True)
    return Response(body, error.status, headers, PROBLEM_TYPE)


def internal() -> Internal:
    """Return the error that stands for a bug."""
    return Internal(
        "Something went wrong on our side.", hint="Tell your operator the correlation id."
    )


async def _answer(connection: HTTPConnection, error: DatelierError) -> Response:
    response = render(error, correlation_id_of(connection))
    if isinstance(connection, WebSocket):
        if connection.application_state is not WebSocketState.CONNECTING:
            await connection.close(_POLICY_VIOLATION, reason=error.code)
        elif "websocket.http.response" in connection.scope.get("extensions", {}):
            await connection.send_denial_response(response)
        else:
            await connection.close(_POLICY_VIOLATION)
    return response


async def _expected(connection: HTTPConnection, exc: Exception) -> Response:
    error = cast("DatelierError", exc)
    if error.status == 500:
        log.error("unexpected_error", exc_info=exc)
        error = internal()
    return await _answer(connection, error)


async def _invalid(connection: HTTPConnection, exc: Exception) -> Response:
    return await _answer(connection, validation_problem(cast("RequestValidationError", exc)))


def validation_problem(exc: RequestValidationError) -> DatelierError:
    """Return which fields are wrong and why, without any value of the caller's."""
    found: Sequence[dict[str, Any]] = exc.errors()
    if any(error["type"] == "json_invalid" for error in found):
        return Malformed("The body is not valid JSON.")
    for error in found:
        # What no id can be, is not there, as what none is.
        if error["type"] == "uuid_parsing" and error["loc"][0] == "path":
            return NotFound(str(error["loc"][-1]).removesuffix("_id"))
    return Invalid(
        "Some fields are not acceptable.", errors=[_field(error) for error in found[:_MAX_ERRORS]]
    )


def _field(error: dict[str, Any]) -> FieldError:
    place = [str(part) for part in error["loc"]]
    path = ".".join(place[1:] or place)[:_MAX_PATH]
    # The parser's text for identifiers quotes the input.
    message = (
        "Input should be a valid UUID" if error["type"] == "uuid_parsing" else str(error["msg"])
    )
    return {"path": path, "message": message.removeprefix("Value error, ")}


async def _framework(connection: HTTPConnection, exc: Exception) -> Response:
    raised = cast("HTTPException", exc)
    response = await _answer(connection, _translated(raised.status_code))
    if raised.headers and "Allow" in raised.headers:
        response.headers["Allow"] = raised.headers["Allow"]
    return response


def _translated(status: int) -> DatelierError:
    known: dict[int, DatelierError] = {
        400: Malformed("The request cannot be read."),
        401: Unauthenticated("Sign in to continue."),
        403: Forbidden("This is not permitted."),
        404: PathUnknown(),
        405: MethodNotAllowed("This path does not answer that method."),
        408: RequestStalled("The rest of the request did not come."),
        413: TooLarge("The body is too large."),
        415: Unsupported("This content type is not supported."),
        503: Unavailable("The service is not available just now."),
    }
    if status in known:
        return known[status]
    return internal() if status >= 500 else Malformed("The request cannot be handled.")


async def _database_down(request: HTTPConnection, exc: Exception) -> Response:
    log.error("database_unavailable", exc_info=exc)
    return await _answer(request, DatabaseUnavailable("The platform database does not answer."))


async def _unstorable(request: Request, exc: Exception) -> Response:
    log.info("unstorable_value", kind=type(exc).__name__)
    return await _answer(request, Invalid("A text holds a character that cannot be stored."))
