"""Standing approvals of an agent's calls, and what they were used for."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0020_rules"
down_revision = "0018_chart_figures"


def upgrade() -> None:
    tenant_table(
        "approval_rule",
        columns="""
            number int not null,
            agent_id uuid not null,
            tool text not null,
            definition_hash text not null,
            source_id uuid,
            terms jsonb not null,
            max_rows bigint check (max_rows > 0),
            after_reading boolean not null,
            request_id uuid,
            saved_by_id uuid references person (id) on delete set null,
            saved_by_name text not null,
            deleted_at timestamptz
        """,
        constraints="""
            unique (org_id, number),
            foreign key (org_id, agent_id) references agent (org_id, id),
            foreign key (org_id, source_id) references source (org_id, id)
        """,
    )
    op.execute(
        "create index approval_rule_live on approval_rule (org_id, agent_id) "
        "where deleted_at is null"
    )
    # No foreign key to the run: what was allowed stays known when its chat is deleted.
    tenant_table(
        "approval_rule_use",
        columns="""
            rule_id uuid not null,
            run_id uuid not null,
            tool_call_id text not null,
            args_hash text not null
        """,
        constraints="""
            unique (org_id, run_id, tool_call_id),
            foreign key (org_id, rule_id) references approval_rule (org_id, id)
        """,
    )
    op.execute("create index approval_rule_use_rule on approval_rule_use (org_id, rule_id)")
