"""What the office configures: saved views, custom fields, settings, number series; and its import batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Choice, Kind
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.office_settings import title_of
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record, Row
from crm_desktop.db.types import Instant, JsonType

SCOPES = (Choice("private", N_("Only me")), Choice("team", N_("My team")), Choice("everyone", N_("Everyone")))
BATCH_STATES = (Choice("done", N_("Imported"), 3), Choice("undone", N_("Undone"), 8))


class SavedView(Record, Base):
    """A list as somebody likes it: filter, columns, sorts and grouping, under a name."""

    __tablename__ = "saved_view"
    __table_args__ = {"info": {"rights": "views", "entity": True}}

    entity = base.text(N_("Record type"), required=True)
    name = base.text(N_("Name"), required=True)
    scope = base.choice(N_("Visible to"), SCOPES, required=True, default="private")
    owner_id = base.user(N_("Owner"))
    position = base.integer(N_("Position"))
    filter = base.of_kind(Kind.JSON, N_("Filter"))
    columns = base.of_kind(Kind.JSON, N_("Columns"))
    sort = base.of_kind(Kind.JSON, N_("Sort"))
    layout = base.of_kind(Kind.JSON, N_("Grouping and totals"))
    team_id = base.link(N_("Team"), "team")


class CustomField(Record, Base):
    """A field that the office added to a record type. Records keep its values in ``custom`` under ``key``."""

    __tablename__ = "custom_field"
    __table_args__ = (sa.UniqueConstraint("entity", "key"), {"info": {"rights": "settings", "entity": True}})

    entity = base.text(N_("Record type"), required=True)
    key = base.text(N_("Key"), required=True)
    label = base.text(N_("Label"), required=True)
    kind = base.text(N_("Kind"), required=True)
    section = base.text(N_("Section"))
    help = base.text(N_("Help"))
    position = base.integer(N_("Position"))
    required = base.flag(N_("Required"))
    searchable = base.flag(N_("Found by search"))
    in_list = base.flag(N_("Offered in lists"), default=True)
    options = base.of_kind(Kind.JSON, N_("Choices"))
    target = base.text(N_("Links to"))
    aliases = base.of_kind(Kind.JSON, N_("Import names"))
    formula = base.long_text(N_("Formula"))
    roll_up = base.of_kind(Kind.JSON, N_("Roll-up"))
    visible_when = base.of_kind(Kind.JSON, N_("Shown only if"))
    required_when = base.of_kind(Kind.JSON, N_("Required only if"))
    default_value = base.of_kind(Kind.JSON, N_("Starts as"))
    hidden = base.flag(N_("Hidden"))
    sensitive = base.flag(N_("Sensitive"))


class FormLayout(Record, Base):
    """The form of a record type as the office arranged it: sections in their order, each with its fields.

    ``sections`` is [{"key", "label", "fields": [names]}]; fields that stand in none come last, in their own section.
    ``rules`` holds conditions of declared fields: {name: {"visible_when": filter, "required_when": filter}}.
    """

    __tablename__ = "form_layout"
    __table_args__ = (sa.UniqueConstraint("entity"), {"info": {"rights": "settings", "entity": True}})

    entity = base.text(N_("Record type"), required=True)
    sections = base.of_kind(Kind.JSON, N_("Sections"))
    hidden = base.of_kind(Kind.JSON, N_("Hidden fields"))
    rules = base.of_kind(Kind.JSON, N_("Conditions"))


class QualitySample(Row, Base):
    """How clean the data of a record type was on a day: {"measure": count}. For the trend; not part of the history."""

    __tablename__ = "quality_sample"
    __table_args__ = (sa.UniqueConstraint("entity", "day"), {"info": {"rights": "shared", "history": False}})

    entity = sa.Column(sa.Text, nullable=False)
    day = sa.Column(sa.Date, nullable=False)
    measures = sa.Column(JsonType, nullable=False)
    checked_at = sa.Column(Instant)


class QualityFlag(Base):
    """A value that the last check found wrong and that SQL cannot judge by itself: tax numbers. Made anew by every check.

    It counts only while the record still has this value, so that what was corrected leaves the list at once.
    """

    __tablename__ = "quality_flag"
    __table_args__ = (
        sa.Index("ix_quality_flag_record_id", "record_id"),
        {"info": {"history": False, "local": True, "derived": True, "about": "record_id", "sensitive": True}},
    )

    id = sa.Column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True)
    entity = sa.Column(sa.Text, nullable=False)
    record_id = sa.Column(sa.BigInteger, nullable=False)
    measure = sa.Column(sa.Text, nullable=False)
    value = sa.Column(sa.Text, nullable=False)


class MergeLog(Record, Base):
    """A record that was merged into another: what it held, and what was moved; the change set has every detail.

    ``loser_values`` are the values of the lost record by field name, as JSON; ``counts`` the moved rows by table.
    """

    __tablename__ = "merge_log"
    __table_args__ = (
        sa.Index("ix_merge_log_winner_id", "winner_id"),
        sa.Index("ix_merge_log_loser_id", "loser_id"),
        {"info": {"parent": "winner_id", "attached": True, "plural": N_("Merges")}},
    )

    entity = base.text(N_("Record type"), required=True)
    winner_id = sa.Column(sa.BigInteger, nullable=False)
    loser_id = sa.Column(sa.BigInteger, nullable=False)
    loser_title = base.text(N_("Merged record"))
    loser_values = base.of_kind(Kind.JSON, N_("Its values"))
    counts = base.of_kind(Kind.JSON, N_("What was moved"))
    merge_set_id = sa.Column(sa.BigInteger)


class ImportBatch(Record, Base):
    """One import that was carried out: the file, the mapping, the counts, the rejected rows.

    ``digest`` is the SHA-256 of the file, by which a scheduled import knows what it has imported already.
    """

    __tablename__ = "import_batch"
    __table_args__ = {"info": {"rights": "import", "entity": True}}

    file_name = base.text(N_("File"), required=True)
    entity = base.text(N_("Record type"), required=True)
    state = base.choice(N_("State"), BATCH_STATES, required=True, default="done")
    rows = base.integer(N_("Rows"))
    created = base.integer(N_("Created"))
    updated = base.integer(N_("Updated"))
    unchanged = base.integer(N_("Unchanged"))
    duplicates = base.integer(N_("Duplicates"))
    rejected = base.integer(N_("Rejected"))
    seconds = base.number(N_("Seconds"))
    plan = base.of_kind(Kind.JSON, N_("Mapping"))
    rejects = base.of_kind(Kind.JSON, N_("Rejected rows"))
    change_set_id = sa.Column(sa.BigInteger)
    restored = base.integer(N_("Restored"))
    part = base.text(N_("Part of the file"))
    digest = base.text(N_("Contents"))


class ImportRecipe(Record, Base):
    """How files with the same columns are imported: the accepted plans, recognised by the file's fingerprint.

    ``content`` is {"version", "parts": [{"member", "sheet", "fingerprint", "keys", "given", "plan"}]}; see
    ``crm_desktop/importing/recipes.py``. Several recipes may know the same files; the one used last is taken.
    """

    __tablename__ = "import_recipe"
    __table_args__ = (
        sa.Index("ix_import_recipe_fingerprint", "fingerprint"),
        {"info": {"rights": "import", "entity": True}},
    )

    name = base.text(N_("Name"), required=True)
    fingerprint = base.text(N_("Fingerprint"), required=True)
    file_name = base.text(N_("File"))
    content = base.of_kind(Kind.JSON, N_("Mapping"))
    used = base.integer(N_("Times used"))
    used_at = base.instant(N_("Last used"))


class OfficeSetting(Record, Base):
    """A setting of the whole office: its name, address, currency, country, deadlines, backup plan."""

    __tablename__ = "office_setting"
    __table_args__ = (sa.UniqueConstraint("key"), {"info": {"rights": "settings", "entity": True}})

    key = base.text(N_("Key"), required=True)
    value = base.of_kind(Kind.JSON, N_("Value"))


class NumberSeries(Row, Base):
    """The last number drawn of a series ("case-2026"); drawn in the transaction that uses it, so without gaps."""

    __tablename__ = "number_series"
    __table_args__ = (sa.UniqueConstraint("series"), {"info": {"rights": "shared", "history": False}})

    series = sa.Column(sa.Text, nullable=False)
    last = sa.Column(sa.BigInteger, nullable=False, server_default="0")


def _plain(
    model: type[Base], label: str, plural: str, title: str, words: Callable[[Any, str], str] | None = None
) -> Entity:
    return base.entity(model, label=label, plural=plural, new_label=label, icon="ph.gear", title_field=title,
                       searchable=False, importable=False, listed=False, title_words=words)  # fmt: skip


def _form_title(schema: Any, entity: str) -> str:
    return translate(schema.entities[entity].plural) if entity in schema.entities else entity


SAVED_VIEW = _plain(SavedView, N_("Saved view"), N_("Saved views"), "name")
CUSTOM_FIELD = _plain(CustomField, N_("Custom field"), N_("Custom fields"), "label")
IMPORT_BATCH = _plain(ImportBatch, N_("Import"), N_("Imports"), "file_name")
IMPORT_RECIPE = _plain(ImportRecipe, N_("Import recipe"), N_("Import recipes"), "name")
OFFICE_SETTING = _plain(OfficeSetting, N_("Office setting"), N_("Office settings"), "key",
                        lambda schema, key: title_of(schema.settings, key))  # fmt: skip
FORM_LAYOUT = _plain(FormLayout, N_("Form"), N_("Forms"), "entity", _form_title)
ENTITIES = (SAVED_VIEW, CUSTOM_FIELD, FORM_LAYOUT, IMPORT_BATCH, IMPORT_RECIPE, OFFICE_SETTING)
