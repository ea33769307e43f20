"""The backups of an office as its database knows them: which computer makes one just now, what the last ones proved."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.types import Instant, JsonType


class BackupRun(Base):
    """One backup, from the moment that a computer took it upon itself; not part of what is backed up.

    ``due_at`` is the moment for which the plan wanted it, and unique: of several computers one makes it. ``seen_at``
    is renewed while it runs, so that another computer takes over where one went away. ``report`` is what its proof
    compared (see ``backup.proving``), for the certificate.
    """

    __tablename__ = "backup_run"
    __table_args__ = (
        sa.Index("ix_backup_run_started_at", "started_at"),
        sa.UniqueConstraint("due_at"),
        {"info": {"history": False, "local": True, "rights": "backup"}},
    )

    id = sa.Column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False)
    kind = sa.Column(sa.Text, nullable=False)
    """"daily", "hand", "migration", "import" or "restore": why it was made."""
    state = sa.Column(sa.Text, nullable=False)
    """"running", "proven", "made" (not proven) or "failed"."""
    due_at = sa.Column(Instant)
    started_at = sa.Column(Instant, nullable=False)
    seen_at = sa.Column(Instant, nullable=False)
    finished_at = sa.Column(Instant)
    proven_at = sa.Column(Instant)
    computer = sa.Column(sa.Text, nullable=False)
    user_name = sa.Column(sa.Text)
    path = sa.Column(sa.Text)
    size = sa.Column(sa.BigInteger)
    encrypted = sa.Column(sa.Boolean, nullable=False, server_default=sa.false())
    records = sa.Column(sa.BigInteger)
    problem = sa.Column(sa.Text)
    report = sa.Column(JsonType)
