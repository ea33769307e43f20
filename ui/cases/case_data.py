"""What the page of a case shows, read in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crm_desktop.cases import queries as cases
from crm_desktop.cases.clocks import Clock
from crm_desktop.cases.queries import Entry
from crm_desktop.core.errors import RecordGone
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.filters import all_of, from_json, where
from crm_desktop.core.text import fold
from crm_desktop.records import custom, files_service, queries
from crm_desktop.records.files_service import FileRow
from crm_desktop.records.queries import Record
from ui.cases.queue_list import QueueItem, closed_item, item_of
from ui.records.shown import text_of

MOST_CLOSED = 200
_CLOSED_FIELDS = (
    "number", "subject", "company_id", "contact_id", "priority", "owner_id", "status", "solved_at", "closed_at",
)  # fmt: skip
OPEN, RISK, OVERDUE, CLOSED, ANY = "", "at_risk", "overdue", "closed", "any"


@dataclass(frozen=True)
class Customer:
    """Who reported it: the person or, where none is named, the company; and how to reach them."""

    entity: str = ""
    id: int = 0
    name: str = ""
    company_id: int = 0
    company: str = ""
    phones: tuple[tuple[str, str], ...] = ()
    """(as written, as dialled)"""
    email: str = ""


@dataclass(frozen=True)
class CaseData:
    """One case whole."""

    record: Record
    fields: Sequence[Field]
    clocks: tuple[Clock, Clock, Clock]
    entries: Sequence[Entry]
    files: Sequence[FileRow]
    users: Mapping[int, str]
    customer: Customer
    others: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class QueueData:
    """The cases of a list, and how many there are of each sort."""

    items: Sequence[QueueItem]
    counts: cases.CaseCounts
    at_risk: int
    overdue: int
    more: bool = False


@dataclass(frozen=True)
class QueueQuery:
    """Which cases: whose ("mine", "unassigned", "all"), in which state, with which words, and a filter as JSON."""

    scope: str = "mine"
    state: str = OPEN
    text: str = ""
    filter: Any = field(default=None)


def read_queue(database: Any, connection: Any, wanted: QueueQuery, user_id: int | None) -> QueueData:
    """The cases that a query asks for, the next deadline first; closed ones newest first."""
    chosen = all_of(from_json(wanted.filter), *([where("@text", "search", wanted.text)] if wanted.text else []))
    scope: Any = wanted.scope
    rows = cases.queue(database, connection, scope=scope, filter=chosen, user_id=user_id)
    items = [item_of(row) for row in rows]
    risk, overdue = [one for one in items if one.urgent], [one for one in items if one.overdue]
    closed: list[QueueItem] = []
    if wanted.state in (CLOSED, ANY):
        closed = _closed(database, connection, scope, chosen, user_id)
    shown = {OPEN: items, RISK: risk, OVERDUE: overdue, CLOSED: closed, ANY: [*items, *closed]}[wanted.state]
    return QueueData(shown, cases.counts(connection, user_id), len(risk), len(overdue), more=len(closed) == MOST_CLOSED)


def _closed(database: Any, connection: Any, scope: str, chosen: Any, user_id: int | None) -> list[QueueItem]:
    whose = {"mine": where("owner_id", "eq", user_id or -1), "unassigned": where("owner_id", "empty")}.get(scope)
    condition = all_of(chosen, where("status", "in", ["solved", "closed"]), *([whose] if whose else []))
    ids = queries.find_ids(
        database, connection, "case", filter=condition, sort=[("solved_at", True)], user_id=user_id, limit=MOST_CLOSED
    )
    rows = queries.fetch_rows(database, connection, "case", list(ids), _CLOSED_FIELDS)
    return [
        closed_item(
            row.id, v["number"] or "", v["subject"] or "", str(v["company_id"] or v["contact_id"] or ""), v["priority"],
            str(v["owner_id"] or ""), v["status"], v["solved_at"] or v["closed_at"],
        )
        for row in rows for v in (row.values,)
    ]  # fmt: skip


def read_case(database: Any, connection: Any, case_id: int) -> CaseData:
    """One case with its conversation, clocks, files and customer.

    Raises:
        RecordGone: it was deleted.
    """
    record = queries.get_record(database, connection, "case", case_id)
    files = files_service.attachments_of(connection, case_id)
    contact, company = record.values.get("contact_id"), record.values.get("company_id")
    others = cases.cases_of(
        connection, contact_id=getattr(contact, "id", None), company_id=getattr(company, "id", None), without=case_id,
        limit=5,
    )  # fmt: skip
    opened = record.values["created_at"]
    entries = [
        # what was imported was opened before it came here
        replace(one, at=opened) if one.kind == "opened" else one
        for one in cases.conversation(database, connection, case_id)
    ]
    return CaseData(
        record, custom.fields_of(database, "case", connection), cases.case_clocks(connection, case_id), entries, files,
        _users(database, connection),
        _customer(database, connection, contact, company), others,
    )  # fmt: skip


def _users(database: Any, connection: Any) -> dict[int, str]:
    """The people of the office by id, in the order of their names; those who left stay known."""
    ids = queries.find_ids(database, connection, "user")
    names = queries.titles(database.schema, connection, "user", list(ids))
    return dict(sorted(names.items(), key=lambda pair: fold(pair[1])))


def working_users(database: Any, connection: Any) -> list[tuple[int, str]]:
    """(id, name) of the people who work here, by name."""
    ids = queries.find_ids(database, connection, "user", filter=where("active", "eq", True))
    names = queries.titles(database.schema, connection, "user", list(ids))
    return sorted(names.items(), key=lambda pair: fold(pair[1]))


def _customer(database: Any, connection: Any, contact: Any, company: Any) -> Customer:
    person = contact or company
    if person is None:
        return Customer()
    entity = "contact" if contact else "company"
    try:
        record = queries.get_record(database, connection, entity, person.id)
    except RecordGone:
        return Customer()
    fields = database.schema.entity(entity).fields
    phones = [
        (text_of(one, value), str(value)) for one in fields
        if one.kind is Kind.PHONE and "fax" not in one.name and (value := record.values.get(one.name))
    ]  # fmt: skip
    emails = [str(value) for one in fields if one.kind is Kind.EMAIL and (value := record.values.get(one.name))]
    return Customer(
        entity, person.id, person.title, getattr(company, "id", 0) if contact else 0,
        getattr(company, "title", "") if contact else "", tuple(dict.fromkeys(phones)), emails[0] if emails else "",
    )  # fmt: skip
