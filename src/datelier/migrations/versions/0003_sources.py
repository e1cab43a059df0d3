"""Sources, their catalogs, data workers and the streams that hold them."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0003_sources"
down_revision = "0002_llms"


def upgrade() -> None:
    tenant_table(
        "source",
        columns="""
            number int not null,
            name text not null,
            engine text not null,
            config jsonb not null,
            secret bytea,
            status text not null default 'unchecked' check (status in ('ready', 'unchecked', 'error')),
            last_error text,
            weak_role jsonb,
            sample boolean not null default false,
            catalog jsonb,
            catalog_at timestamptz,
            checked_at timestamptz,
            created_by uuid,
            deleted_at timestamptz
        """,
        constraints="unique (org_id, number)",
    )
    op.execute(
        "create unique index source_name on source (org_id, lower(name)) where deleted_at is null"
    )
    # A worker belongs to one organization; the local worker of `datelier up` (org_id null) serves all.
    op.execute(
        """
        create table worker (
            id uuid primary key,
            number int generated always as identity,
            org_id uuid references organization (id) on delete cascade,
            name text not null,
            token_hash bytea not null unique,
            local boolean not null default false,
            revoked_at timestamptz,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now()
        )
        """
    )
    # Which server replica holds a worker's stream; rows older than the heartbeat are dead.
    op.execute(
        """
        create table worker_session (
            id uuid primary key,
            worker_id uuid not null references worker (id) on delete cascade,
            org_id uuid references organization (id) on delete cascade,
            replica text not null,
            address text not null,
            version text not null,
            engines jsonb not null,
            slots int not null,
            connected_at timestamptz not null default now(),
            seen_at timestamptz not null default now()
        )
        """
    )
    op.execute("create index worker_session_seen on worker_session (seen_at)")
    for name in ("worker", "worker_session"):
        op.execute(f"alter table {name} enable row level security")
        op.execute(f"alter table {name} force row level security")
        op.execute(
            f"create policy tenant on {name} for select to datelier_app using (org_id is null "
            "or org_id = nullif(current_setting('datelier.org', true), '')::uuid)"
        )
        op.execute(
            f"create policy system on {name} to datelier_system using (true) with check (true)"
        )
        op.execute(f"grant select on {name} to datelier_app")
        op.execute(f"grant select, insert, update, delete on {name} to datelier_system")
    op.execute("revoke select on worker from datelier_app")
    op.execute(
        "grant select (id, number, org_id, name, local, revoked_at, created_at, updated_at) on worker to datelier_app"
    )
