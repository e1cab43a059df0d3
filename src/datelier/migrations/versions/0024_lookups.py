"""Indexes for look-ups that read whole tables: effects of a run, events that may be forgotten."""

from alembic import op

revision = "0024_lookups"
down_revision = "0023_spreading"

_INDEXES = {
    "effect_run": "effect (org_id, run_id)",
    "request_event_spread": "request_event (spread_at) where spread_at is not null",
}


def upgrade() -> None:
    # Outside a transaction, and again from the start when a process died here: an index that was
    # left half-built is invalid and is made anew.
    with op.get_context().autocommit_block():
        # It waits for transactions that are open, and blocks none.
        op.execute("set lock_timeout = 0")
        for name, what in _INDEXES.items():
            op.execute(f"drop index concurrently if exists {name}")
            op.execute(f"create index concurrently {name} on {what}")
        op.execute("set lock_timeout = '5s'")
