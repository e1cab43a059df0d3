"""Handing mail over to the operator's mail server."""

import asyncio
import base64
import smtplib
import socket
import ssl
from contextlib import suppress
from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import urlsplit

from typing_extensions import override

from datelier.channels.errors import MailFailed
from datelier.kit.settings import Settings

_SECONDS: Final = 10.0
# Some servers look into a mail, or hand it on, before they say that they have taken it. Whoever
# leaves by then sends it again, and so on.
_TAKING_S: Final = 60.0
_WHOLE_S: Final = 100.0  # shorter than a delivery's lease
AT_ONCE: Final = 4
_SAID_MAX: Final = 200


class Mailer:
    """Sends mail, a few at a time: threads of the process are for everybody.

    Args:
        settings: Name the mail server.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = asyncio.Semaphore(AT_ONCE)

    @property
    def configured(self) -> bool:
        """Whether there is a mail server."""
        return self._settings.smtp_host is not None

    async def send(self, message: EmailMessage) -> str:
        """Hand a message over; return what the mail server is called.

        Raises:
            MailFailed: It was not taken; the detail says who said what.
        """
        async with self._turns:
            line = _Line()
            end = asyncio.get_running_loop().call_later(_WHOLE_S, line.cut)
            try:
                return await asyncio.to_thread(_send, self._settings, message, line)
            finally:
                end.cancel()
                line.cut()  # when this is cancelled, the thread is not to stay behind


class _Line:
    """The connection of one mail, which can be cut from outside of the thread that uses it."""

    def __init__(self) -> None:
        self.server: smtplib.SMTP | None = None
        self.is_cut = False

    def cut(self) -> None:
        """Let whatever is waited for fail now."""
        self.is_cut = True
        sock = None if self.server is None else self.server.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


class _Patient(smtplib.SMTP):
    """Waits longer for a mail to be taken than for anything else, unless its line is cut."""

    def __init__(self, line: _Line, host: str, port: int, **options: Any) -> None:
        self._line = line
        line.server = self
        super().__init__(host, port, timeout=_SECONDS, **options)

    @override
    def getreply(self) -> tuple[int, bytes]:
        if self._line.is_cut:
            raise TimeoutError
        return super().getreply()

    @override
    def data(self, msg: Any) -> tuple[int, bytes]:
        self._wait(_TAKING_S)
        try:
            return super().data(msg)
        finally:
            self._wait(_SECONDS)

    def _wait(self, seconds: float) -> None:
        if self.sock is not None:
            self.sock.settimeout(seconds)


class _PatientTls(_Patient, smtplib.SMTP_SSL):
    """The same, encrypted from the start."""


def _send(settings: Settings, message: EmailMessage, line: _Line) -> str:
    host, port = settings.smtp_host or "", settings.smtp_port
    place = f"{host}:{port}"
    try:
        server = _opened(settings, host, port, line)
        try:
            if settings.smtp_user and settings.smtp_password:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(message)
            with suppress(smtplib.SMTPException, OSError):
                server.quit()  # the mail is taken, however the good-bye goes
        finally:
            server.close()
    except smtplib.SMTPRecipientsRefused as error:
        [(code, said)] = list(error.recipients.values())[:1]
        raise _refused(settings, place, code, said, final=500 <= code < 600) from None
    except smtplib.SMTPResponseException as error:
        # What is said of this mail can be final; what is said of a sign-in, somebody will mend.
        final = isinstance(error, smtplib.SMTPDataError) and 500 <= error.smtp_code < 600
        raise _refused(settings, place, error.smtp_code, error.smtp_error, final=final) from None
    except smtplib.SMTPNotSupportedError:
        raise MailFailed(f"{place} does not offer what is set: TLS, sign-in or UTF-8.") from None
    except ssl.SSLCertVerificationError as error:
        raise MailFailed(
            f"The certificate of {place} is not trusted: {error.verify_message}."
        ) from None
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        if line.is_cut:
            raise MailFailed(f"{place} did not take it within {_WHOLE_S:.0f} seconds.") from None
        raise MailFailed(f"{place} could not be reached ({type(error).__name__}).") from None
    return place


def _opened(settings: Settings, host: str, port: int, line: _Line) -> smtplib.SMTP:
    name = urlsplit(settings.base_url).hostname or "localhost"
    if settings.smtp_security == "none":
        return _Patient(line, host, port, local_hostname=name)
    ca_file = settings.smtp_ca_file
    tls = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    if settings.smtp_security == "tls":
        return _PatientTls(line, host, port, local_hostname=name, context=tls)
    server = _Patient(line, host, port, local_hostname=name)
    try:
        server.starttls(context=tls)
    except BaseException:
        server.close()
        raise
    return server


def _refused(
    settings: Settings, place: str, code: int, said: bytes | str, *, final: bool = False
) -> MailFailed:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if settings.smtp_password is not None:
        # A server may repeat what it was sent, as AUTH PLAIN and AUTH LOGIN send it.
        secret = settings.smtp_password.get_secret_value()
        for form in (f"\0{settings.smtp_user}\0{secret}", secret):
            words = words.replace(base64.b64encode(form.encode()).decode(), "…")
        words = words.replace(secret, "…")
    words = " ".join("".join(c if c.isprintable() else " " for c in words).split())[:_SAID_MAX]
    return MailFailed(f"{place} answered {code}: {words}", code_of_server=code, final=final)
