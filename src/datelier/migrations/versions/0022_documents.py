"""Documents that agents and people write, and what each said in every version."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0022_documents"
down_revision = "0021_channels"


def upgrade() -> None:
    tenant_table(
        "document",
        columns="""
            owner_id uuid references person (id) on delete set null,
            thread_id uuid,
            handle int not null,
            kind text not null check (kind in ('text', 'code', 'sheet')),
            version int not null default 1 check (version > 0),
            archived_at timestamptz
        """,
    )
    op.execute(
        "create unique index document_handle on document (org_id, thread_id, handle) "
        "where thread_id is not null"
    )
    op.execute("create index document_owner on document (org_id, owner_id, id desc)")
    tenant_table(
        "document_version",
        columns="""
            document_id uuid not null,
            version int not null check (version > 0),
            title text not null,
            language text,
            content text not null,
            result_id uuid,
            figures jsonb not null default '[]',
            numbers jsonb not null default '{}',
            restored_from int,
            call_id text,
            author_kind text not null,
            author_id uuid references person (id) on delete set null,
            author_name text not null
        """,
        constraints="""
            unique (org_id, document_id, version),
            unique (org_id, call_id),
            check (result_id is null or content = ''),
            foreign key (org_id, document_id) references document (org_id, id) on delete cascade,
            foreign key (org_id, result_id) references result (org_id, id)
        """,
    )
    # A version is never changed; who wrote it may be forgotten.
    op.execute("revoke update, delete on document_version from datelier_app, datelier_system")
