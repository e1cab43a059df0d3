"""What a MySQL or MariaDB server refuses, as the protocol reports it."""

from typing import Final

from datelier.worker.errors import ErrorCode, WorkerError

_LATER: Final = "Narrow the query down, or try again later."
_ROLE: Final = "The database user of this source may not do that."
_NUMBERS: Final[dict[int, tuple[ErrorCode, str | None, str | None]]] = {
    # timeouts and cancellation
    1317: ("cancelled", "The query was cancelled.", None),
    1969: ("timeout", "The query took longer than allowed.", _LATER),  # MariaDB
    3024: ("timeout", "The query took longer than allowed.", _LATER),  # MySQL
    1205: ("timeout", "A table stayed locked by others.", _LATER),
    1907: ("timeout", "A table stayed locked by others.", _LATER),
    # the walls
    1792: ("sql_refused", None, "The transaction is read-only."),
    1290: ("sql_refused", None, "The server does not allow it."),
    1295: ("sql_refused", "Only a query can run here.", "Write one SELECT."),
    # rights
    1044: ("sql_failed", None, _ROLE),
    1142: ("sql_failed", None, _ROLE),
    1143: ("sql_failed", None, _ROLE),
    1227: ("sql_failed", None, _ROLE),
    1370: ("sql_failed", None, _ROLE),
    # signing in
    1045: ("auth_failed", None, "Check user and password, and from which hosts the user may come."),
    1130: ("auth_failed", None, "Allow this worker's address for the user on the server."),
    1698: ("auth_failed", None, "Check how the user signs in (its authentication plugin)."),
    1820: ("auth_failed", None, "The password has expired: set a new one on the server."),
    1862: ("auth_failed", None, "The password has expired: set a new one on the server."),
    3118: ("auth_failed", None, "The account is locked: ALTER USER … ACCOUNT UNLOCK."),
    4151: ("auth_failed", None, "The account is locked: ALTER USER … ACCOUNT UNLOCK."),
    1049: ("unreachable", None, "Check the name of the database."),
    # the server
    1040: ("limit_exceeded", None, _LATER),
    1203: ("limit_exceeded", None, _LATER),
    1226: ("limit_exceeded", None, _LATER),
    1021: ("limit_exceeded", None, _LATER),
    1037: ("limit_exceeded", None, _LATER),
    1038: ("limit_exceeded", None, _LATER),
    1041: ("limit_exceeded", None, _LATER),
    1114: ("limit_exceeded", None, _LATER),
    1116: ("limit_exceeded", None, "Join fewer tables in one query."),
    1117: ("limit_exceeded", None, "Select fewer columns in one query."),
    1153: ("limit_exceeded", None, _LATER),
    3636: ("limit_exceeded", None, "End the recursion with a condition in its WHERE."),
    1053: ("unreachable", "The server is shutting down.", None),
    1927: ("unreachable", "The server closed the connection.", None),
    1152: ("unreachable", "The server closed the connection.", None),
}


class ServerError(Exception):
    """An error packet: the server's number and its text."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        self.message = message

    @classmethod
    def read(cls, packet: bytes) -> "ServerError":
        """From the packet: 0xff, a number, perhaps `#` and a state, the message."""
        number = packet[1] | packet[2] << 8
        text = packet[9:] if packet[3:4] == b"#" else packet[3:]
        return cls(number, text.decode("utf-8", "replace"))


def failure(error: ServerError) -> WorkerError:
    """The server's refusal as the protocol reports it; its text is the server's own."""
    code, fixed, hint = _NUMBERS.get(error.number) or ("sql_failed", None, None)
    return WorkerError(code, fixed or error.message, hint=hint)


def lost() -> WorkerError:
    """The connection went away."""
    return WorkerError("unreachable", "The connection to the database was lost.")
