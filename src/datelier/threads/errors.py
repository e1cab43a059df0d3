"""Failures of this slice."""

from datelier.kit.errors import Conflict, Invalid


class MessageNotQueued(Conflict):
    """The message is already being answered, or has been."""

    code = "message_not_queued"


class KeyReused(Invalid):
    """The idempotency key came before with another body."""

    code = "idempotency_key_reused"
