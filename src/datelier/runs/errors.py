"""Failures of this slice."""

from datelier.kit.errors import Conflict, DatelierError, Forbidden, Malformed


class SeqFromTheFuture(Malformed):
    """The viewer claims to have seen parts that do not exist."""

    code = "seq_unknown"


class RunIsPersonal(Forbidden):
    """The run asked or told the caller something, and belongs to somebody else."""

    code = "run_is_personal"


_TIMES = {3: "three", 4: "four", 5: "five", 6: "six"}


class RunParked(DatelierError):
    """A step of the run has ended its process so often that it is not tried again.

    Args:
        times: How often.
    """

    status, code, title = 500, "run_parked", "Run parked"

    def __init__(self, times: int) -> None:
        super().__init__(
            f"This run ended its process {_TIMES.get(times, times)} times in one step, "
            "so it is not tried again.",
            hint="Ask again, perhaps for less at once, or look at the server's log.",
        )


class WaitedInVain(DatelierError):
    """What the run waited for can no longer be decided."""

    status, code, title = 409, "request_withdrawn", "Request withdrawn"


class StarterGone(Forbidden):
    """Whoever started the run is no longer a member, so that it may do nothing more.

    Args:
        name: Who that was.
    """

    code, title = "starter_gone", "No longer a member"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} started this and is no longer a member, so it was not carried on.",
            hint="Ask again yourself, if it is still needed.",
        )


class RunEnded(Conflict):
    """The run is over, so it can be neither removed nor stopped."""

    code = "run_ended"


class UnknownGraph(DatelierError):
    """The run asks for a graph that this version does not have."""

    status, code, title = 500, "unknown_graph", "Unknown graph"
