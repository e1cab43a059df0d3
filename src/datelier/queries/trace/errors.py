"""Why a placeholder could not be filled."""

from typing import Literal

Code = Literal[
    "bad_placeholder",
    "bad_format",
    "no_such_query",
    "no_such_row",
    "no_such_column",
    "no_value",
    "not_a_number",
    "division_by_zero",
    "overflow",
    "truncated",
    "private",
    "constant",
]


class TraceError(Exception):
    """A placeholder that has no value; the message is for the model and for readers."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message
