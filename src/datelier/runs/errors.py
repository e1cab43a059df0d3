"""Failures of this slice."""

from datelier.kit.errors import Conflict, DatelierError, Forbidden, Malformed


class SeqFromTheFuture(Malformed):
    """The viewer claims to have seen parts that do not exist."""

    code = "seq_unknown"


class RunIsPersonal(Forbidden):
    """The run asked or told the caller something, and belongs to somebody else."""

    code = "run_is_personal"


class RunParked(DatelierError):
    """The run ended its process three times and is not tried again."""

    status, code, title = 500, "run_parked", "Run parked"


class WaitedInVain(DatelierError):
    """What the run waited for can no longer be decided."""

    status, code, title = 409, "request_withdrawn", "Request withdrawn"


class RunEnded(Conflict):
    """The run is over, so it can be neither removed nor stopped."""

    code = "run_ended"


class UnknownGraph(DatelierError):
    """The run asks for a graph that this version does not have."""

    status, code, title = 500, "unknown_graph", "Unknown graph"
