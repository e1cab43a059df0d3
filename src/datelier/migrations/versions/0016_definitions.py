"""Definitions of metrics and terms, what they were in every version, and where they were used."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0016_definitions"
down_revision = "0015_effects"

_CONTENT = """
    kind text not null check (kind in ('metric', 'term')),
    name text not null,
    pattern text not null default '',
    sql text not null default '',
    note text not null default '',
    source_id uuid
"""


def upgrade() -> None:
    tenant_table(
        "definition",
        columns=f"""
            number int not null,
            {_CONTENT.strip()},
            status text not null default 'proposed'
                check (status in ('proposed', 'certified', 'lapsed')),
            version int not null default 1 check (version > 0),
            uses jsonb not null default '[]',
            checked jsonb,
            checked_at timestamptz,
            owner_id uuid references person (id) on delete set null,
            owner_name text not null default '',
            certified_by uuid references person (id) on delete set null,
            certified_by_name text not null default '',
            certified_at timestamptz,
            certified_version int,
            lapsed jsonb,
            lapsed_at timestamptz,
            origin_query_id uuid,
            origin_version int,
            archived_at timestamptz
        """,
        constraints="""
            unique (org_id, number),
            check (kind <> 'metric' or (sql <> '' and source_id is not null)),
            check (sql = '' or source_id is not null),
            check (status <> 'certified' or certified_version = version),
            check ((status = 'lapsed') = (lapsed is not null)),
            foreign key (org_id, source_id) references source (org_id, id),
            foreign key (org_id, origin_query_id) references query (org_id, id)
                on delete set null (origin_query_id)
        """,
    )
    # One name means one thing; what was archived gives its name back.
    op.execute(
        "create unique index definition_name on definition (org_id, lower(name)) "
        "where archived_at is null"
    )
    op.execute(
        "create index definition_source on definition (org_id, source_id) where archived_at is null"
    )
    tenant_table(
        "definition_version",
        columns=f"""
            definition_id uuid not null,
            version int not null check (version > 0),
            {_CONTENT.strip()},
            author_id uuid references person (id) on delete set null,
            author_name text not null default ''
        """,
        constraints="""
            unique (org_id, definition_id, version),
            foreign key (org_id, definition_id) references definition (org_id, id)
                on delete cascade,
            foreign key (org_id, source_id) references source (org_id, id)
        """,
    )
    # A version is never changed; who wrote it may be forgotten.
    op.execute("revoke update, delete on definition_version from datelier_app, datelier_system")
    tenant_table(
        "definition_use",
        columns="""
            definition_id uuid not null,
            version int not null,
            query_id uuid not null,
            query_version int not null
        """,
        constraints="""
            unique (org_id, definition_id, query_id, query_version),
            foreign key (org_id, definition_id) references definition (org_id, id)
                on delete cascade,
            foreign key (org_id, query_id) references query (org_id, id) on delete cascade
        """,
    )
