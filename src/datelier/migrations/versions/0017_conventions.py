"""Conventions of sources, and what agents remember."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0017_conventions"
down_revision = "0016_definitions"


def upgrade() -> None:
    op.execute("alter table source add column conventions jsonb not null default '{}'")
    # What an agent remembers for one person: nothing goes from one person's chats to another's.
    tenant_table(
        "agent_note",
        columns="""
            agent_id uuid not null,
            owner_id uuid,
            content text not null check (length(content) between 1 and 400),
            saved_by text not null check (saved_by in ('agent', 'user')),
            thread_id uuid,
            run_id uuid
        """,
        constraints="""
            foreign key (org_id, agent_id) references agent (org_id, id) on delete cascade,
            foreign key (org_id, thread_id) references thread (org_id, id)
                on delete set null (thread_id)
        """,
    )
    op.execute("create index agent_note_owner on agent_note (org_id, agent_id, owner_id)")
