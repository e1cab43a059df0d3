"""Queries, their versions and their immutable results."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0004_queries"
down_revision = "0003_sources"


def upgrade() -> None:
    # thread_id has no foreign key: threads come later in the order, and a deleted thread's
    # results go with its own clean-up.
    tenant_table(
        "query",
        columns="""
            thread_id uuid,
            handle int not null,
            title text,
            source_id uuid not null
        """,
        constraints="foreign key (org_id, source_id) references source (org_id, id) on delete cascade",
    )
    op.execute(
        "create unique index query_handle on query (org_id, thread_id, handle) nulls not distinct where thread_id is not null"
    )
    tenant_table(
        "result",
        columns="""
            columns jsonb not null,
            row_count int not null,
            byte_count bigint not null,
            truncated boolean not null,
            total bigint,
            batches jsonb not null,
            blob_key text not null
        """,
    )
    tenant_table(
        "query_version",
        columns="""
            query_id uuid not null,
            version int not null,
            sql text not null,
            requested_sql text not null,
            status text not null check (status in ('running', 'done', 'failed', 'cancelled')),
            author_kind text not null,
            author_id uuid,
            author_name text not null,
            run_id uuid,
            result_id uuid,
            row_limit int not null,
            elapsed_ms int,
            database_user text,
            error jsonb,
            ran_at timestamptz not null default now()
        """,
        constraints="""
            unique (org_id, query_id, version),
            foreign key (org_id, query_id) references query (org_id, id) on delete cascade,
            foreign key (org_id, result_id) references result (org_id, id)
        """,
    )
    op.execute("create index query_version_run on query_version (org_id, run_id)")
    op.execute("create index query_version_result on query_version (org_id, result_id)")
