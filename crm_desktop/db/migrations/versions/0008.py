"""Backups of an office; a history that can be compacted; occurrences that outlive their series; logs of merges that tell less."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crm_desktop.db.types import Instant, JsonType

_SENSITIVE = {"contact": ("tax_id", "gender"), "company": ("revenue",), "product": ("cost",)}
"""The sensitive fields of released versions, by record type."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "backup_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("proven_at", Instant(), nullable=True),
        sa.Column("computer", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("encrypted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("report", JsonType(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_run")),
        sa.UniqueConstraint("due_at", name=op.f("uq_backup_run_due_at")),
    )
    with op.batch_alter_table("backup_run", schema=None) as batch_op:
        batch_op.create_index("ix_backup_run_started_at", ["started_at"], unique=False)
    op.add_column("change_set", sa.Column("compacted_at", Instant(), nullable=True))
    op.add_column("change_set", sa.Column("touched", JsonType(), nullable=True))
    _count_touched()
    op.create_index("ix_change_set_user_id", "change_set", ["user_id", "id"], unique=False)
    op.create_index("ix_change_set_user_name", "change_set", ["user_name", "id"], unique=False)
    for name, table, columns, where in (
        ("ix_change_set_kind", "change_set", ["kind", "id"], sa.text("kind <> 'edit'")),
        ("ix_change_deleted", "change", ["id", "table_name"], sa.text("op = 'D'")),
    ):
        op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)
    for table in ("company", "contact"):  # with who may see a record, so that its row need not be read for that
        op.drop_index(f"ix_{table}_sort_name", table_name=table)
        op.create_index(f"ix_{table}_sort_name", table, ["sort_name", "id", "owner_id", "created_by"], unique=False)
    op.add_column("custom_field", sa.Column("sensitive", sa.Boolean(), server_default=sa.false(), nullable=False))

    # an occurrence that became a record of its own stays when its series goes: it may be a colleague's
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_activity_series_id"), type_="foreignkey")
        batch_op.create_foreign_key(
            op.f("fk_activity_series_id"), "activity", ["series_id"], ["id"], ondelete="SET NULL",
            initially="IMMEDIATE", deferrable=True,
        )  # fmt: skip
    _forget_merged()


def _count_touched() -> None:
    """Note in each change set how many rows of which tables it touched."""
    gather = "json_group_object" if op.get_bind().dialect.name == "sqlite" else "jsonb_object_agg"
    op.execute(
        f"UPDATE change_set SET touched = told.touched FROM (SELECT change_set_id, {gather}(table_name, n) AS touched FROM "
        "(SELECT change_set_id, table_name, count(*) AS n FROM change WHERE change_set_id IS NOT NULL "
        "GROUP BY change_set_id, table_name) counted GROUP BY change_set_id) told WHERE told.change_set_id = change_set.id"
    )


def _forget_merged() -> None:
    """Take out of the log of merges, and of its history, what it told of sensitive fields."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for entity, names in _SENSITIVE.items():
        if sqlite:
            paths = ", ".join(f"'$.{name}'" for name in names)
            inner = ", ".join(f"'$.loser_values.{name}'" for name in names)
            op.execute(
                f"UPDATE merge_log SET loser_values = json_remove(loser_values, {paths}) "
                f"WHERE entity = '{entity}' AND json_type(loser_values) = 'object'"
            )
            op.execute(
                f"UPDATE change SET data = json_remove(data, {inner}) WHERE table_name = 'merge_log' AND op = 'D' "
                f"AND json_extract(data, '$.entity') = '{entity}' AND json_type(data, '$.loser_values') = 'object'"
            )
            continue
        keys = "ARRAY[" + ", ".join(f"'{name}'" for name in names) + "]"
        op.execute(
            f"UPDATE merge_log SET loser_values = loser_values - {keys} "
            f"WHERE entity = '{entity}' AND jsonb_typeof(loser_values) = 'object'"
        )
        op.execute(
            f"UPDATE change SET data = jsonb_set(data, '{{loser_values}}', (data->'loser_values') - {keys}) "
            f"WHERE table_name = 'merge_log' AND op = 'D' AND data->>'entity' = '{entity}' "
            "AND jsonb_typeof(data->'loser_values') = 'object'"
        )
