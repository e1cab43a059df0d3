"""Who watches an organization's inbox, in this process; and how changes get to all of them."""

from collections.abc import Callable
from uuid import UUID

from datelier.runs.bus import INBOX, Bus, run_id_of

InboxNotice = Callable[[UUID | None, str], None]


class BusNotices:
    """Carries changes of requests over the bus.

    Args:
        bus: Where they are told.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def tell(self, org_id: UUID, request_id: UUID, change: str) -> None:
        """Say that a request was ``created``, ``updated`` or ``decided``."""
        self._bus.tell_all(INBOX, (f"{org_id.hex} {request_id.hex} {change}",))


class InboxViewers:
    """Passes changes of requests on to viewers.

    Args:
        bus: Where changes are heard.
    """

    def __init__(self, bus: Bus) -> None:
        self._viewers: dict[UUID, set[InboxNotice]] = {}
        bus.on(INBOX, self._changed)
        bus.on_gap.append(self._perhaps_all)

    def add(self, org_id: UUID, notice: InboxNotice) -> None:
        """Call `notice` with the request and the change; with None when any may have changed."""
        self._viewers.setdefault(org_id, set()).add(notice)

    def remove(self, org_id: UUID, notice: InboxNotice) -> None:
        """Call `notice` no more."""
        viewers = self._viewers.get(org_id, set())
        viewers.discard(notice)
        if not viewers:
            self._viewers.pop(org_id, None)

    def _changed(self, word: str) -> None:
        org, _, rest = word.partition(" ")
        key, _, change = rest.partition(" ")
        org_id, request_id = run_id_of(org), run_id_of(key)
        if org_id is not None and request_id is not None:
            for notice in tuple(self._viewers.get(org_id, ())):
                notice(request_id, change)

    def _perhaps_all(self) -> None:
        # Changes may have been missed while the connection was down: let everybody look.
        for viewers in tuple(self._viewers.values()):
            for notice in tuple(viewers):
                notice(None, "updated")
