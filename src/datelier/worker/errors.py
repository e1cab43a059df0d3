"""Failures a worker may report. Nothing else about an exception ever leaves the worker.

WorkerError
└── SqlRefusedError      sql_refused: the parser wall said no
"""

import re
from typing import Final, Literal

import orjson

ErrorCode = Literal[
    "sql_refused",
    "sql_failed",
    "timeout",
    "cancelled",
    "unreachable",
    "auth_failed",
    "limit_exceeded",
    "source_missing",
    "bad_file",
    "internal",
    "worker_leaving",
    "driver_missing",
    "not_written",
]
MESSAGE_MAX: Final = 2000
_URL_PASSWORD: Final = re.compile(r"(\b[\w+.-]+://[^\s/:@]*):[^\s@]*@")
_KEY_PASSWORD: Final = re.compile(r"(?i)\b(password|passwd|pwd|passfile)\s*=\s*('[^']*'|\S+)")


class WorkerError(Exception):
    """An expected failure: a code of the protocol, a sentence for people, perhaps what to do.

    `position` is a 1-based character position in the statement that ran.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        hint: str | None = None,
        position: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = clean(message)
        self.hint = clean(hint) if hint else None
        self.position = position

    def to_json(self) -> str:
        """`{code, message, hint?, position?}` as the protocol wants it."""
        body: dict[str, object] = {"code": self.code, "message": self.message}
        if self.hint:
            body["hint"] = self.hint
        if self.position is not None:
            body["position"] = self.position
        return orjson.dumps(body).decode()


class SqlRefusedError(WorkerError):
    """The statement is not a read-only query; says which construct and what to do instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__("sql_refused", message, hint=hint)


def clean(text: str) -> str:
    """Cut a text to a safe length and blank whatever looks like a credential."""
    text = _URL_PASSWORD.sub(r"\1:***@", text.replace("\0", ""))
    text = _KEY_PASSWORD.sub(r"\1=***", text)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= MESSAGE_MAX else text[: MESSAGE_MAX - 1] + "…"
