"""Vehicles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crm_desktop.db.types import Instant, JsonType, Units

revision = "9001"
down_revision = "HEAD"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "vehicle",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("fuel", sa.Text()),
        sa.Column("bought", sa.Date()),
        sa.Column("cost", Units()),
        sa.Column("company_id", sa.BigInteger(), sa.ForeignKey("company.id", ondelete="SET NULL", deferrable=True)),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger()),
        sa.Column("updated_at", Instant()),
        sa.Column("updated_by", sa.BigInteger()),
        sa.Column("custom", JsonType),
    )
