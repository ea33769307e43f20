"""Keep the time of activities on their links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crm_desktop.db.types import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("activity_link", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("activity_at", Instant(), server_default="1970-01-01T00:00:00.000Z", nullable=False)
        )
        batch_op.drop_index("ix_activity_link_record")
        batch_op.create_index("ix_activity_link_time", ["record_id", "activity_at", "activity_id"], unique=False)
    op.execute(
        "UPDATE activity_link SET activity_at = "
        "(SELECT coalesce(done_at, created_at) FROM activity WHERE activity.id = activity_link.activity_id)"
    )
