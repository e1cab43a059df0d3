"""What every tenant table gets, as frozen SQL for migrations."""

from alembic import op


def tenant_table(
    name: str, *, columns: str, constraints: str = "", chosen_ids: bool = False
) -> None:
    """Create a table that belongs to organizations, behind forced row-level security.

    Args:
        name: Table name, singular.
        columns: Column definitions besides id, org_id, created_at and updated_at.
        constraints: Further table constraints. Foreign keys between tenant tables are
            composite: ``foreign key (org_id, x_id) references x (org_id, id)``.
        chosen_ids: Callers choose ids themselves. They are then unique in an organization only,
            so that nobody learns from a collision which ids another organization has.
    """
    identity = "primary key (org_id, id)" if chosen_ids else "primary key (id), unique (org_id, id)"
    op.execute(
        f"""
        create table {name} (
            id uuid not null,
            org_id uuid not null references organization (id) on delete cascade,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            {columns.strip().rstrip(",")},
            {constraints.strip().rstrip(",") + "," if constraints.strip() else ""}
            {identity}
        )
        """
    )
    protect(name)


def protect(name: str) -> None:
    """Force row-level security on a table with an `org_id`, and grant it to both roles."""
    op.execute(f"alter table {name} enable row level security")
    op.execute(f"alter table {name} force row level security")
    op.execute(
        f"create policy tenant on {name} to datelier_app "
        "using (org_id = nullif(current_setting('datelier.org', true), '')::uuid) "
        "with check (org_id = nullif(current_setting('datelier.org', true), '')::uuid)"
    )
    op.execute(f"create policy system on {name} to datelier_system using (true) with check (true)")
    op.execute(f"grant select, insert, update, delete on {name} to datelier_app, datelier_system")
