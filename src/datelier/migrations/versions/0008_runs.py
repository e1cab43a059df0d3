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
            last_seq int not null default 0,
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
    # The log is written in batches, many rows a second, by one statement that has already locked
    # the run's row: a foreign key would look the run up again for every row. A trigger keeps the
    # promise instead. `json` keeps the bytes that viewers get, including characters jsonb refuses.
    op.execute(
        """
        create table run_event (
            org_id uuid not null,
            run_id uuid not null,
            seq int not null,
            part json not null,
            at timestamptz not null default now(),
            primary key (run_id, seq)
        )
        """
    )
    protect("run_event")
    _checkpoint_tables()
    # The clean-up runs as the schema's owner (cascades do), for whom no other policy speaks.
    for name in ("run_event", "checkpoints", "checkpoint_blobs", "checkpoint_writes"):
        op.execute(f"create policy forget on {name} to current_user using (true)")
    op.execute(
        """
        create function forget_run() returns trigger language plpgsql security definer
        set search_path = public, pg_temp as $$
        begin
            delete from run_event where run_id = old.id;
            delete from checkpoints where thread_id = old.id::text;
            delete from checkpoint_blobs where thread_id = old.id::text;
            delete from checkpoint_writes where thread_id = old.id::text;
            return old;
        end $$
        """
    )
    op.execute(
        "create trigger forget_run after delete on run for each row execute function forget_run()"
    )


def _checkpoint_tables() -> None:
    """LangGraph's tables as its saver expects them; a run's id stands in `thread_id`."""
    op.execute(
        """
        create table checkpoints (
            thread_id text not null,
            checkpoint_ns text not null default '',
            checkpoint_id text not null,
            parent_checkpoint_id text,
            type text,
            checkpoint jsonb not null,
            metadata jsonb not null default '{}',
            primary key (thread_id, checkpoint_ns, checkpoint_id)
        )
        """
    )
    op.execute(
        """
        create table checkpoint_blobs (
            thread_id text not null,
            checkpoint_ns text not null default '',
            channel text not null,
            version text not null,
            type text not null,
            blob bytea,
            primary key (thread_id, checkpoint_ns, channel, version)
        )
        """
    )
    op.execute(
        """
        create table checkpoint_writes (
            thread_id text not null,
            checkpoint_ns text not null default '',
            checkpoint_id text not null,
            task_id text not null,
            idx integer not null,
            channel text not null,
            type text,
            blob bytea not null,
            task_path text not null default '',
            primary key (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
        )
        """
    )
    # Only the system role reaches these tables; the request role has no right on them at all.
    for name in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
        op.execute(f"alter table {name} enable row level security")
        op.execute(f"alter table {name} force row level security")
        op.execute(
            f"create policy system on {name} to datelier_system using (true) with check (true)"
        )
        op.execute(f"grant select, insert, update, delete on {name} to datelier_system")
    # Checkpoints are fenced in the transaction that writes them: a process that was frozen and
    # woke up holds an older epoch and can write nothing more.
    op.execute(
        """
        create function assert_run_epoch(run_id uuid, held bigint) returns void language plpgsql as $$
        begin
            perform 1 from run r
            where r.id = run_id and r.epoch = held and r.status = 'running' for share;
            if not found then
                raise exception 'run % is held by another process', run_id using errcode = '55006';
            end if;
        end $$
        """
    )
