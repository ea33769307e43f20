"""What the search for duplicates keeps: rules of the office, pairs that are no duplicates, and what the last scan found."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.fields import Choice, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record, Row
from crm_desktop.db.types import Instant, JsonType

MOMENTS = (Choice("typing", N_("While typing")), Choice("import", N_("Import")), Choice("scan", N_("Search")))

MARK = -1
"""The score of the row that says when a record type was searched; it stands for no pair."""


class DuplicateRule(Record, Base):
    """How two records of a type are compared at a moment. ``comparisons`` is a list of {"field", "how", "weight"}."""

    __tablename__ = "duplicate_rule"
    __table_args__ = ({"info": {"entity": True, "rights": "settings"}},)

    entity = base.text(N_("Record type"), required=True)
    moment = base.choice(N_("Used for"), MOMENTS, required=True)
    name = base.text(N_("Name"), required=True)
    active = base.flag(N_("Active"), default=True)
    position = base.integer(N_("Position"))
    look_from = base.integer(N_("Look from"))
    same_from = base.integer(N_("Same from"))
    comparisons = base.of_kind(Kind.JSON, N_("Comparisons"))


class NotDuplicate(Row, Base):
    """Two records that somebody said are not the same; ``first_id`` is the smaller id. For the whole office."""

    __tablename__ = "not_duplicate"
    __table_args__ = (
        sa.UniqueConstraint("first_id", "second_id"),
        sa.Index("ix_not_duplicate_second_id", "second_id"),
        {
            "info": {
                "parent": "first_id",
                "refers": "second_id",
                "apart": ("first_id", "second_id"),
                "ordered": True,
                "plural": N_("Pairs that are not the same"),
            }
        },
    )

    entity = base.text(N_("Record type"), required=True)
    first_id = sa.Column(sa.BigInteger, nullable=False)
    second_id = sa.Column(sa.BigInteger, nullable=False)


class DuplicatePair(Base):
    """A pair that the last scan found; ``first_id`` is the smaller id, ``reasons`` is JSON. Made anew by every scan."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        sa.Index("ix_duplicate_pair_score", "entity", "score"),
        sa.Index("ix_duplicate_pair_first_id", "first_id"),
        sa.Index("ix_duplicate_pair_second_id", "second_id"),
        {"info": {"history": False, "local": True, "derived": True, "about": "first_id", "sensitive": True}},
    )

    id = sa.Column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True)
    entity = sa.Column(sa.Text, nullable=False)
    first_id = sa.Column(sa.BigInteger, nullable=False)
    second_id = sa.Column(sa.BigInteger, nullable=False)
    score = sa.Column(sa.Integer, nullable=False)
    reasons = sa.Column(JsonType)
    found_at = sa.Column(Instant)


DUPLICATE_RULE = base.entity(
    DuplicateRule, label=N_("Duplicate rule"), plural=N_("Duplicate rules"), new_label=N_("New rule"),
    icon="ph.intersect", title_field="name", searchable=False, importable=False, listed=False,
)  # fmt: skip
