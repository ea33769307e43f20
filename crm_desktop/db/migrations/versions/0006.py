"""Recipes of imports in the database, and what other programs call a record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crm_desktop.db.types import Instant, JsonType

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "external_id",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_id")),
        sa.UniqueConstraint("record_id", "source", "value", name=op.f("uq_external_id_record_id_source_value")),
    )
    with op.batch_alter_table("external_id", schema=None) as batch_op:
        batch_op.create_index("ix_external_id_value", ["value", "entity", "source"], unique=False)

    op.create_table(
        "import_recipe",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("content", JsonType(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("custom", JsonType(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_recipe")),
    )
    with op.batch_alter_table("import_recipe", schema=None) as batch_op:
        batch_op.create_index("ix_import_recipe_fingerprint", ["fingerprint"], unique=False)

    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("restored", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("part", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("digest", sa.Text(), nullable=True))
