"""Join tokens, what is known of each worker, and sources whose credentials a worker keeps."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0009_worker_join"
down_revision = "0008_runs"


def upgrade() -> None:
    op.execute("alter table worker add unique (org_id, id)")
    # A machine shows a join token once and becomes the worker `worker_id`.
    tenant_table(
        "worker_join",
        columns="""
            name text not null,
            token_hash bytea not null unique,
            expires_at timestamptz not null,
            used_at timestamptz,
            worker_id uuid,
            created_by uuid
        """,
        constraints="""
            foreign key (org_id, worker_id) references worker (org_id, id)
                on delete set null (worker_id)
        """,
    )
    op.execute("create index worker_join_expires on worker_join (expires_at)")
    # Kept on the worker, so that one that is away can still be told about.
    op.execute(
        """
        alter table worker
            add column host text,
            add column version text,
            add column slots int,
            add column engines jsonb not null default '[]',
            add column sources jsonb not null default '[]',
            add column last_seen_at timestamptz,
            add column last_error text,
            add column last_error_at timestamptz
        """
    )
    op.execute(
        "grant select (host, version, slots, engines, sources, last_seen_at, last_error, "
        "last_error_at) on worker to datelier_app"
    )
    # An organization revokes its own workers, in the transaction that is audited.
    op.execute(
        "create policy revoke on worker for update to datelier_app "
        "using (org_id = nullif(current_setting('datelier.org', true), '')::uuid) "
        "with check (org_id = nullif(current_setting('datelier.org', true), '')::uuid)"
    )
    op.execute("grant update (revoked_at, updated_at) on worker to datelier_app")
    op.execute(
        """
        alter table worker_session
            add column sources jsonb not null default '[]',
            add column load int not null default 0,
            add column draining boolean not null default false
        """
    )
    op.execute("create index worker_session_worker on worker_session (worker_id)")
    op.execute(
        """
        alter table source
            add column credentials text not null default 'platform'
                check (credentials in ('platform', 'worker')),
            add column worker_source text,
            add constraint source_credentials
                check ((credentials = 'worker') = (worker_source is not null))
        """
    )
