"""What hangs on any record: tags, notes and attachments."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record, Row
from crm_desktop.db.types import Instant


class Tag(Record, Base):
    """A word that groups records of any type."""

    __tablename__ = "tag"
    __table_args__ = (sa.UniqueConstraint("key"), {"info": {"rights": "tags", "entity": True}})

    name = base.text(N_("Name"), required=True, in_list=True)
    key = base.text(N_("Key"), in_form=False, system=True)
    hue = base.integer(N_("Colour"))


class RecordTag(Row, Base):
    """A record has a tag."""

    __tablename__ = "record_tag"
    __table_args__ = (
        sa.UniqueConstraint("record_id", "tag_id"),
        sa.Index("ix_record_tag_tag_id", "tag_id", "record_id"),
        {"info": {"parent": "record_id", "attached": True, "plural": N_("Tags")}},
    )

    tag_id = base.link(N_("Tag"), "tag", on_delete="CASCADE", required=True, index=False)
    entity = base.text(N_("Record type"), required=True)
    record_id = sa.Column(sa.BigInteger, nullable=False)


class ExternalId(Row, Base):
    """What another program calls a record: its id there, so that the next export of that program finds it again.

    ``source`` names the other program, or the kind of file where it is not known ("salesforce", "erp", "").
    """

    __tablename__ = "external_id"
    __table_args__ = (
        sa.UniqueConstraint("record_id", "source", "value"),
        sa.Index("ix_external_id_value", "value", "entity", "source"),
        {"info": {"parent": "record_id", "attached": True, "plural": N_("Ids in other programs")}},
    )

    entity = base.text(N_("Record type"), required=True)
    record_id = sa.Column(sa.BigInteger, nullable=False)
    source = base.text(N_("Program"), required=True)
    value = base.text(N_("Id"), required=True)


class Note(Record, Base):
    """A text about a record, maybe pinned above its timeline.

    ``reply_to`` is the id of the note, activity or file that it comments on; ids are unique in the whole database.
    """

    __tablename__ = "note"
    __table_args__ = (
        sa.Index("ix_note_record_id", "record_id", "created_at"),
        {"info": {"rights": "words", "entity": True, "parent": "record_id", "attached": True}},
    )

    entity = base.text(N_("Record type"), required=True, in_form=False)
    record_id = sa.Column(sa.BigInteger, nullable=False)
    body = base.long_text(N_("Note"), required=True, searchable=True)
    pinned = base.flag(N_("Pinned"))
    reply_to = sa.Column(sa.BigInteger, info={"index": True, "follows": True})


class Mention(Row, Base):
    """A note names a colleague ("@Renata"), who has read it or not yet."""

    __tablename__ = "mention"
    __table_args__ = (
        sa.Index("ix_mention_user_id", "user_id", "read_at"),
        sa.Index("ix_mention_note_id", "note_id"),
        {"info": {"rights": "mention", "parent": "note_id", "plural": N_("Mentions")}},
    )

    note_id = base.link(N_("Note"), "note", on_delete="CASCADE", required=True, index=False)
    user_id = base.link(N_("User"), "user", table="user_account", on_delete="CASCADE", required=True, index=False)
    read_at = base.instant(N_("Read"))


class Attachment(Record, Base):
    """A file that belongs to a record. Its content is in the revision, by hash."""

    __tablename__ = "attachment"
    __table_args__ = (
        sa.Index("ix_attachment_record_id", "record_id"),
        {"info": {"entity": True, "parent": "record_id", "attached": True}},
    )

    entity = base.text(N_("Record type"), required=True, in_form=False)
    record_id = sa.Column(sa.BigInteger, nullable=False)
    name = base.text(N_("File name"), required=True, searchable=True)
    media_type = base.text(N_("Type"))
    size = base.integer(N_("Size"))
    revision = base.integer(N_("Revision"))
    sha256 = base.text(N_("Hash"), in_form=False)
    checked_out_by = base.user(N_("Being edited by"))
    checked_out_at = base.instant(N_("Being edited since"))


class AttachmentRevision(Record, Base):
    """One state of a file: its content by hash, who brought it and why."""

    __tablename__ = "attachment_revision"
    __table_args__ = (
        sa.Index("ix_attachment_revision_attachment", "attachment_id"),
        {"info": {"parent": "attachment_id", "plural": N_("Revisions")}},
    )

    attachment_id = base.link(N_("Attachment"), "attachment", on_delete="CASCADE", required=True, index=False)
    revision = base.integer(N_("Revision"), required=True)
    sha256 = base.text(N_("Hash"), required=True, index=True)
    size = base.integer(N_("Size"))
    comment = base.text(N_("Comment"))


class Blob(Row, Base):
    """The bytes of files, each once, found by their SHA-256. Never deleted while the history may need them.

    ``content`` holds them where they are few; those of a larger file are in the parts, and ``content`` is empty.
    """

    __tablename__ = "blob"
    __table_args__ = (sa.UniqueConstraint("sha256"), {"info": {"rights": "blob", "history": False}})

    sha256 = sa.Column(sa.Text, nullable=False)
    size = sa.Column(sa.BigInteger, nullable=False)
    content = sa.Column(sa.LargeBinary, nullable=False)
    stored_at = sa.Column(Instant)


class BlobPart(Row, Base):
    """A megabyte of a large file, so that nobody has to hold all of it in memory."""

    __tablename__ = "blob_part"
    __table_args__ = (sa.UniqueConstraint("blob_id", "number"), {"info": {"rights": "blob", "history": False}})

    blob_id = sa.Column(
        sa.BigInteger, sa.ForeignKey("blob.id", ondelete="CASCADE", deferrable=True, initially="IMMEDIATE"),
        nullable=False,
    )  # fmt: skip
    number = sa.Column(sa.Integer, nullable=False)
    content = sa.Column(sa.LargeBinary, nullable=False)


TAG = base.entity(
    Tag, label=N_("Tag"), plural=N_("Tags"), new_label=N_("New tag"), icon="ph.tag", title_field="name",
    list_columns=("name",), list_sort=("name", False), key_fields=("name",), searchable=False, importable=False,
    listed=False,
)  # fmt: skip
NOTE = base.entity(
    Note, label=N_("Note"), plural=N_("Notes"), new_label=N_("New note"), icon="ph.note-pencil", title_field="body",
    list_columns=("body",), list_sort=("created_at", True), importable=False, listed=False,
)  # fmt: skip
ATTACHMENT = base.entity(
    Attachment, label=N_("Attachment"), plural=N_("Attachments"), new_label=N_("New attachment"), icon="ph.paperclip",
    title_field="name", list_columns=("name", "size"), list_sort=("created_at", True), importable=False, listed=False,
)  # fmt: skip
