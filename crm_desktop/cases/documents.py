"""A case on paper: what it is about, its deadlines, and the whole conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crm_desktop.cases.clocks import Clock
from crm_desktop.cases.queries import Entry, case_clocks, conversation
from crm_desktop.cases.words import channel_text, clock_name, clock_note, clock_text, priority_text, status_text
from crm_desktop.core import clock
from crm_desktop.core.formats import format_datetime
from crm_desktop.core.i18n import _, translate
from crm_desktop.db.database import Database
from crm_desktop.records.queries import Record, get_record
from crm_desktop.reporting.document import Column, Document, Heading, Organisation, Row, Spacer, Table, Text

_FACTS = ("company_id", "contact_id", "product_id", "owner_id", "team_id")


def case_document(
    database: Database, connection: sa.Connection, case_id: int, *, author: str, office: str, internal: bool = True
) -> Document:
    """The document of a case.

    Args:
        author: who prints it.
        office: the name of the office.
        internal: with the notes among us; without them the page can be given to the customer.

    Raises:
        RecordGone: it was deleted.
    """
    record = get_record(database, connection, "case", case_id)
    blocks: list[Any] = [_facts(database, record), Spacer(6), _deadlines(case_clocks(connection, case_id))]
    blocks += [Spacer(8), Heading(_("Conversation"), 2)]
    for entry in conversation(database, connection, case_id):
        if entry.kind in ("in", "out") or (entry.kind == "internal" and internal):
            blocks += [Text(_headline(entry), bold=True), Text(entry.body), Spacer(4)]
    solution = record.values.get("solution")
    if solution:
        blocks += [Spacer(4), Heading(_("Solution"), 2), Text(str(solution))]
    return Document(
        record.title, tuple(blocks), subtitle=str(record.values.get("number") or ""), as_of=clock.now(), author=author,
        organisation=Organisation(office), landscape=False,
    )  # fmt: skip


def _facts(database: Database, record: Record) -> Table:
    values, fields = record.values, database.schema.entity("case")
    lines = [
        (_("Status"), status_text(values["status"])), (_("Priority"), priority_text(values["priority"])),
        (_("Channel"), channel_text(values["channel"])), (_("Opened"), format_datetime(values["created_at"])),
    ]  # fmt: skip
    lines += [(translate(fields.field(name).label), str(values[name])) for name in _FACTS if values.get(name)]
    return _table(_("Case"), _("Value"), lines)


def _deadlines(clocks: Sequence[Clock]) -> Table:
    lines = [(clock_name(one.kind), f"{clock_text(one)}  {clock_note(one)}") for one in clocks if one.state != "none"]
    return _table(_("Deadline"), _("State"), lines)


def _table(first: str, second: str, lines: Sequence[tuple[str, str]]) -> Table:
    columns = (Column("name", first, weight=1), Column("value", second, weight=3))
    return Table(columns, tuple(Row(line) for line in lines), name=first)


def _headline(entry: Entry) -> str:
    kind = _("Internal note") if entry.kind == "internal" else channel_text(entry.channel)
    return ", ".join(part for part in (entry.author, kind, format_datetime(entry.at)) if part)
