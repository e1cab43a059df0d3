"""Charts drawn from stored results."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0005_artifacts"
down_revision = "0004_queries"


def upgrade() -> None:
    tenant_table(
        "chart",
        columns="""
            thread_id uuid,
            handle int not null,
            version int not null default 1,
            title text not null,
            description text not null,
            spec jsonb not null,
            query_version_id uuid not null,
            result_id uuid not null,
            author_kind text not null,
            author_id uuid,
            author_name text not null
        """,
        constraints="""
            foreign key (org_id, query_version_id) references query_version (org_id, id) on delete cascade,
            foreign key (org_id, result_id) references result (org_id, id)
        """,
    )
    op.execute(
        "create unique index chart_handle on chart (org_id, thread_id, handle) where thread_id is not null"
    )
    tenant_table(
        "chart_version",
        columns="""
            chart_id uuid not null,
            version int not null,
            title text not null,
            spec jsonb not null,
            author_kind text not null,
            author_name text not null
        """,
        constraints="""
            unique (org_id, chart_id, version),
            foreign key (org_id, chart_id) references chart (org_id, id) on delete cascade
        """,
    )
