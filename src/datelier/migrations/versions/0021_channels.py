"""Notices of the inbox outside the app: preferences, webhooks, deliveries and the outbox."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0021_channels"
down_revision = "0020_rules"


def upgrade() -> None:
    tenant_table(
        "request_event",
        columns="""
            request_id uuid not null,
            change text not null check (change in ('opened', 'assigned', 'escalated')),
            actor_id uuid,
            spread_at timestamptz
        """,
        constraints="foreign key (org_id, request_id) references request (org_id, id) on delete cascade",
    )
    op.execute("create index request_event_open on request_event (id) where spread_at is null")
    op.execute("create index request_event_request on request_event (org_id, request_id)")
    # Whatever belongs to a member goes with the membership.
    tenant_table(
        "notification_preference",
        columns="""
            person_id uuid not null,
            kinds jsonb not null default '{}',
            time_zone text,
            digest_hour int not null default 8 check (digest_hour between 0 and 23),
            digest_at timestamptz not null
        """,
        constraints="""
            unique (org_id, person_id),
            foreign key (org_id, person_id) references membership (org_id, person_id) on delete cascade
        """,
    )
    op.execute("create index notification_preference_due on notification_preference (digest_at)")
    tenant_table(
        "webhook",
        columns="""
            owner_id uuid,
            name text not null,
            url text not null,
            kinds jsonb not null default '[]',
            secret bytea not null,
            previous_secret bytea,
            previous_until timestamptz,
            enabled boolean not null default true,
            disabled_reason text not null default ''
        """,
        constraints="""
            foreign key (org_id, owner_id) references membership (org_id, person_id) on delete cascade
        """,
    )
    op.execute("create index webhook_owner on webhook (org_id, owner_id)")
    tenant_table(
        "delivery",
        columns="""
            event_key text not null,
            once text not null,
            channel text not null check (channel in ('email', 'webhook')),
            change text not null check (change in ('opened', 'assigned', 'escalated', 'digest')),
            target uuid not null,
            request_id uuid,
            person_id uuid,
            webhook_id uuid,
            status text not null default 'waiting'
                check (status in ('waiting', 'delivered', 'failed', 'dropped')),
            attempts int not null default 0,
            next_at timestamptz not null default now(),
            held_until timestamptz,
            payload jsonb,
            last_status int,
            last_error text not null default '',
            ended_at timestamptz
        """,
        constraints="""
            unique (org_id, once),
            check ((status = 'waiting') = (ended_at is null)),
            foreign key (org_id, request_id) references request (org_id, id) on delete cascade,
            foreign key (org_id, webhook_id) references webhook (org_id, id) on delete cascade,
            foreign key (org_id, person_id) references membership (org_id, person_id) on delete cascade
        """,
    )
    op.execute("create index delivery_due on delivery (next_at) where status = 'waiting'")
    op.execute("create index delivery_ended on delivery (ended_at) where status <> 'waiting'")
    op.execute("create index delivery_request on delivery (org_id, request_id)")
    op.execute("create index delivery_webhook on delivery (org_id, webhook_id, id)")
    op.execute("create index delivery_person on delivery (org_id, person_id, id)")
