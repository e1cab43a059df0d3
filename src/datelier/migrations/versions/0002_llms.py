"""LLM configurations and the usage ledger."""

from alembic import op

from datelier.migrations.tenancy import tenant_table

revision = "0002_llms"
down_revision = "0001_identity"


def upgrade() -> None:
    tenant_table(
        "model",
        columns="""
            number int not null,
            name text not null,
            provider text not null check (provider in ('openai', 'anthropic', 'ollama', 'generic', 'demo')),
            model_name text not null,
            endpoint_url text,
            api_key bytea,
            api_key_last4 text,
            api_key_updated_at timestamptz,
            is_active boolean not null default false,
            origin text not null default 'user' check (origin in ('user', 'env', 'local', 'builtin')),
            price_input numeric,
            price_output numeric,
            context_window int,
            parameters jsonb not null default '{}',
            tested_at timestamptz,
            test_ok boolean,
            test_checks jsonb,
            deleted_at timestamptz
        """,
        constraints="unique (org_id, number)",
    )
    op.execute(
        "create unique index model_active on model (org_id) where is_active and deleted_at is null"
    )
    tenant_table(
        "llm_usage",
        columns="""
            model_id uuid not null,
            run_id uuid,
            thread_id uuid,
            node text not null,
            input_tokens int,
            output_tokens int,
            cost numeric
        """,
        constraints="foreign key (org_id, model_id) references model (org_id, id) on delete cascade",
    )
    op.execute("create index llm_usage_thread on llm_usage (org_id, thread_id)")
    op.execute("create index llm_usage_model on llm_usage (org_id, model_id)")
