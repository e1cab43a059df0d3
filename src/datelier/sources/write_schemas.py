"""What the API takes and gives for the write-enabled connection of a source."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class WriteConnectionIn(BaseModel):
    """As whom approved writes come, and how much one of them may do.

    Attributes:
        user: An account of the database with the right to change rows; not the one that reads.
            A SQLite file has no accounts: there it is left out.
        password: Needed whenever the user changes; left out, the stored one stays.
        rehearse: A preview may run the write and roll it back. Triggers run and locks are taken
            meanwhile, so it is off unless chosen.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    user: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    password: Annotated[SecretStr | None, Field(max_length=1000)] = None
    max_rows: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 30
    rehearse: bool = False


class WriteConnectionOut(BaseModel):
    """The write-enabled connection of a source, without its secret.

    Attributes:
        enabled: Whether approved writes may be made; without it the rest are the defaults.
        user: The account; null where there is none.
    """

    enabled: bool
    user: str | None
    has_password: bool
    max_rows: int
    timeout_seconds: int
    rehearse: bool
