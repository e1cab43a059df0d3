"""Tables of the channels."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from datelier.kit.db import Base, Tenant


class NotificationPreference(Base, Tenant):
    """How one member is told of what waits for them.

    Attributes:
        kinds: By kind of request, as :class:`datelier.channels.schemas.KindPreference`; what is
            absent is as the product ships.
        time_zone: IANA name; None for UTC.
        digest_at: When the next daily digest is due.
    """

    __tablename__ = "notification_preference"

    person_id: Mapped[UUID]
    kinds: Mapped[dict[str, Any]] = mapped_column(default=dict)
    time_zone: Mapped[str | None]
    digest_hour: Mapped[int] = mapped_column(default=8)
    digest_at: Mapped[datetime]


class Webhook(Base, Tenant):
    """An address that is told of requests.

    Attributes:
        owner_id: The member it belongs to, who chooses kinds in their preferences; None for the
            organization, which is told of what every member may see.
        kinds: Which kinds of requests an organization's webhook is told of.
        secret: Sealed; signs what is sent.
        previous_secret: Signs too until `previous_until`, so that receivers can change over.
    """

    __tablename__ = "webhook"

    owner_id: Mapped[UUID | None]
    name: Mapped[str]
    url: Mapped[str]
    kinds: Mapped[list[Any]] = mapped_column(default=list)
    secret: Mapped[bytes]
    previous_secret: Mapped[bytes | None]
    previous_until: Mapped[datetime | None]
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str] = mapped_column(default="")


class Delivery(Base, Tenant):
    """One notice on its way to one mailbox or webhook.

    Attributes:
        event_key: What the receiver knows the notice by: the same for every attempt.
        channel: ``email``, ``webhook``, or ``event``: who is told is still to be decided.
        once: A notice goes to a target once, whoever makes the row.
        target: The webhook, the person or the event: one attempt at a time each.
        attempts: Raised when an attempt begins, so that only the last may settle it.
        held_until: A process is at it; after that moment another may take over.
        payload: What a webhook is sent. Mails are written when they are sent.
    """

    __tablename__ = "delivery"

    event_key: Mapped[str]
    once: Mapped[str]
    channel: Mapped[str]
    change: Mapped[str]
    target: Mapped[UUID]
    request_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    webhook_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(server_default=func.now())
    held_until: Mapped[datetime | None]
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    last_status: Mapped[int | None]
    last_error: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
