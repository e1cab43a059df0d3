"""Events of which it could not be decided who is told wait among the deliveries."""

from alembic import op

revision = "0023_spreading"
down_revision = "0022_documents"


def upgrade() -> None:
    # Added unchecked and checked after, so that the table is locked for a moment only.
    op.execute(
        "alter table delivery drop constraint delivery_channel_check, "
        "add constraint delivery_channel_check "
        "check (channel in ('email', 'webhook', 'event')) not valid"
    )
    op.execute("alter table delivery validate constraint delivery_channel_check")
