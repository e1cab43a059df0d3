"""Agents: instructions and a preferred model."""

from datelier.migrations.tenancy import tenant_table

revision = "0006_agents"
down_revision = "0005_artifacts"


def upgrade() -> None:
    tenant_table(
        "agent",
        columns="""
            name text not null,
            slug text not null,
            instructions text not null,
            model_id uuid,
            builtin boolean not null default false
        """,
        constraints="""
            unique (org_id, slug),
            foreign key (org_id, model_id) references model (org_id, id)
        """,
    )
