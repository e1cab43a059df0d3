"""Runs: claimed by lease and epoch, their event log, and the graph checkpoints."""

from alembic import op

from datelier.migrations.tenancy import protect, tenant_table

revision = "0008_runs"
down_revision = "0007_threads"


def upgrade() -> None:
    tenant_table(
        "run",
        columns="""
            graph text not null,
            thread_id uuid,
            message_id uuid,
            user_message_id uuid,
            model_id uuid,
            actor jsonb not null,
            input jsonb not null default '{}',
            status text not null default 'queued'
                check (status in ('queued', 'running', 'waiting', 'paused', 'succeeded', 'failed', 'cancelled')),
            attempt int not null default 0,
            epoch bigint not null default 0,
            lease_owner text,
            lease_until timestamptz,
            available_at timestamptz not null default now(),
            stop_requested_at timestamptz,
            last_seq int not null default -1,
            step_seq int not null default -1,
            usage jsonb not null default '{}',
            error jsonb,
            started_at timestamptz,
            finished_at timestamptz
        """,
        constraints="""
            foreign key (org_id, thread_id) references thread (org_id, id) on delete cascade,
            foreign key (org_id, model_id) references model (org_id, id)
        """,
    )
    op.execute("create index run_ready on run (org_id, available_at) where status = 'queued'")
    op.execute("create index run_lease on run (lease_until) where status = 'running'")
    op.execute("create index run_thread on run (org_id, thread_id, created_at)")
    # A chat thread has one active run; further messages wait in the queue.
    op.execute(
        "create unique index run_one_active on run (org_id, thread_id) "
        "where status in ('running', 'waiting', 'paused') and thread_id is not null"
    )
    op.execute(
        """
        create table run_event (
            org_id uuid not null references organization (id) on delete cascade,
            run_id uuid not null,
            seq int not null,
            part jsonb not null,
            at timestamptz not null default now(),
            primary key (run_id, seq),
            foreign key (org_id, run_id) references run (org_id, id) on delete cascade
        )
        """
    )
    protect("run_event")
