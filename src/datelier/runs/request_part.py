"""A request as it stands in a run's log; the newest part with its id counts."""

from datelier.inbox.models import Request
from datelier.runs.fold import Part
from datelier.runs.stamp import stamp


def request_part(row: Request) -> Part:
    """Return the part that shows a request in a chat."""
    data = {
        "id": str(row.id),
        "number": row.number,
        "kind": row.kind,
        "status": row.status,
        "title": row.title,
        "risk": row.risk,
        "revision": row.revision,
        "actions": [
            {
                "id": action["id"],
                "name": action["name"],
                "args": action.get("args"),
                "tool_call_id": action.get("tool_call_id"),
            }
            for action in row.actions
        ],
        "decided_by": row.decided_by_name,
        "decided_at": stamp(row.decided_at) if row.decided_at else None,
        "note": row.note or None,
    }
    return {"type": "data-request", "id": str(row.id), "data": data}
