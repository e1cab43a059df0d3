"""What a worker says about a result stays with the version that made it."""

from alembic import op

revision = "0026_query_notes"
down_revision = "0025_document_renewal"


def upgrade() -> None:
    # A constant default is kept in the catalog: no row is written anew.
    op.execute("alter table query_version add column notes jsonb not null default '[]'")
