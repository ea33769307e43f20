"""Relations, duplicates, merges, layouts and more of what keeps data clean."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crm_desktop.db.types import Instant, JsonType

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "blob_part",
        sa.Column("blob_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["blob_id"], ["blob.id"], name=op.f("fk_blob_part_blob_id"), ondelete="CASCADE", initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blob_part")),
        sa.UniqueConstraint("blob_id", "number", name=op.f("uq_blob_part_blob_id_number")),
    )  # fmt: skip
    op.create_table(
        "duplicate_pair",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", JsonType(), nullable=True),
        sa.Column("found_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pair")),
    )
    with op.batch_alter_table("duplicate_pair", schema=None) as batch_op:
        batch_op.create_index("ix_duplicate_pair_first_id", ["first_id"], unique=False)
        batch_op.create_index("ix_duplicate_pair_score", ["entity", "score"], unique=False)
        batch_op.create_index("ix_duplicate_pair_second_id", ["second_id"], unique=False)

    op.create_table(
        "duplicate_rule",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("moment", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("look_from", sa.BigInteger(), nullable=True),
        sa.Column("same_from", sa.BigInteger(), nullable=True),
        sa.Column("comparisons", JsonType(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("custom", JsonType(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_rule")),
    )
    op.create_table(
        "erasure",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("counts", JsonType(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("custom", JsonType(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "form_layout",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("sections", JsonType(), nullable=True),
        sa.Column("hidden", JsonType(), nullable=True),
        sa.Column("rules", JsonType(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("custom", JsonType(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_layout")),
        sa.UniqueConstraint("entity", name=op.f("uq_form_layout_entity")),
    )
    op.create_table(
        "identifier",
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("unchecked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifier")),
    )
    with op.batch_alter_table("identifier", schema=None) as batch_op:
        batch_op.create_index("ix_identifier_owner_id", ["owner_id"], unique=False)
        batch_op.create_index("ix_identifier_value", ["value"], unique=False)

    op.create_table(
        "merge_log",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("winner_id", sa.BigInteger(), nullable=False),
        sa.Column("loser_id", sa.BigInteger(), nullable=False),
        sa.Column("loser_title", sa.Text(), nullable=True),
        sa.Column("loser_values", JsonType(), nullable=True),
        sa.Column("counts", JsonType(), nullable=True),
        sa.Column("merge_set_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("custom", JsonType(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_log")),
    )
    with op.batch_alter_table("merge_log", schema=None) as batch_op:
        batch_op.create_index("ix_merge_log_loser_id", ["loser_id"], unique=False)
        batch_op.create_index("ix_merge_log_winner_id", ["winner_id"], unique=False)

    op.create_table(
        "not_duplicate",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_not_duplicate")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_not_duplicate_first_id_second_id")),
    )
    with op.batch_alter_table("not_duplicate", schema=None) as batch_op:
        batch_op.create_index("ix_not_duplicate_second_id", ["second_id"], unique=False)

    op.create_table(
        "quality_flag",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_flag")),
    )
    with op.batch_alter_table("quality_flag", schema=None) as batch_op:
        batch_op.create_index("ix_quality_flag_record_id", ["record_id"], unique=False)

    op.create_table(
        "quality_sample",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measures", JsonType(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_sample")),
        sa.UniqueConstraint("entity", "day", name=op.f("uq_quality_sample_entity_day")),
    )
    op.create_table(
        "relationship",
        sa.Column("from_entity", sa.Text(), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("to_entity", sa.Text(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("custom", JsonType(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relationship")),
    )
    with op.batch_alter_table("relationship", schema=None) as batch_op:
        batch_op.create_index("ix_relationship_from_id", ["from_id"], unique=False)
        batch_op.create_index("ix_relationship_to_id", ["to_id"], unique=False)

    op.create_table(
        "mention",
        sa.Column("note_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["note_id"],
            ["note.id"],
            name=op.f("fk_mention_note_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_mention_user_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
    )
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.create_index("ix_mention_note_id", ["note_id"], unique=False)
        batch_op.create_index("ix_mention_user_id", ["user_id", "read_at"], unique=False)

    op.create_table(
        "affiliation",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("custom", JsonType(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
            name=op.f("fk_affiliation_company_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_affiliation_contact_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliation")),
    )
    with op.batch_alter_table("affiliation", schema=None) as batch_op:
        batch_op.create_index("ix_affiliation_company_id", ["company_id"], unique=False)
        batch_op.create_index("ix_affiliation_contact_id", ["contact_id"], unique=False)

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index(
            "ix_activity_planned",
            ["id"],
            unique=False,
            sqlite_where=sa.text("status = 'planned'"),
            postgresql_where=sa.text("status = 'planned'"),
        )

    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("checked_out_by", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("checked_out_at", Instant(), nullable=True))
        batch_op.create_index(
            "ix_attachment_checked_out_by",
            ["checked_out_by"],
            unique=False,
            sqlite_where=sa.text("checked_out_by IS NOT NULL"),
            postgresql_where=sa.text("checked_out_by IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_attachment_checked_out_by"),
            "user_account",
            ["checked_out_by"],
            ["id"],
            ondelete="SET NULL",
            initially="IMMEDIATE",
            deferrable=True,
        )

    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proof", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("attachment_id", sa.BigInteger(), nullable=True))
        batch_op.create_index(
            "ix_consent_attachment_id",
            ["attachment_id"],
            unique=False,
            sqlite_where=sa.text("attachment_id IS NOT NULL"),
            postgresql_where=sa.text("attachment_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_consent_attachment_id"),
            "attachment",
            ["attachment_id"],
            ["id"],
            ondelete="SET NULL",
            initially="IMMEDIATE",
            deferrable=True,
        )

    with op.batch_alter_table("custom_field", schema=None) as batch_op:
        batch_op.add_column(sa.Column("formula", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("roll_up", JsonType(), nullable=True))
        batch_op.add_column(sa.Column("visible_when", JsonType(), nullable=True))
        batch_op.add_column(sa.Column("required_when", JsonType(), nullable=True))
        batch_op.add_column(sa.Column("default_value", JsonType(), nullable=True))
        batch_op.add_column(sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reply_to", sa.BigInteger(), nullable=True))
        batch_op.create_index(
            "ix_note_reply_to",
            ["reply_to"],
            unique=False,
            sqlite_where=sa.text("reply_to IS NOT NULL"),
            postgresql_where=sa.text("reply_to IS NOT NULL"),
        )

    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.add_column(sa.Column("layout", JsonType(), nullable=True))
        batch_op.add_column(sa.Column("team_id", sa.BigInteger(), nullable=True))
        batch_op.create_index(
            "ix_saved_view_team_id",
            ["team_id"],
            unique=False,
            sqlite_where=sa.text("team_id IS NOT NULL"),
            postgresql_where=sa.text("team_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_saved_view_team_id"),
            "team",
            ["team_id"],
            ["id"],
            ondelete="SET NULL",
            initially="IMMEDIATE",
            deferrable=True,
        )
