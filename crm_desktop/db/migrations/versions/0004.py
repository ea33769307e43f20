"""Walk the addresses in the order in which a list shows their cities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring the schema forward."""
    op.drop_index("ix_address_city", table_name="address")
    # lists sort text without regard to case; only SQLite walks the index for it
    city = sa.text("city COLLATE NOCASE") if op.get_bind().dialect.name == "sqlite" else "city"
    op.create_index("ix_address_city", "address", [city, "owner_id"])
