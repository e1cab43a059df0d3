"""What is sent of a mail's headers, byte by byte."""

from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP, default
from uuid import UUID

import pytest

from datelier.channels.people import Member
from datelier.channels.schemas import KindPreferences
from datelier.channels.wording import Letter, plain, written
from datelier.kit.settings import Settings
from tests.channels.conftest import SENDER, Town, email

DANA = Member(
    UUID(int=7), "Dana", "dana@example.com", frozenset(), KindPreferences(), None, "Works"
)
INJECTED = "=?utf-8?q?Clean=0D=0ABcc:_evil@example.com=0D=0A=0D=0AAll_is_well?="


def wire(subject: str, name: str = "Dana", public_url: str = "https://example.com") -> bytes:
    """Return a letter as it goes to the mail server."""
    settings = Settings(public_url=public_url, smtp_host="mail", smtp_from=SENDER)
    to = replace(DANA, name=name)
    letter = Letter("key", to, plain(subject), ["Words"], [])
    return written(settings, letter).as_bytes(policy=SMTP)


def sent(subject: str, name: str = "Dana") -> EmailMessage:
    """Return a letter as a mail program reads it."""
    return message_from_bytes(wire(subject, name), policy=default)


@pytest.mark.contract("S71")
async def test_no_title_and_no_name_becomes_a_header(town: Town) -> None:
    await town.choose(town.dana, approval={"email": "now"})
    await town.sql(
        "update person set name = :it where id = :id", it=INJECTED, id=town.dana.actor.id
    )
    await town.ask(title=INJECTED)
    await town.go()
    [letter] = town.mail.letters
    assert letter["Bcc"] is None
    assert [to.addr_spec for to in letter["To"].addresses] == [email(town.dana)]
    assert letter["Subject"] == f"[Datelier] Approval #1: {INJECTED}"
    assert letter["List-Unsubscribe"]


@pytest.mark.parametrize(
    "title",
    [
        "größere für für für é \u2013 für",
        "ü" * 120,
        "日本語の注文" * 12,
        "😀 " * 30,
        "Steward wants to clean orders " * 3,
        "W" * 110,
        "=?utf-8?b?SGVsbG8=?= is what it says",
        "“=?utf-8?b?SGVsbG8=?=”",
    ],
)
def test_a_subject_is_read_as_it_was_said(title: str) -> None:
    subject = f"Approval #12: {plain(title)}"
    assert sent(subject)["Subject"] == f"[Datelier] {subject}"


def test_a_long_address_to_change_notices_stays_an_address() -> None:
    place = f"https://datelier.analytics.{'long-company-name.' * 3}example.com/data"
    head = wire("x", public_url=place).partition(b"\r\n\r\n")[0].replace(b"\r\n ", b"")
    assert f"<{place}/settings/notifications>".encode() in head


@pytest.mark.parametrize(
    "name",
    ["Ada, Bob <x@e.com>", '"', "Ä, x@e.com;", INJECTED, "", "Y'=_ \"]_" + INJECTED, "Ä é " * 30],
)
def test_whatever_a_name_is_there_is_one_address(name: str) -> None:
    letter = sent("x", name)
    assert [to.addr_spec for to in letter["To"].addresses] == [DANA.email]
    said = str(make_header(decode_header(message_from_bytes(wire("x", name))["To"])))
    assert said.startswith(plain(name))
    assert letter.keys().count("Bcc") == 0
