"""Write-enabled connections of sources, and the ledger of what calls did to the world."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0015_effects"
down_revision = "0014_indexes"


def upgrade() -> None:
    # Nullable columns without a default: no row is rewritten.
    op.execute("alter table source add column write_config jsonb, add column write_secret bytea")
    # No foreign key to the run: what was done stays known when its chat is deleted.
    tenant_table(
        "effect",
        columns="""
            key text not null,
            run_id uuid not null,
            tool_call_id text not null,
            kind text not null check (kind in ('sql', 'http')),
            state text not null default 'intended'
                check (state in ('intended', 'done', 'not_done', 'unknown')),
            attempt int not null default 1,
            source_id uuid,
            detail jsonb not null default '{}',
            txid text,
            begun_at timestamptz,
            settled_at timestamptz,
            outcome jsonb,
            note text not null default ''
        """,
        constraints="""
            unique (org_id, key),
            check ((state in ('done', 'not_done')) = (settled_at is not null)),
            foreign key (org_id, source_id) references source (org_id, id)
        """,
    )
    op.execute(
        "create index effect_open on effect (org_id, id) where state in ('intended', 'unknown')"
    )
