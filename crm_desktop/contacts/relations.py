"""How people and companies belong together: further companies of a person, and relationships between any two."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.contacts.choices import RELATIONSHIPS
from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record


class Affiliation(Record, Base):
    """A person works, or worked, for a company besides the one in ``contact.company_id``."""

    __tablename__ = "affiliation"
    __table_args__ = (
        sa.Index("ix_affiliation_contact_id", "contact_id"),
        sa.Index("ix_affiliation_company_id", "company_id"),
        {
            "info": {
                "parent": "contact_id",
                "plural": N_("Further companies"),
                "same": ("contact_id", "company_id", "role", "since", "until"),
            }
        },
    )

    contact_id = base.link(N_("Contact"), "contact", on_delete="CASCADE", required=True, index=False)
    company_id = base.link(N_("Company"), "company", on_delete="CASCADE", required=True, index=False)
    role = base.text(N_("Role"))
    since = base.day(N_("Since"))
    until = base.day(N_("Until"))
    note = base.text(N_("Note"))


class Relationship(Record, Base):
    """What one person or company is to another: ``to_id`` is the ``kind`` of ``from_id``.

    It goes with either of them.
    """

    __tablename__ = "relationship"
    __table_args__ = (
        sa.Index("ix_relationship_from_id", "from_id"),
        sa.Index("ix_relationship_to_id", "to_id"),
        {
            "info": {
                "parent": "from_id",
                "refers": "to_id",
                "plural": N_("Relationships"),
                "same": ("from_id", "to_id", "kind"),
                "apart": ("from_id", "to_id"),
            }
        },
    )

    from_entity = base.text(N_("Record type"), required=True)
    from_id = sa.Column(sa.BigInteger, nullable=False)
    to_entity = base.text(N_("Record type"), required=True)
    to_id = sa.Column(sa.BigInteger, nullable=False)
    kind = base.choice(N_("Relationship"), RELATIONSHIPS, required=True)
    note = base.text(N_("Note"))
    since = base.day(N_("Since"))


class Erasure(Record, Base):
    """The mark that a person was erased: when, by whom, why and how much; nothing about the person."""

    __tablename__ = "erasure"
    __table_args__ = {"info": {"entity": True, "everything": True, "rights": "erase"}}

    entity = base.text(N_("Record type"), required=True)
    record_id = sa.Column(sa.BigInteger, nullable=False)
    reason = base.text(N_("Reason"))
    asked_by = base.text(N_("Asked by"))
    counts = base.of_kind(Kind.JSON, N_("What was erased"))


ERASURE = base.entity(
    Erasure, label=N_("Erasure"), plural=N_("Erasures"), new_label=N_("Erasure"), icon="ph.eraser",
    title_field="reason", list_columns=("reason",), searchable=False, importable=False, listed=False,
)  # fmt: skip
