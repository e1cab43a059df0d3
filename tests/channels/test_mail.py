"""Mail servers: encrypted, signed in, refused, absent."""

import asyncio
import base64
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr

from datelier.channels import mailing, trying
from datelier.channels.errors import MailFailed, MailNotConfigured
from datelier.channels.mailing import Mailer
from datelier.channels.schemas import ChannelTest
from datelier.cli.outcome import CommandFailed
from datelier.cli.processes import settings_from
from datelier.kit.settings import Settings
from tests.channels.conftest import Town, email
from tests.channels.sinks import MailServer, mail_server
from tests.support.certificates import loopback_certificate

PASSWORD = "pass-w0rd-of-mail"
LOGIN = ("postman", PASSWORD)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS, and the file of who vouches for it."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = loopback_certificate()
    (folder / "key.pem").write_bytes(key)
    (folder / "cert.pem").write_bytes(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"


async def tried(town: Town, server: MailServer, **change: object) -> ChannelTest:
    settings = town.resources.settings
    settings.smtp_port, settings.smtp_security = server.port, "starttls"
    settings.smtp_user, settings.smtp_password = LOGIN[0], SecretStr(PASSWORD)
    for name, value in change.items():
        setattr(settings, name, value)
    return await trying.try_mail(town.dana)


async def test_mail_goes_over_tls_signed_in(
    town: Town, authority: tuple[ssl.SSLContext, Path]
) -> None:
    tls, ca_file = authority
    async with mail_server(tls, LOGIN) as server:
        done = await tried(town, server, smtp_ca_file=ca_file)
        assert done.ok, done.detail
        assert server.signed_in == [True]
        [letter] = server.to(email(town.dana))
        assert "This is a test" in letter.as_string()


async def test_a_certificate_that_nobody_vouches_for_ends_it(
    town: Town, authority: tuple[ssl.SSLContext, Path]
) -> None:
    async with mail_server(authority[0], LOGIN) as server:
        done = await tried(town, server)
        assert not done.ok
        assert "is not trusted" in done.detail
        assert server.signed_in == []


async def test_a_server_without_tls_gets_no_password(town: Town) -> None:
    async with mail_server(None, LOGIN) as server:
        done = await tried(town, server)
        assert not done.ok
        assert "TLS" in done.detail
        assert server.letters == []


@pytest.mark.parametrize("repeats", [False, True])
async def test_what_a_server_says_is_shown_without_the_password(
    town: Town, authority: tuple[ssl.SSLContext, Path], *, repeats: bool
) -> None:
    tls, ca_file = authority
    async with mail_server(tls, ("postman", "another")) as server:
        server.repeats = repeats
        done = await tried(town, server, smtp_ca_file=ca_file)
        assert (done.ok, done.status) == (False, 535)
        assert "wrong: " in done.detail
        assert PASSWORD not in done.detail
        sent = base64.b64encode(f"\0{LOGIN[0]}\0{PASSWORD}".encode()).decode()
        assert sent not in done.detail


async def test_a_mailbox_that_is_not_there_is_given_up_at_once(town: Town) -> None:
    await town.choose(town.dana, approval={"email": "now"})
    town.mail.refuse = (550, "no such mailbox")
    await town.ask()
    await town.go()
    [(status, attempts, error)] = await town.deliveries()
    assert (status, attempts) == ("failed", 1)
    assert "550" in error
    assert "no such mailbox" in error


@pytest.mark.contract("S46")
async def test_a_server_that_is_away_is_tried_again_under_the_same_id(town: Town) -> None:
    await town.choose(town.dana, approval={"email": "now"})
    port, town.resources.settings.smtp_port = town.resources.settings.smtp_port, 9
    await town.ask()
    await town.go()
    [(status, attempts, error)] = await town.deliveries()
    assert (status, attempts) == ("waiting", 1)
    assert "could not be reached" in error
    town.resources.settings.smtp_port = port
    await town.later()
    [(status, attempts, error)] = await town.deliveries()
    assert (status, attempts, error) == ("delivered", 2, "")
    [letter] = town.mail.letters
    await town.sql("update delivery set status = 'waiting', ended_at = null")
    await town.later()
    assert town.mail.letters[-1]["Message-ID"] == letter["Message-ID"]


async def test_a_mail_server_that_answers_nobody_keeps_no_webhook_waiting(town: Town) -> None:
    await town.add_hook(town.dana)
    for name in ("Eve", "Finn", "Gil", "Hal", "Ida", "Jo"):
        await town.choose(await town.person(name), approval={"email": "now"})
    await town.ask()
    town.mail.gate.clear()
    await town.deliverer.look_once()
    held = "select channel, count(*) from delivery where held_until > now() group by 1 order by 1"
    # No more mails than are sent at once: the others' time must not run out while they queue.
    assert [tuple(row) for row in await town.sql(held)] == [("email", 4), ("webhook", 1)]
    assert await town.deliverer.look_once() == 0
    town.mail.gate.set()
    await town.deliverer.settle_all()
    await town.go()
    assert len(town.mail.letters) == 6
    assert len(town.hook.seen) == 1


async def test_without_a_mail_server_that_is_said_and_nothing_is_stored(town: Town) -> None:
    town.resources.settings.smtp_host = None
    await town.choose(town.dana, approval={"email": "now"})
    await town.ask()
    await town.go()
    assert await town.deliveries() == []
    with pytest.raises(MailNotConfigured, match="sends no mail"):
        await trying.try_mail(town.dana)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"smtp_host": "mail"}, "DATELIER_SMTP_FROM"),
        (
            {"smtp_host": "m", "smtp_from": "a@b", "smtp_password": "x", "smtp_security": "none"},
            "starttls or tls",
        ),
        ({"smtp_port": "0"}, "--smtp-port"),
    ],
)
def test_half_a_configuration_is_refused_at_start(given: dict[str, str], said: str) -> None:
    with pytest.raises(CommandFailed, match=said):
        settings_from(**given)


def test_what_is_empty_in_the_environment_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = ("SMTP_HOST", "SMTP_USER", "SMTP_PASSWORD", "SMTP_FROM", "SMTP_CA_FILE", "DATABASE_URL")
    for name in empty:
        monkeypatch.setenv(f"DATELIER_{name}", "")
    settings = Settings()
    assert [getattr(settings, name.lower()) for name in empty] == [None] * 6
    assert not Mailer(settings).configured


async def test_a_server_that_looks_into_a_mail_first_is_sent_it_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "_SECONDS", 0.5)
    town.mail.slow = 1
    await town.choose(town.dana, approval={"email": "now"})
    await town.ask()
    await town.go()
    assert await town.deliveries() == [("delivered", 1, "")]
    assert len(town.mail.letters) == 1


@asynccontextmanager
async def endless(settings: Settings) -> AsyncGenerator[tuple[asyncio.Event, asyncio.Event]]:
    """A mail server whose greeting never ends; the events say that somebody came, and left."""
    came, left = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        gone = asyncio.ensure_future(reader.read())
        while not gone.done():
            writer.write(b"220-and\r\n")
            await asyncio.wait([gone], timeout=0.05)
        left.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    settings.smtp_port = server.sockets[0].getsockname()[1]
    try:
        yield came, left
    finally:
        server.close()


def trial(town: Town) -> EmailMessage:
    message = EmailMessage()
    message["From"] = message["To"] = town.resources.settings.smtp_from
    return message


async def test_a_server_that_never_ends_its_answer_is_left(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "_WHOLE_S", 0.5)
    async with endless(town.resources.settings) as (_, left):
        with pytest.raises(MailFailed, match="did not take it"):
            await Mailer(town.resources.settings).send(trial(town))
        await left.wait()


async def test_a_mail_that_is_cancelled_leaves_no_thread_behind(town: Town) -> None:
    async with endless(town.resources.settings) as (came, left):
        sending = asyncio.create_task(Mailer(town.resources.settings).send(trial(town)))
        await came.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await left.wait()


def test_links_lead_to_an_address_of_either_kind() -> None:
    assert Settings(host="127.0.0.1", port=1).base_url == "http://127.0.0.1:1"
    assert Settings(host="::1", port=1).base_url == "http://[::1]:1"
    assert Settings(host="::1", public_url="https://example.com/").base_url == "https://example.com"
