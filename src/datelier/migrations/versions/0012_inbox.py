"""The inbox: requests that wait for a person, and the decisions people make."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0012_inbox"
down_revision = "0011_agents"


def upgrade() -> None:
    # `json` where people approve exactly what is stored: jsonb would turn 1e3 into 1000.
    tenant_table(
        "request",
        columns="""
            number int not null,
            kind text not null
                check (kind in ('approval', 'question', 'review', 'problem', 'finished', 'mention')),
            status text not null default 'pending' check (status in
                ('pending', 'approved', 'edited', 'rejected', 'responded', 'expired', 'withdrawn', 'superseded')),
            title text not null,
            description text not null default '',
            reason text not null default '',
            rule text not null default '',
            risk text not null default 'read'
                check (risk in ('read', 'write', 'external', 'destructive', 'spend')),
            dialect text not null default 'native'
                check (dialect in ('native', 'human_interrupt', 'hitl', 'ag_ui', 'generic')),
            envelope json,
            actions json not null default '[]',
            preview jsonb,
            interrupt_id text,
            run_id uuid,
            step_id text,
            thread_id uuid,
            agent_id uuid,
            source_id uuid,
            correlation_id text not null default '',
            audience text not null default 'organization' check (audience in ('owner', 'organization')),
            owner_id uuid references person (id) on delete set null,
            owner_name text not null default '',
            assignee_id uuid references person (id) on delete set null,
            requires int not null default 1 check (requires between 1 and 20),
            excludes_owner boolean not null default false,
            expires_at timestamptz,
            on_expiry text not null default 'reject' check (on_expiry in ('reject', 'escalate', 'keep')),
            snoozed_until timestamptz,
            escalated_at timestamptz,
            read_at timestamptz,
            revision int not null default 1,
            outcome json,
            used jsonb not null default '{}',
            note text not null default '',
            decided_at timestamptz,
            decided_by_id uuid,
            decided_by_name text
        """,
        constraints="""
            unique (org_id, number),
            unique (org_id, run_id, interrupt_id),
            check ((status = 'pending') = (decided_at is null)),
            foreign key (org_id, run_id) references run (org_id, id) on delete cascade,
            foreign key (org_id, thread_id) references thread (org_id, id) on delete cascade,
            foreign key (org_id, agent_id) references agent (org_id, id),
            foreign key (org_id, source_id) references source (org_id, id)
        """,
    )
    op.execute("create index request_open on request (org_id, id) where status = 'pending'")
    op.execute(
        "create index request_done on request (org_id, decided_at desc) where status <> 'pending'"
    )
    op.execute(
        "create index request_due on request (expires_at) where status = 'pending' and expires_at is not null"
    )
    op.execute(
        "create index request_snoozed on request (snoozed_until) "
        "where status = 'pending' and snoozed_until is not null"
    )
    tenant_table(
        "decision",
        columns="""
            request_id uuid not null,
            decision_id uuid not null,
            actor_kind text not null,
            actor_id uuid,
            actor_name text not null,
            type text not null check (type in ('approve', 'edit', 'reject', 'respond')),
            decisions json not null,
            content_hash bytea not null,
            before int not null,
            after int not null
        """,
        constraints="""
            unique (org_id, request_id, decision_id),
            foreign key (org_id, request_id) references request (org_id, id) on delete cascade
        """,
    )
