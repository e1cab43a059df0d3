"""Organizations, people, sessions, tokens and the audit log."""

from alembic import op

from datelier.migrations.tenancy import protect, tenant_table

revision = "0001_identity"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
        create table organization (
            id uuid primary key,
            name text not null,
            slug text not null unique,
            max_running int,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now()
        )
        """
    )
    op.execute("alter table organization enable row level security")
    op.execute("alter table organization force row level security")
    op.execute(
        "create policy tenant on organization to datelier_app "
        "using (id = nullif(current_setting('datelier.org', true), '')::uuid)"
    )
    op.execute(
        "create policy system on organization to datelier_system using (true) with check (true)"
    )
    op.execute("grant select, update on organization to datelier_app")
    op.execute("grant select, insert, update, delete on organization to datelier_system")
    # A person may belong to several organizations, so people are not tenant rows: the request
    # role reaches them only through a membership of its own organization.
    op.execute(
        """
        create table person (
            id uuid primary key,
            email text not null,
            name text not null,
            password_hash text,
            last_org_id uuid references organization (id) on delete set null,
            disabled_at timestamptz,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now()
        )
        """
    )
    op.execute("create unique index person_email on person (lower(email))")
    tenant_table(
        "membership",
        columns="""
            person_id uuid not null references person (id) on delete cascade,
            role text not null check (role in ('owner', 'admin', 'builder', 'analyst', 'viewer')),
            last_active_at timestamptz
        """,
        constraints="unique (org_id, person_id)",
    )
    op.execute("create index membership_person on membership (person_id)")
    op.execute("alter table person enable row level security")
    op.execute("alter table person force row level security")
    op.execute(
        "create policy tenant on person for select to datelier_app using (exists ("
        "select 1 from membership m where m.person_id = person.id "
        "and m.org_id = nullif(current_setting('datelier.org', true), '')::uuid))"
    )
    op.execute("create policy system on person to datelier_system using (true) with check (true)")
    # Password hashes are for sign-in only, which runs as the system role.
    op.execute(
        "grant select (id, email, name, disabled_at, created_at, updated_at) on person to datelier_app"
    )
    op.execute("grant select, insert, update, delete on person to datelier_system")
    tenant_table(
        "invite",
        columns="""
            email text,
            role text not null check (role in ('owner', 'admin', 'builder', 'analyst', 'viewer')),
            token_hash bytea not null unique,
            invited_by uuid references person (id) on delete set null,
            expires_at timestamptz not null,
            accepted_at timestamptz
        """,
    )
    # One row per signed-in browser or CLI; the refresh token rotates within its family.
    tenant_table(
        "login_session",
        columns="""
            person_id uuid not null references person (id) on delete cascade,
            refresh_hash bytea not null,
            previous_hash bytea,
            rotated_at timestamptz,
            expires_at timestamptz not null,
            revoked_at timestamptz,
            client text not null default 'browser',
            user_agent text
        """,
    )
    op.execute("create unique index login_session_refresh on login_session (refresh_hash)")
    op.execute("create index login_session_previous on login_session (previous_hash)")
    tenant_table(
        "personal_token",
        columns="""
            person_id uuid not null references person (id) on delete cascade,
            name text not null,
            token_hash bytea not null unique,
            prefix text not null,
            scopes jsonb,
            expires_at timestamptz,
            last_used_at timestamptz,
            revoked_at timestamptz
        """,
    )
    # Set-up and password-reset links: hashed, single use, short-lived, not bound to a tenant.
    op.execute(
        """
        create table one_time_link (
            id uuid primary key,
            purpose text not null check (purpose in ('setup', 'reset')),
            token_hash bytea not null unique,
            person_id uuid references person (id) on delete cascade,
            expires_at timestamptz not null,
            used_at timestamptz,
            created_at timestamptz not null default now()
        )
        """
    )
    op.execute("alter table one_time_link enable row level security")
    op.execute("alter table one_time_link force row level security")
    op.execute(
        "create policy system on one_time_link to datelier_system using (true) with check (true)"
    )
    op.execute("grant select, insert, update, delete on one_time_link to datelier_system")
    # Failed sign-ins, counted per account and per address across replicas.
    op.execute(
        """
        create table login_attempt (
            id bigint generated always as identity primary key,
            subject text not null,
            at timestamptz not null default now()
        )
        """
    )
    op.execute("create index login_attempt_subject on login_attempt (subject, at)")
    op.execute("create index login_attempt_at on login_attempt (at)")
    op.execute("alter table login_attempt enable row level security")
    op.execute("alter table login_attempt force row level security")
    op.execute(
        "create policy system on login_attempt to datelier_system using (true) with check (true)"
    )
    op.execute("grant select, insert, delete on login_attempt to datelier_system")
    tenant_table(
        "audit_entry",
        columns="""
            at timestamptz not null default now(),
            actor_kind text not null,
            actor_id uuid,
            actor_name text not null,
            action text not null,
            target_kind text,
            target_id uuid,
            detail jsonb not null default '{}',
            correlation_id text not null
        """,
    )
    op.execute("create index audit_entry_at on audit_entry (org_id, at desc)")
    op.execute("revoke update, delete on audit_entry from datelier_app")
    op.execute(
        """
        create table counter (
            org_id uuid not null references organization (id) on delete cascade,
            kind text not null,
            value int not null,
            primary key (org_id, kind)
        )
        """
    )
    protect("counter")
