"""What goes over the wire about notices, webhooks and deliveries."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator

from datelier.inbox.schemas import Kind

EmailMode = Literal["off", "now", "daily"]
Channel = Literal["email", "webhook", "event"]
DeliveryStatus = Literal["waiting", "delivered", "failed", "dropped"]
Change = Literal["opened", "assigned", "escalated", "digest"]

Name = Annotated[str, Field(min_length=1, max_length=100)]
Url = Annotated[str, Field(min_length=1, max_length=2000)]


class KindPreference(BaseModel):
    """Where one is told of one kind of requests.

    Attributes:
        browser: A notification while a tab of the app is open.
        email: Never, at once, or in one mail a day.
        webhook: To one's own webhooks.
    """

    model_config = ConfigDict(extra="forbid")

    browser: bool = True
    email: EmailMode = "daily"
    webhook: bool = True


class KindPreferences(BaseModel):
    """All kinds; what is left out is as the product ships."""

    model_config = ConfigDict(extra="forbid")

    approval: KindPreference = KindPreference()
    question: KindPreference = KindPreference()
    review: KindPreference = KindPreference()
    problem: KindPreference = KindPreference()
    finished: KindPreference = KindPreference(email="off")
    mention: KindPreference = KindPreference()

    def of(self, kind: str) -> KindPreference:
        """Return what holds for a kind."""
        found: KindPreference = getattr(self, kind)
        return found


class NotificationsIn(BaseModel):
    """How the caller wants to be told.

    Attributes:
        time_zone: IANA name; null for UTC.
        digest_hour: Hour of the day, in that zone, from which the digest is sent.
    """

    model_config = ConfigDict(extra="forbid")

    kinds: KindPreferences
    time_zone: Annotated[str | None, Field(max_length=100)] = None
    digest_hour: int = Field(default=8, ge=0, le=23)

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            raise ValueError("is no time zone that is known here")
        return value


class MailOut(BaseModel):
    """Whether this installation sends mail.

    Attributes:
        sender: Whom notices come from; null where no mail is sent.
        to: The caller's address.
    """

    configured: bool
    sender: str | None
    to: str | None


class NotificationsOut(NotificationsIn):
    """How the caller is told, and through what."""

    mail: MailOut


class NoticeOut(BaseModel):
    """Whether the browser of the caller is to tell of a request, and in which words."""

    tell: bool
    id: UUID
    number: int
    kind: Kind
    title: str


class ChannelTest(BaseModel):
    """What really became of a test.

    Attributes:
        status: Of the answer, where there was one.
    """

    ok: bool
    detail: str
    status: int | None = None
    elapsed_ms: int


class WebhookIn(BaseModel):
    """A new webhook.

    Attributes:
        organization: Told of what every member may see; otherwise of what waits for the caller.
        kinds: Of an organization's webhook; all when left out.
    """

    model_config = ConfigDict(extra="forbid")

    name: Name
    url: Url
    organization: bool = False
    kinds: Annotated[list[Kind] | None, Field(max_length=6)] = None


class WebhookPatch(BaseModel):
    """What changes of a webhook."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    url: Url | None = None
    kinds: Annotated[list[Kind] | None, Field(max_length=6)] = None
    enabled: bool | None = None


class WebhookOut(BaseModel):
    """A webhook as those who manage it see it; its secret is shown when it is made.

    Attributes:
        disabled_reason: Why the product switched it off; empty otherwise.
        previous_until: Until when the secret before signs too.
        waiting: Deliveries on their way.
        failed: Deliveries that were given up.
    """

    id: UUID
    name: str
    url: str
    organization: bool
    kinds: list[Kind]
    enabled: bool
    disabled_reason: str
    previous_until: datetime | None
    created_at: datetime
    waiting: int = 0
    failed: int = 0


class WebhookMade(WebhookOut):
    """A webhook with its secret, which cannot be had again."""

    secret: str


class DeliveryOut(BaseModel):
    """One notice on its way.

    Attributes:
        event_key: What the receiver knows it by; the same for every attempt.
        channel: ``event`` where it could not be decided yet who is told, and how.
        next_at: When it is tried again, while it waits.
        last_error: What the last attempt met, as a sentence; empty after success.
    """

    id: UUID
    event_key: str
    channel: Channel
    change: Change
    webhook_id: UUID | None
    request_id: UUID | None
    title: str
    status: DeliveryStatus
    attempts: int
    next_at: datetime | None
    last_status: int | None
    last_error: str
    created_at: datetime
    ended_at: datetime | None
