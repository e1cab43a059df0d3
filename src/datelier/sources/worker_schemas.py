"""What the API takes and gives for workers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class JoinIn(BaseModel):
    """A worker to be; people know it by its name."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\w][\w .@-]*$")] | None = (
        None
    )


class JoinOut(BaseModel):
    """A join token, shown once, and the one command that uses it within 15 minutes.

    `loopback_only` says that the server is reached from its own machine only.
    """

    id: UUID
    name: str
    token: str
    expires_at: datetime
    server: str
    command: str
    loopback_only: bool


class HeldSourceOut(BaseModel):
    """A source whose settings and secret only the worker has."""

    name: str
    engine: str


class WorkerOut(BaseModel):
    """A worker and how it is.

    Attributes:
        state: Connected, finishing what runs, or away.
        health: `failing` when the last thing that went wrong is recent or it was refused.
        upgrade: Which side runs an older version; None when they are the same or unknown.
        platform: It belongs to the installation and serves every organization.
        load: Actions in flight, of `slots` at once; None while it is away.
    """

    id: UUID
    number: int
    name: str
    host: str | None
    state: Literal["online", "draining", "offline"]
    health: Literal["ok", "failing", "away"]
    version: str | None
    upgrade: Literal["worker", "server"] | None
    engines: list[str]
    sources: list[HeldSourceOut]
    slots: int | None
    load: int | None
    platform: bool
    connected_at: datetime | None
    last_seen_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    created_at: datetime
