"""What is said outside of the app: a request's sentence and where to decide it. Never its data.

No arguments, previews or rows go out: mailboxes and foreign systems have rules of their own.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from datelier.channels.errors import MailFailed
from datelier.channels.headers import new_message
from datelier.channels.people import Member
from datelier.channels.schedule import zone_of
from datelier.inbox.models import Request
from datelier.kit.clock import now
from datelier.kit.settings import Settings

_SUBJECT_MAX = 150
_NAMES = {
    "approval": "Approval",
    "question": "Question",
    "review": "Review",
    "problem": "Problem",
    "finished": "Finished run",
    "mention": "Mention",
}
_CHANGES = {"assigned": "was given to you", "escalated": "was escalated to everybody"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one member.

    Attributes:
        key: The delivery's; the mail's id is made of it, so that a second copy is recognized.
        lines: Paragraphs, before the links.
        links: Label and address.
    """

    key: str
    to: Member
    subject: str
    lines: Sequence[str]
    links: Sequence[tuple[str, str]]


def request_url(settings: Settings, request_id: UUID) -> str:
    """Return the page of a request."""
    return f"{settings.base_url}/inbox/{request_id}"


def plain(words: str) -> str:
    """Return a title on one line: names and titles come from people and models."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


def request_letter(settings: Settings, key: str, to: Member, change: str, row: Request) -> Letter:
    """Return the mail about one request."""
    name = f"{_NAMES[row.kind]} #{row.number}"
    what = _CHANGES.get(change, "waits for you")
    lines = [f"{name} {what}.", plain(row.title)]
    if row.expires_at is not None:
        lines.append(f"Open until {_moment(row.expires_at, to)}.")
    link = ("Look at it", request_url(settings, row.id))
    return Letter(key, to, f"{name}: {plain(row.title)}", lines, [link])


def digest_letter(
    settings: Settings, key: str, to: Member, rows: Sequence[Request], total: int
) -> Letter:
    """Return the daily mail about everything that waits for a member."""
    things = "1 request waits" if total == 1 else f"{total} requests wait"
    links = [
        (f"{_NAMES[row.kind]} #{row.number}: {plain(row.title)}", request_url(settings, row.id))
        for row in rows
    ]
    lines = [f"{things} for you."]
    if total > len(rows):
        lines.append(f"Here are the first {len(rows)}; the inbox has all of them.")
    links.append(("All of them", f"{settings.base_url}/inbox"))
    return Letter(key, to, f"{things} for you", lines, links)


def trial_letter(settings: Settings, key: str, to: Member) -> Letter:
    """Return the mail of a test."""
    lines = ["This is a test. Notices of your inbox reach this address."]
    return Letter(key, to, "Test of notices", lines, [("Inbox", f"{settings.base_url}/inbox")])


def _moment(at: datetime, to: Member) -> str:
    local = at.astimezone(zone_of(to.time_zone))
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def written(settings: Settings, letter: Letter) -> EmailMessage:
    """Return a letter as a message of text and simple HTML.

    Raises:
        MailFailed: The member's address is none that mail can be sent to.
    """
    message = new_message()
    domain = (settings.smtp_from or "").rpartition("@")[2].strip("> ") or "localhost"
    subject = f"[Datelier] {letter.subject}"
    try:
        message["To"] = Address(plain(letter.to.name), addr_spec=letter.to.email)
        message["From"] = settings.smtp_from
        message["Message-ID"] = f"<{letter.key}@{domain}>"
    except (ValueError, IndexError, MessageError):
        raise MailFailed("The address cannot be written to.", final=True) from None
    message["Subject"] = subject if len(subject) <= _SUBJECT_MAX else f"{subject[:149]}…"
    message["Date"] = format_datetime(now())
    message["Auto-Submitted"] = "auto-generated"
    preferences = f"{settings.base_url}/settings/notifications"
    why = f"You are told because you are a member of {plain(letter.to.organization)}."
    message["List-Unsubscribe"] = f"<{preferences}>"
    message.set_content(_text(letter, why, preferences))
    message.add_alternative(_html(letter, why, preferences), subtype="html")
    return message


def _text(letter: Letter, why: str, preferences: str) -> str:
    links = [f"{label}\n{url}" for label, url in letter.links]
    return "\n\n".join([*letter.lines, *links, "-- ", f"{why}\nChange it: {preferences}"]) + "\n"


def _html(letter: Letter, why: str, preferences: str) -> str:
    parts = [f"<p>{html.escape(line)}</p>" for line in letter.lines]
    parts += [
        f'<p><a href="{html.escape(url)}">{html.escape(label)}</a></p>'
        for label, url in letter.links
    ]
    parts.append(
        f'<hr><p><small>{html.escape(why)} <a href="{html.escape(preferences)}">Change it</a>'
        "</small></p>"
    )
    return f'<!doctype html><html><head><meta charset="utf-8"></head><body>{"".join(parts)}</body></html>'


def payload(
    settings: Settings, organization: str, change: str, row: Request, at: datetime
) -> dict[str, Any]:
    """Return what a webhook is sent about a request."""
    return {
        "type": f"request.{change}",
        "timestamp": at.isoformat(),
        "data": {
            "id": str(row.id),
            "number": row.number,
            "kind": row.kind,
            "title": row.title,
            "risk": row.risk,
            "url": request_url(settings, row.id),
            "expires_at": row.expires_at.isoformat() if row.expires_at is not None else None,
            "correlation_id": row.correlation_id,
            "organization": organization,
        },
    }


def trial_payload(settings: Settings, organization: str, at: datetime) -> dict[str, Any]:
    """Return what a webhook is sent as a test."""
    data = {"organization": organization, "url": f"{settings.base_url}/inbox"}
    return {"type": "test", "timestamp": at.isoformat(), "data": data}
