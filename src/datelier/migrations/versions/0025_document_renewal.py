"""Documents of updated answers: versions with figures of newer results, and what kept its own."""

from alembic import op

revision = "0025_document_renewal"
down_revision = "0024_lookups"


def upgrade() -> None:
    op.execute("alter table document_version add column renewed_from int")
    op.execute("alter table document add column left_behind int")
