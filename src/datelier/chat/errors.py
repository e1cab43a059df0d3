"""Failures of this slice."""

from datelier.kit.errors import BadGateway, DatelierError, Malformed


class StepLimit(DatelierError):
    """The answer took more model calls than a run may make."""

    status, code, title = 422, "step_limit", "Too many steps"


class EmptyAnswer(BadGateway):
    """The model ended its turn without a word and without calling a tool."""

    code, title = "empty_answer", "Empty answer"


class NothingSaid(Malformed):
    """The body holds no question."""

    code = "no_message"
