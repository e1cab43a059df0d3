"""Budgets in money, tokens or messages, what was counted against them, and who spent it."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0013_limits"
down_revision = "0012_inbox"


def upgrade() -> None:
    tenant_table(
        "budget",
        columns="""
            subject text not null check (subject in ('organization', 'member', 'agent', 'run')),
            member_id uuid,
            agent_id uuid,
            unit text not null check (unit in ('usd', 'tokens', 'messages')),
            period text not null check (period in ('day', 'month', 'run')),
            soft_limit numeric check (soft_limit > 0),
            hard_limit numeric check (hard_limit >= 0),
            deleted_at timestamptz
        """,
        constraints="""
            check (soft_limit is not null or hard_limit is not null),
            check (soft_limit is null or hard_limit is null or soft_limit <= hard_limit),
            check ((subject = 'run') = (period = 'run')),
            check (member_id is null or subject = 'member'),
            check (agent_id is null or subject = 'agent'),
            foreign key (org_id, member_id) references membership (org_id, id) on delete cascade,
            foreign key (org_id, agent_id) references agent (org_id, id) on delete cascade
        """,
    )
    op.execute(
        "create unique index budget_one on budget (org_id, subject, member_id, agent_id, unit, period) "
        "nulls not distinct where deleted_at is null"
    )
    # One row per budget and window: a day, a month or a run, of one member or agent.
    tenant_table(
        "budget_count",
        columns="""
            budget_id uuid not null,
            bucket text not null,
            spent numeric not null default 0,
            reserved numeric not null default 0,
            warned_at timestamptz
        """,
        constraints="""
            unique (org_id, budget_id, bucket),
            foreign key (org_id, budget_id) references budget (org_id, id) on delete cascade
        """,
    )
    # What a call that is under way may still cost. A call whose process died counts in full.
    tenant_table(
        "budget_reservation",
        columns="""
            run_id uuid,
            call text not null,
            count_id uuid not null,
            amount numeric not null
        """,
        constraints="""
            unique (org_id, count_id, call),
            foreign key (org_id, count_id) references budget_count (org_id, id) on delete cascade
        """,
    )
    op.execute("create index budget_reservation_call on budget_reservation (org_id, call)")
    op.execute("create index budget_reservation_run on budget_reservation (org_id, run_id)")
    op.execute("alter table llm_usage add column person_id uuid, add column agent_id uuid")
