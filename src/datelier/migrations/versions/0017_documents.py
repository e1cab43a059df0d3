"""Conventions of sources."""

from alembic import op

revision = "0017_documents"
down_revision = "0016_definitions"


def upgrade() -> None:
    op.execute("alter table source add column conventions jsonb not null default '{}'")
