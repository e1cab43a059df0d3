"""Webhooks: their addresses and secrets. Each verb opens its own transaction where it must wait."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import httpx
from sqlalchemy import Select, func, or_, text

from datelier.channels.errors import TooManyWebhooks
from datelier.channels.models import Webhook
from datelier.channels.preferences import person_of
from datelier.channels.schemas import WebhookIn, WebhookMade, WebhookOut, WebhookPatch
from datelier.effects.requests import outgoing_policy
from datelier.identity.audit import record
from datelier.inbox.schemas import Kind
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.errors import Invalid, NotFound
from datelier.kit.guarded_http import checked_addresses
from datelier.kit.ids import uuid7
from datelier.webhooks import new_secret

MANAGE = "webhook:manage"
SEND = "http:send"
OVERLAP = timedelta(hours=24)
_KINDS: tuple[Kind, ...] = ("approval", "question", "review", "problem", "finished", "mention")
_MOST = 20

# Whoever adds one waits until it is known how many there are; the owner is a person or nobody.
_ONE_BY_ONE = text(
    "select pg_advisory_xact_lock(hashtextextended('webhooks:' || :org || ':' || :owner, 0))"
)
_COUNTS = text(
    "select webhook_id, count(*) filter (where status = 'waiting') as waiting, "
    "count(*) filter (where status = 'failed') as failed from delivery "
    "where org_id = :org and webhook_id = any(:ids) group by webhook_id"
)
_GIVE_UP = text(
    "update delivery set status = 'dropped', ended_at = now(), held_until = null, "
    "last_error = 'The webhook was switched off.', updated_at = now() "
    "where org_id = :org and webhook_id = :id and status = 'waiting'"
)


def column(row_id: UUID, org_id: UUID, name: str = "secret") -> str:
    """Return what a sealed secret is bound to."""
    return f"webhook:{row_id}:{name}:{org_id}"


async def check_address(ctx: Context, url: str) -> None:
    """Refuse an address that must not be reached; nothing is sent.

    Raises:
        Invalid: It cannot be read, or is not https.
        AddressRefused: It leads to where webhooks must not go.
    """
    try:
        parsed = httpx.URL(url)
        parsed.host.encode("idna")  # no part of a name is empty, or longer than any may be
    except (httpx.InvalidURL, UnicodeError):
        raise Invalid.field("url", "cannot be read as an address") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise Invalid.field("url", "must be an https address")
    if parsed.userinfo:
        raise Invalid.field("url", "must hold no user and no password")
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    policy = outgoing_policy(ctx.resources.settings)
    if parsed.scheme == "http" and (parsed.host.lower(), port) not in policy.allowed:
        raise Invalid.field("url", "must be an https address, or one that the operator has named")
    try:
        await checked_addresses(parsed.host, port, policy)
    except OSError:
        return  # a name that does not resolve now may do so later; each attempt looks again


async def list_webhooks(ctx: Context) -> list[WebhookOut]:
    """Return the caller's webhooks, and for admins the organization's, oldest first."""
    rows = list((await ctx.session.execute(_mine(ctx).order_by(Webhook.id))).scalars())
    return await _shown(ctx, rows)


def _mine(ctx: Context) -> Select[Webhook]:
    own = Webhook.owner_id == person_of(ctx)
    if MANAGE in ctx.scopes:
        own = or_(own, Webhook.owner_id.is_(None))
    return owned(ctx, Webhook).where(own)


async def get_webhook(ctx: Context, webhook_id: UUID, *, for_update: bool = False) -> Webhook:
    """Return a webhook that the caller manages.

    Raises:
        NotFound: Unknown, foreign, or another person's.
    """
    statement = _mine(ctx).where(Webhook.id == webhook_id)
    if for_update:
        statement = statement.with_for_update()
    row = (await ctx.session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("webhook", webhook_id)
    return row


async def create_webhook(ctx: Context, wanted: WebhookIn) -> WebhookMade:
    """Add a webhook, in a transaction of its own; the secret is in the answer alone.

    Raises:
        Forbidden: The role does not include it.
        Invalid, AddressRefused: The address is not one for webhooks.
        TooManyWebhooks: There are as many as there may be.
    """
    ctx.require(MANAGE if wanted.organization else SEND)
    await check_address(ctx, wanted.url)
    secret = new_secret()
    row = Webhook(
        id=uuid7(),
        owner_id=None if wanted.organization else person_of(ctx),
        name=wanted.name,
        url=wanted.url,
        kinds=_kinds(wanted.kinds) if wanted.organization else [],
    )
    row.secret = ctx.resources.cipher.seal(secret, column(row.id, ctx.org_id))
    async with ctx.begin() as tx:
        turn = {"org": str(tx.org_id), "owner": str(row.owner_id)}
        await tx.session.execute(_ONE_BY_ONE, turn)
        same = owned(tx, Webhook).where(Webhook.owner_id.is_not_distinct_from(row.owner_id))
        count = await tx.session.execute(same.with_only_columns(func.count()))
        if count.scalar_one() >= _MOST:
            raise TooManyWebhooks(
                f"There are {_MOST} webhooks already.", hint="Remove one that is not needed."
            )
        await add_owned(tx, row)
        await record(tx, action="webhook.created", target=("webhook", row.id), detail=_noted(row))
        [shown] = await _shown(tx, [row])
    return WebhookMade(**dict(shown), secret=secret)


def _kinds(wanted: Sequence[Kind] | None) -> list[Kind]:
    return [kind for kind in _KINDS if wanted is None or kind in wanted]


def _noted(row: Webhook) -> dict[str, object]:
    # The path of an address is often a secret itself.
    host = httpx.URL(row.url).host
    return {"name": row.name, "host": host, "organization": row.owner_id is None}


async def update_webhook(ctx: Context, webhook_id: UUID, patch: WebhookPatch) -> WebhookOut:
    """Change a webhook, in a transaction of its own; what waits for it goes where it points now.

    Raises:
        NotFound: Unknown, foreign, or another person's.
        Invalid, AddressRefused: The address is not one for webhooks.
    """
    async with ctx.begin() as tx:
        row = await get_webhook(tx, webhook_id)
        _require(tx, row)
    if patch.url is not None:
        await check_address(ctx, patch.url)
    async with ctx.begin() as tx:
        row = await get_webhook(tx, webhook_id, for_update=True)
        row.name, row.url = patch.name or row.name, patch.url or row.url
        if patch.kinds is not None and row.owner_id is None:
            row.kinds = _kinds(patch.kinds)
        if patch.enabled is not None:
            row.enabled, row.disabled_reason = patch.enabled, ""
            if not patch.enabled:
                await tx.session.execute(_GIVE_UP, {"org": tx.org_id, "id": row.id})
        await tx.session.flush()
        detail = _noted(row) | {"enabled": row.enabled}
        await record(tx, action="webhook.updated", target=("webhook", row.id), detail=detail)
        [shown] = await _shown(tx, [row])
    return shown


def _require(ctx: Context, row: Webhook) -> None:
    ctx.require(MANAGE if row.owner_id is None else SEND)


async def rotate_secret(ctx: Context, webhook_id: UUID) -> WebhookMade:
    """Make a new secret; for a day the one before signs too.

    Raises:
        NotFound: Unknown, foreign, or another person's.
    """
    row = await get_webhook(ctx, webhook_id, for_update=True)
    _require(ctx, row)
    cipher, secret = ctx.resources.cipher, new_secret()
    before = cipher.open(row.secret, column(row.id, ctx.org_id))
    row.previous_secret = cipher.seal(before, column(row.id, ctx.org_id, "previous_secret"))
    row.previous_until = now() + OVERLAP
    row.secret = cipher.seal(secret, column(row.id, ctx.org_id))
    await ctx.session.flush()
    await record(ctx, action="webhook.rotated", target=("webhook", row.id), detail=_noted(row))
    [shown] = await _shown(ctx, [row])
    return WebhookMade(**dict(shown), secret=secret)


async def delete_webhook(ctx: Context, webhook_id: UUID) -> None:
    """Remove a webhook with what waits for it; whoever may add none any more may remove theirs.

    Raises:
        NotFound: Unknown, foreign, or another person's.
    """
    row = await get_webhook(ctx, webhook_id, for_update=True)
    detail = _noted(row)
    await ctx.session.delete(row)
    await ctx.session.flush()
    await record(ctx, action="webhook.deleted", target=("webhook", webhook_id), detail=detail)


async def _shown(ctx: Context, rows: Sequence[Webhook]) -> list[WebhookOut]:
    values = {"org": ctx.org_id, "ids": [row.id for row in rows]}
    found = (await ctx.session.execute(_COUNTS, values)).all() if rows else ()
    counts = {row.webhook_id: (row.waiting, row.failed) for row in found}
    return [_out(row, counts.get(row.id, (0, 0))) for row in rows]


def _out(row: Webhook, counts: tuple[int, int]) -> WebhookOut:
    overlaps = row.previous_until is not None and row.previous_until > now()
    return WebhookOut(
        id=row.id,
        name=row.name,
        url=row.url,
        organization=row.owner_id is None,
        kinds=row.kinds,
        enabled=row.enabled,
        disabled_reason=row.disabled_reason,
        previous_until=row.previous_until if overlaps else None,
        created_at=row.created_at,
        waiting=counts[0],
        failed=counts[1],
    )
