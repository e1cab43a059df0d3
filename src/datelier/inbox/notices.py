"""How the inbox tells that a request changed; the run engine carries it to every process."""

from typing import Protocol
from uuid import UUID

from datelier.kit.context import Context


class Notices(Protocol):
    """Carries changes of requests to whoever watches the inbox."""

    def tell(self, org_id: UUID, request_id: UUID, change: str) -> None:
        """Say that a request was ``created``, ``updated`` or ``decided``."""
        ...


def notify(ctx: Context, request_id: UUID, change: str) -> None:
    """Tell of a change once the open transaction has committed."""
    notices, org_id = ctx.resources.get(Notices), ctx.org_id
    ctx.on_commit(lambda: notices.tell(org_id, request_id, change))
