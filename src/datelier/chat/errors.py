"""Failures of this slice."""

from datelier.kit.errors import BadGateway, Conflict, DatelierError, Malformed


class StepLimit(DatelierError):
    """The answer took more model calls than a run may make."""

    status, code, title = 422, "step_limit", "Too many steps"


class TimeLimit(DatelierError):
    """The answer took longer than its agent may work on one."""

    status, code, title = 422, "time_limit", "Too long"


class AnswerTooLong(DatelierError):
    """A model went on for longer than one call may, so it probably never ends."""

    status, code, title = 422, "answer_too_long", "Answer too long"


class CostLimit(DatelierError):
    """The answer cost more than its agent may spend on one, or nobody knows what it costs."""

    status, code, title = 422, "cost_limit", "Too expensive"


class NothingToUpdate(Conflict):
    """The answer has no figures that come from a query, or is not finished."""

    code, title = "nothing_to_update", "Nothing to update"


class FiguresUntraced(Conflict):
    """The answer would show a figure without a receipt, which its agent never does."""

    code, title = "figures_untraced", "Figures without a receipt"


class EmptyAnswer(BadGateway):
    """The model ended its turn without a word and without calling a tool."""

    code, title = "empty_answer", "Empty answer"


class BackgroundThread(Conflict):
    """The thread belongs to a run in the background; nobody talks there."""

    code = "thread_is_background"


class NothingSaid(Malformed):
    """The body holds no question."""

    code = "no_message"


class NotRerunnable(Conflict):
    """The run is not the answer to a question."""

    code = "not_rerunnable"


class RerunUnsafe(Conflict):
    """What would be done again is not only reading."""

    code = "rerun_unsafe"
