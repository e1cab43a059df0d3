"""The verbs of the inbox, under one name. Each needs an open transaction."""

from datelier.inbox.approvals import Call, Verdict, consume, verdicts
from datelier.inbox.deciding import Decided, actions_of, decide
from datelier.inbox.endings import (
    due_requests,
    end_request,
    expire,
    interrupts_of_run,
    pending_of_run,
    waiting_of_run,
    wake,
)
from datelier.inbox.handling import assign, escalate, mark_read, snooze
from datelier.inbox.opening import NewRequest, Waiter, open_request
from datelier.inbox.views import (
    count_requests,
    describe,
    detail,
    get_request,
    list_requests,
)
from datelier.inbox.visibility import get_visible

__all__ = [
    "Call",
    "Decided",
    "NewRequest",
    "Verdict",
    "Waiter",
    "actions_of",
    "assign",
    "consume",
    "count_requests",
    "decide",
    "describe",
    "detail",
    "due_requests",
    "end_request",
    "escalate",
    "expire",
    "get_request",
    "get_visible",
    "interrupts_of_run",
    "list_requests",
    "mark_read",
    "open_request",
    "pending_of_run",
    "snooze",
    "verdicts",
    "waiting_of_run",
    "wake",
]
