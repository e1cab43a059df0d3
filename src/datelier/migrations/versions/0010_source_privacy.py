"""Profiles of tables, the value index, and which sources and columns are private."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0010_source_privacy"
down_revision = "0009_worker_join"


def upgrade() -> None:
    op.execute(
        """
        alter table source
            add column private boolean not null default false,
            add column private_columns jsonb not null default '[]',
            add column values_at timestamptz
        """
    )
    # The newest profile of each table; while one runs, the one before it stays readable.
    tenant_table(
        "column_profile",
        columns="""
            source_id uuid not null,
            table_name text not null,
            status text not null check (status in ('running', 'done', 'failed')),
            progress jsonb,
            profile jsonb,
            error jsonb,
            started_at timestamptz not null default now(),
            deadline_at timestamptz not null,
            finished_at timestamptz
        """,
        constraints="""
            unique (org_id, source_id, table_name),
            foreign key (org_id, source_id) references source (org_id, id) on delete cascade
        """,
    )
    # All values of a text column with few of them, or the reason why they are not kept.
    tenant_table(
        "value_index",
        columns="""
            source_id uuid not null,
            table_name text not null,
            column_name text not null,
            state text not null check (state in ('complete', 'too_many', 'too_long', 'over_cap')),
            distinct_count bigint,
            entries jsonb,
            bytes int not null default 0,
            built_at timestamptz not null default now(),
            check ((state = 'complete') = (entries is not null))
        """,
        constraints="""
            unique (org_id, source_id, table_name, column_name),
            foreign key (org_id, source_id) references source (org_id, id) on delete cascade
        """,
    )
