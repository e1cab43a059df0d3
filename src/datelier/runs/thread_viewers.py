"""Who wants to know that a thread changed, in this process."""

from collections.abc import Callable
from uuid import UUID

from datelier.runs.bus import THREAD, Bus, run_id_of

Notice = Callable[[UUID, str], None]


class ThreadViewers:
    """Passes changes of threads on to viewers.

    Args:
        bus: Where changes are heard.
    """

    def __init__(self, bus: Bus) -> None:
        self._viewers: dict[UUID, set[Notice]] = {}
        bus.on(THREAD, self._changed)
        bus.on_gap.append(self._perhaps_all)

    def add(self, thread_id: UUID, notice: Notice) -> None:
        """Call `notice` with the thread and ``message``, ``title`` or ``run`` at each change."""
        self._viewers.setdefault(thread_id, set()).add(notice)

    def remove(self, thread_id: UUID, notice: Notice) -> None:
        """Call `notice` no more."""
        viewers = self._viewers.get(thread_id, set())
        viewers.discard(notice)
        if not viewers:
            self._viewers.pop(thread_id, None)

    def _changed(self, word: str) -> None:
        key, _, change = word.partition(" ")
        thread_id = run_id_of(key)
        if thread_id is not None:
            for notice in tuple(self._viewers.get(thread_id, ())):
                notice(thread_id, change)

    def _perhaps_all(self) -> None:
        # Changes may have been missed while the connection was down: let everybody look.
        for thread_id, viewers in tuple(self._viewers.items()):
            for notice in tuple(viewers):
                notice(thread_id, "message")
