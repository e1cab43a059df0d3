"""Failures of this slice."""

from datelier.kit.errors import Conflict, Forbidden, Invalid


class AlreadyDecided(Conflict):
    """Somebody was faster; the detail says who and when."""

    code = "already_decided"


class RevisionConflict(Conflict):
    """The request has changed since the caller looked at it."""

    code = "revision_conflict"


class DecisionIdReused(Conflict):
    """The decision id came before with another decision."""

    code = "decision_id_reused"


class RequestExpired(Conflict):
    """Nobody decided in time."""

    code = "request_expired"


class RequestWithdrawn(Conflict):
    """What asked for a decision is no longer there."""

    code = "request_withdrawn"


class RequestSuperseded(Conflict):
    """The tool has changed since the request was made; a new one is needed."""

    code = "request_superseded"


class NotYours(Forbidden):
    """The rule for this request excludes the caller."""

    code = "decision_excluded"


class DecisionNotAllowed(Invalid):
    """The request does not offer this kind of decision."""

    code = "decision_not_allowed"


class BulkMixed(Invalid):
    """The requests differ in a way that forbids to decide them together."""

    code = "bulk_mixed"


class ApprovalInvalid(Conflict):
    """The approval does not cover the call that is to be made."""

    code = "approval_invalid"
