"""Who wants to know that a thread changed, in this process."""

from collections.abc import Callable
from uuid import UUID

from datelier.runs.bus import THREAD, Bus, run_id_of

Notice = Callable[[UUID, str], None]


def thread_word(org_id: UUID, thread_id: UUID, change: str) -> str:
    """Return what is sent over the bus about a change of a thread."""
    return f"{org_id.hex} {thread_id.hex} {change}"


class ThreadViewers:
    """Passes changes of threads on to viewers.

    Clients choose thread ids, so a thread is known by its organization and its id.

    Args:
        bus: Where changes are heard.
    """

    def __init__(self, bus: Bus) -> None:
        self._viewers: dict[tuple[UUID, UUID], set[Notice]] = {}
        bus.on(THREAD, self._changed)
        bus.on_gap.append(self._perhaps_all)

    def add(self, org_id: UUID, thread_id: UUID, notice: Notice) -> None:
        """Call `notice` with the thread and ``message``, ``title`` or ``run`` at each change."""
        self._viewers.setdefault((org_id, thread_id), set()).add(notice)

    def remove(self, org_id: UUID, thread_id: UUID, notice: Notice) -> None:
        """Call `notice` no more."""
        viewers = self._viewers.get((org_id, thread_id), set())
        viewers.discard(notice)
        if not viewers:
            self._viewers.pop((org_id, thread_id), None)

    def _changed(self, word: str) -> None:
        org, _, rest = word.partition(" ")
        key, _, change = rest.partition(" ")
        org_id, thread_id = run_id_of(org), run_id_of(key)
        if org_id is not None and thread_id is not None:
            for notice in tuple(self._viewers.get((org_id, thread_id), ())):
                notice(thread_id, change)

    def _perhaps_all(self) -> None:
        # Changes may have been missed while the connection was down: let everybody look.
        for (_, thread_id), viewers in tuple(self._viewers.items()):
            for notice in tuple(viewers):
                notice(thread_id, "message")
