"""Consents: what a person allowed per purpose and channel. Rows are evidence: a new one supersedes, none is edited away."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.choices import CHANNELS, CONSENT_PURPOSES, CONSENT_STATES
from crm_desktop.contacts.numbers import Expressions
from crm_desktop.core.errors import FieldError, RecordGone
from crm_desktop.core.fields import LISTS_ONLY, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.queries import entity_of

ANY = "any"
GIVEN, REFUSED, WITHDRAWN = "given", "refused", "withdrawn"
_PART = 500

_SHOWN: dict[str, Any] = {
    "in_list": True, "in_form": False, "importable": False, "system": True, "computed": True, "section": LISTS_ONLY,
    "width": 120,
}  # fmt: skip
_FIELDS = {
    "may_email": ("marketing", "email", N_("Marketing by e-mail allowed")),
    "may_phone": ("marketing", "phone", N_("Marketing by phone allowed")),
    "may_letter": ("marketing", "letter", N_("Marketing by letter allowed")),
    "may_messenger": ("marketing", "messenger", N_("Marketing by messenger allowed")),
    "may_newsletter": ("newsletter", "email", N_("Newsletter allowed")),
}
COUNT = Field("consents_count", N_("Consents (count)"), Kind.INTEGER,
              help=N_("How many times somebody said yes or no; 0: never asked."), **_SHOWN)  # fmt: skip
CONSENT_FIELDS = (*(Field(name, label, Kind.BOOL, **_SHOWN) for name, (_p, _c, label) in _FIELDS.items()), COUNT)
"""Fields of contacts and companies for lists and filters: who may be written to today."""


@dataclass(frozen=True)
class ConsentRow:
    """One time that somebody said yes or no.

    Attributes:
        source: where that was said; ``wording`` the text that was shown; ``proof`` what proves it.
        attachment_id, attachment_name: the file that proves it, None and "" where there is none.
        by: who wrote it down.
        current: whether nothing later supersedes it.
    """

    id: int
    purpose: str
    channel: str
    state: str
    at: datetime | None
    source: str
    wording: str
    proof: str
    attachment_id: int | None
    attachment_name: str
    by: str
    current: bool


def record_consent(
    uow: UnitOfWork, owner_id: int, purpose: str, channel: str, state: str, *, source: str = "", wording: str = "",
    at: datetime | None = None, proof: str = "", attachment_id: int | None = None,
) -> int:  # fmt: skip
    """Write down what somebody allowed or refused; earlier ones stay as evidence. Returns the consent's id.

    Args:
        owner_id: the contact or company.
        channel: "any" stands for every channel.
        state: "given", "refused" or "withdrawn".
        at: when it was said; now where None.
        source: where that is written: "Form of 12 March", "phone".
        wording: the text that was shown.
        proof: in words where the proof is; ``attachment_id`` a file that is one.

    Raises:
        FieldError: a key is none of those known, the date is still to come, or nothing was given that can be withdrawn.
        RecordGone: the person or the file is not there.
    """
    for name, value, known in (
        ("purpose", purpose, CONSENT_PURPOSES), ("channel", channel, CHANNELS), ("state", state, CONSENT_STATES),
    ):  # fmt: skip
        if value not in {choice.key for choice in known}:
            raise FieldError(name, N_("“{text}” is none of those known."), text=value)
    if at is not None and at > uow.now:
        raise FieldError("at", N_("A consent cannot be of a day that is still to come."))
    connection = uow.connection
    if entity_of(uow.schema, connection, owner_id) not in ("contact", "company"):
        raise RecordGone("contact", owner_id)
    if state == WITHDRAWN and not _was_given(connection, owner_id, purpose, channel):
        raise FieldError("state", N_("Nothing was given that could be withdrawn. Choose “Refused”."))
    attachment = Base.metadata.tables["attachment"]
    if attachment_id is not None:
        found = sa.select(attachment.c.id).where(attachment.c.id == attachment_id, attachment.c.record_id == owner_id)
        if connection.execute(found).first() is None:
            raise RecordGone("attachment", attachment_id)
    return uow.insert("consent", {
        "owner_id": owner_id, "purpose": purpose, "channel": channel, "state": state, "source": source.strip() or None,
        "wording": wording.strip() or None, "at": at or uow.now, "proof": proof.strip() or None,
        "attachment_id": attachment_id,
    })  # fmt: skip


def _was_given(connection: sa.Connection, owner_id: int, purpose: str, channel: str) -> bool:
    consent = Base.metadata.tables["consent"]
    given = sa.select(consent.c.channel).where(
        consent.c.owner_id == owner_id, consent.c.purpose == purpose, consent.c.state == GIVEN
    )
    channels = set(connection.execute(given).scalars())
    return bool(channels) if channel == ANY else bool(channels & {channel, ANY})


def consents_of(connection: sa.Connection, owner_id: int) -> list[ConsentRow]:
    """Everything that a person allowed or refused, the latest first."""
    consent, attachment = Base.metadata.tables["consent"], Base.metadata.tables["attachment"]
    rows = connection.execute(
        sa.select(consent, attachment.c.name.label("file"), _writer(consent).label("writer"))
        .outerjoin(attachment, attachment.c.id == consent.c.attachment_id)
        .where(consent.c.owner_id == owner_id)
    ).mappings()
    ordered = sorted(rows, key=lambda row: (row["at"] is not None, row["at"], row["id"]), reverse=True)
    result = []
    superseded: set[tuple[str, str]] = set()
    for row in ordered:
        key = (row["purpose"], row["channel"])
        current = key not in superseded and (row["purpose"], ANY) not in superseded
        superseded.add(key)
        result.append(ConsentRow(
            row["id"], row["purpose"], row["channel"], row["state"], row["at"], row["source"] or "",
            row["wording"] or "", row["proof"] or "", row["attachment_id"], row["file"] or "", row["writer"] or "",
            current,
        ))  # fmt: skip
    return result


def count_of(connection: sa.Connection, owner_id: int) -> int:
    """How many entries the consents of a record have."""
    consent = Base.metadata.tables["consent"]
    counted = sa.select(sa.func.count()).select_from(consent).where(consent.c.owner_id == owner_id)
    return int(connection.execute(counted).scalar_one())


def _writer(consent: sa.FromClause) -> sa.ColumnElement[Any]:
    """Who wrote a consent down, as the history tells it."""
    change, change_set = Base.metadata.tables["change"], Base.metadata.tables["change_set"]
    return (
        sa.select(sa.func.max(change_set.c.user_name))
        .select_from(change.join(change_set, change_set.c.id == change.c.change_set_id))
        .where(change.c.record_id == consent.c.id, change.c.op == "I", change.c.table_name == "consent")
        .correlate(consent).scalar_subquery()
    )  # fmt: skip


def current_consents(connection: sa.Connection, owner_id: int) -> dict[tuple[str, str], ConsentRow]:
    """What holds today: (purpose, channel) to the latest row, "any channel" counted for each channel."""
    return current_of(consents_of(connection, owner_id))


def current_of(rows: Iterable[ConsentRow]) -> dict[tuple[str, str], ConsentRow]:
    """What holds of some rows, the latest first: a row for any channel holds for all, as long as none is later."""
    result: dict[tuple[str, str], ConsentRow] = {}
    for row in rows:
        channels = [choice.key for choice in CHANNELS] if row.channel == ANY else [row.channel]
        for channel in channels:
            result.setdefault((row.purpose, channel), row)
    return result


def allowed(table: sa.FromClause, purpose: str, channel: str) -> sa.ColumnElement[bool]:
    """The SQL condition that a person of ``table`` may be contacted for a purpose by a channel today."""
    consent = Base.metadata.tables["consent"].alias()
    latest = (
        sa.select(consent.c.state)
        .where(consent.c.owner_id == table.c.id, consent.c.purpose == purpose, consent.c.channel.in_([channel, ANY]))
        .order_by(sa.func.coalesce(consent.c.at, sa.literal(_LONG_AGO, consent.c.at.type)).desc(), consent.c.id.desc())
        .limit(1).correlate(table).scalar_subquery()
    )  # fmt: skip
    yes = sa.func.coalesce(latest, "") == GIVEN
    return yes & ~table.c.do_not_contact if "do_not_contact" in table.c else yes


_LONG_AGO = datetime.fromisoformat("1900-01-01T00:00:00+00:00")


def may_contact(connection: sa.Connection, ids: Collection[int], purpose: str, channel: str) -> set[int]:
    """Those of some contacts and companies who may be contacted for a purpose by a channel today."""
    wanted, found = list(ids), set[int]()
    for name in ("contact", "company"):
        table = Base.metadata.tables[name]
        for start in range(0, len(wanted), _PART):
            part = wanted[start : start + _PART]
            chosen = sa.select(table.c.id).where(table.c.id.in_(part), allowed(table, purpose, channel))
            found.update(connection.execute(chosen).scalars())
    return found


def last_wording(connection: sa.Connection, purpose: str, channel: str) -> str:
    """The text that was shown the last time anybody was asked for this purpose, best by the same channel; "" if none."""
    consent = Base.metadata.tables["consent"]
    rows = (
        sa.select(consent.c.wording)
        .where(consent.c.purpose == purpose, consent.c.wording.isnot(None))
        .order_by(sa.case((consent.c.channel == channel, 0), else_=1), consent.c.id.desc())
        .limit(1)
    )
    return connection.execute(rows).scalar() or ""


def _count(table: sa.FromClause) -> sa.ColumnElement[int]:
    consent = Base.metadata.tables["consent"].alias()
    counted = sa.select(sa.func.count()).select_from(consent).where(consent.c.owner_id == table.c.id)
    return counted.correlate(table).scalar_subquery()


def _allowed(purpose: str, channel: str) -> Any:
    return lambda table: allowed(table, purpose, channel)


EXPRESSIONS: Expressions = {}
for _entity in ("contact", "company"):
    EXPRESSIONS[_entity, COUNT.name] = _count
    for _name, (_purpose, _channel, _label) in _FIELDS.items():
        EXPRESSIONS[_entity, _name] = _allowed(_purpose, _channel)
