"""Failures of this slice."""

from datelier.kit.errors import Conflict, DatelierError


class MailNotConfigured(Conflict):
    """This installation sends no mail."""

    code, title = "mail_not_configured", "No mail is sent"


class TooManyWebhooks(Conflict):
    """No more webhooks can be added."""

    code, title = "too_many_webhooks", "Too many webhooks"


class StillWaiting(Conflict):
    """The delivery is on its way already."""

    code, title = "delivery_waiting", "Already on its way"


class MailFailed(DatelierError):
    """A mail could not be handed over.

    Attributes:
        code_of_server: The mail server's reply code, where there was one.
        final: Trying again would meet the same.
    """

    status, code, title = 502, "mail_failed", "Mail not sent"

    def __init__(
        self, detail: str, *, code_of_server: int | None = None, final: bool = False
    ) -> None:
        super().__init__(detail)
        self.code_of_server = code_of_server
        self.final = final
