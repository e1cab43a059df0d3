"""HTTP doors of notices, webhooks and deliveries."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from datelier.channels import deliveries, endpoints, preferences, trying
from datelier.channels.schemas import (
    ChannelTest,
    DeliveryOut,
    DeliveryStatus,
    NoticeOut,
    NotificationsIn,
    NotificationsOut,
    WebhookIn,
    WebhookMade,
    WebhookOut,
    WebhookPatch,
)
from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.pagination import MAX_LIMIT, Page

router = APIRouter(tags=["notifications"])

Reader = Annotated[Context, needs("request:get")]
Sender = Annotated[Context, needs("http:send")]
Costly = Annotated[Context, needs("http:send", session=False, costly=True)]


@router.get("/notifications")
async def get_notifications(ctx: Reader) -> NotificationsOut:
    """Return where you are told of which kind of requests, and whether mail is sent at all."""
    return await preferences.get_notifications(ctx)


@router.put("/notifications")
async def save_notifications(ctx: Reader, body: NotificationsIn) -> NotificationsOut:
    """Choose where you are told of which kind of requests."""
    return await preferences.save_notifications(ctx, body)


@router.post("/notifications/test")
async def test_mail(
    ctx: Annotated[Context, needs("request:get", session=False, costly=True)],
) -> ChannelTest:
    """Send yourself a mail now; the answer says what the mail server said."""
    return await trying.try_mail(ctx)


@router.get("/notifications/requests/{request_id}")
async def get_notice(request_id: UUID, ctx: Reader) -> NoticeOut:
    """Return whether your browser is to tell you of a request, and its sentence."""
    return await preferences.get_notice(ctx, request_id)


@router.get("/webhooks")
async def list_webhooks(ctx: Reader) -> Page[WebhookOut]:
    """List your webhooks; admins see the organization's too."""
    return Page[WebhookOut](data=await endpoints.list_webhooks(ctx))


@router.post("/webhooks", status_code=status.HTTP_201_CREATED)
async def create_webhook(ctx: Costly, body: WebhookIn) -> WebhookMade:
    """Add a webhook; its secret is in this answer alone."""
    return await endpoints.create_webhook(ctx, body)


@router.patch("/webhooks/{webhook_id}")
async def update_webhook(ctx: Costly, webhook_id: UUID, body: WebhookPatch) -> WebhookOut:
    """Change a webhook, or switch it on or off."""
    return await endpoints.update_webhook(ctx, webhook_id, body)


@router.post("/webhooks/{webhook_id}/rotate")
async def rotate_webhook(ctx: Sender, webhook_id: UUID) -> WebhookMade:
    """Make a new secret; for a day the one before signs too."""
    return await endpoints.rotate_secret(ctx, webhook_id)


@router.post("/webhooks/{webhook_id}/test")
async def test_webhook(ctx: Costly, webhook_id: UUID) -> ChannelTest:
    """Send a test now; the answer says what was answered."""
    return await trying.try_webhook(ctx, webhook_id)


@router.delete("/webhooks/{webhook_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_webhook(ctx: Reader, webhook_id: UUID) -> None:
    """Remove a webhook of yours, or as an admin the organization's, with what waits for it."""
    await endpoints.delete_webhook(ctx, webhook_id)


@router.get("/deliveries")
async def list_deliveries(
    ctx: Reader,
    webhook_id: UUID | None = None,
    status: DeliveryStatus | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
) -> Page[DeliveryOut]:
    """List notices to you and your webhooks with their attempts, newest first."""
    return await deliveries.list_deliveries(
        ctx, webhook_id=webhook_id, status=status, cursor=cursor, limit=limit
    )


@router.post("/deliveries/{delivery_id}/redeliver")
async def redeliver(ctx: Sender, delivery_id: UUID) -> DeliveryOut:
    """Send a notice again under the same id; receivers know what they have had."""
    return await deliveries.redeliver(ctx, delivery_id)
