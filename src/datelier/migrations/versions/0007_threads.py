"""Threads and messages; a message knows its parent, so edits branch instead of deleting."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0007_threads"
down_revision = "0006_agents"


def upgrade() -> None:
    tenant_table(
        "thread",
        columns="""
            number int not null,
            client_id text,
            title text not null default '',
            title_origin text not null default 'none' check (title_origin in ('none', 'auto', 'refined', 'user')),
            owner_id uuid references person (id) on delete set null,
            agent_id uuid not null,
            model_id uuid,
            source_ids jsonb not null default '[]',
            leaf_id uuid,
            last_message_at timestamptz not null default now(),
            deleted_at timestamptz
        """,
        constraints="""
            unique (org_id, number),
            foreign key (org_id, agent_id) references agent (org_id, id),
            foreign key (org_id, model_id) references model (org_id, id)
        """,
        chosen_ids=True,
    )
    op.execute(
        "create index thread_recent on thread (org_id, owner_id, last_message_at desc) where deleted_at is null"
    )
    tenant_table(
        "message",
        columns="""
            thread_id uuid not null,
            parent_id uuid,
            client_id text,
            role text not null check (role in ('user', 'assistant', 'system', 'tool')),
            status text not null default 'complete'
                check (status in ('complete', 'queued', 'running', 'stopped', 'failed')),
            parts jsonb not null default '[]',
            text text not null default '',
            author_kind text not null,
            author_id uuid,
            author_name text not null,
            run_id uuid,
            metadata jsonb not null default '{}',
            sequence bigint generated always as identity
        """,
        constraints="""
            foreign key (org_id, thread_id) references thread (org_id, id) on delete cascade,
            foreign key (org_id, parent_id) references message (org_id, id) on delete cascade
        """,
    )
    # Ids that a chat client chose itself: one thread per owner, one message per thread.
    op.execute(
        "create unique index thread_client on thread (org_id, owner_id, client_id) "
        "nulls not distinct where client_id is not null"
    )
    op.execute(
        "create unique index message_client on message (org_id, thread_id, client_id) "
        "where client_id is not null"
    )
    op.execute("create index message_parent on message (org_id, parent_id)")
    op.execute("create index message_thread on message (org_id, thread_id, sequence)")
    op.execute("create index message_search on message using gin (to_tsvector('simple', text))")
    # Idempotency-Key on POST: one effect per key, route and caller.
    tenant_table(
        "idempotency_key",
        columns="""
            key text not null,
            route text not null,
            actor_id uuid not null,
            body_hash bytea not null,
            status int,
            response jsonb
        """,
        constraints="unique (org_id, actor_id, route, key)",
    )
