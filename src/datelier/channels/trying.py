"""Tests of channels: one real attempt, and what really became of it."""

from time import monotonic
from uuid import UUID

from sqlalchemy import text

from datelier.channels.endpoints import get_webhook
from datelier.channels.errors import MailFailed, MailNotConfigured
from datelier.channels.mailing import Mailer
from datelier.channels.people import find_member
from datelier.channels.posting import outgoing, post
from datelier.channels.preferences import person_of
from datelier.channels.schemas import ChannelTest
from datelier.channels.wording import trial_letter, trial_payload, written
from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.errors import NotFound
from datelier.kit.ids import uuid7

_ORGANIZATION = text("select name from organization where id = :org")


async def try_mail(ctx: Context) -> ChannelTest:
    """Send the caller a mail, now, and return what the mail server said.

    Raises:
        MailNotConfigured: This installation sends no mail.
    """
    settings, person_id = ctx.resources.settings, person_of(ctx)
    if settings.smtp_host is None:
        raise MailNotConfigured(
            "This installation sends no mail.", hint="The operator sets DATELIER_SMTP_HOST."
        )
    async with ctx.begin() as tx:
        member = await find_member(tx, person_id)
        if member is None:
            raise NotFound("member", person_id)
        await record(tx, action="notifications.tested", target=("person", person_id))
    began = monotonic()
    try:
        message = written(settings, trial_letter(settings, f"test_{uuid7().hex}", member))
        place = await Mailer(settings).send(message)
    except MailFailed as error:
        detail, status, ok = error.detail, error.code_of_server, False
    else:
        detail, status, ok = f"{place} has taken the mail for {member.email}.", None, True
    return ChannelTest(ok=ok, detail=detail, status=status, elapsed_ms=_since(began))


async def try_webhook(ctx: Context, webhook_id: UUID) -> ChannelTest:
    """Send a test to a webhook, now, and return what was answered.

    Raises:
        NotFound: Unknown, foreign, or another person's.
    """
    async with ctx.begin() as tx:
        hook = await get_webhook(tx, webhook_id)
        name = (await tx.session.execute(_ORGANIZATION, {"org": tx.org_id})).scalar_one()
        await record(tx, action="webhook.tested", target=("webhook", webhook_id))
        settings = ctx.resources.settings
        body = trial_payload(settings, name, now())
        wanted = outgoing(ctx.resources, hook, f"test_{uuid7().hex}", body)
    began = monotonic()
    done = await post(ctx.resources, wanted)
    return ChannelTest(ok=done.ok, detail=done.detail, status=done.status, elapsed_ms=_since(began))


def _since(began: float) -> int:
    return round((monotonic() - began) * 1000)
