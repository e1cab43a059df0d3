"""Indexes of tables that may be large by now, built while they are in use."""

from alembic import op

revision = "0014_indexes"
down_revision = "0013_limits"

_INDEXES = {
    "run_agent": "run (org_id, agent_id, created_at)",
    "run_parent": "run (org_id, parent_run_id) where parent_run_id is not null",
    # Runs in the background that have ended, for those whose end is yet to reach the inbox.
    "run_background": "run (finished_at) "
    "where kind = 'background' and status in ('succeeded', 'failed')",
    # A request's history is read from the audit log.
    "audit_entry_target": "audit_entry (org_id, target_kind, target_id)",
    "llm_usage_at": "llm_usage (org_id, created_at)",
    "llm_usage_run": "llm_usage (org_id, run_id) where run_id is not null",
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
