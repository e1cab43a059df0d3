"""Where the figures in a chart's words come from."""

from alembic import op

revision = "0018_chart_figures"
down_revision = "0017_conventions"


def upgrade() -> None:
    # A constant default is kept in the catalog: no row is written anew.
    for table in ("chart", "chart_version"):
        op.execute(f"alter table {table} add column figures jsonb not null default '[]'")
